"""One answer of the centre: what became of one entry, signed, and how the office learns which entry it is about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509

from kiosk.ca.batch import cms
from kiosk.ca.batch.cms import BadCms
from kiosk.ca.batch.entry import Entry, entry_id
from kiosk.ca.cmp.credentials import Credentials
from kiosk.ca.interface import ProtocolAlarm, WireKind
from kiosk.ca.messages import Malformed, decode_fields, encode_fields, text_of


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedAnswer:
    """A verified answer."""

    office: str
    to: str
    """Id of the entry."""
    number: int
    """Its number."""
    content: bytes
    """What the authority said, as `kiosk.ca.messages` and `kiosk.ca.status_messages` write it."""

    def require(self, office: str, kind: WireKind, message: bytes) -> None:
        """Raise `ProtocolAlarm` unless it is to that very message of that office."""
        if self.office != office:
            raise ProtocolAlarm("office: the answer is for another one")
        if self.to != entry_id(kind, message, self.number):
            raise ProtocolAlarm("order: the answer belongs to another message")


def sign_answer(office: str, entry: Entry, content: bytes, credentials: Credentials) -> bytes:
    """The centre's answer to one entry."""
    fields = {"office": office, "to": entry.id, "number": entry.number, "content": content.decode("ascii")}
    return cms.signed(encode_fields(fields), credentials)


def verified_answer(answer: bytes, signers: Sequence[x509.Certificate], now: datetime) -> SignedAnswer:
    """The answer, if one of `signers` has signed it. Raises `ProtocolAlarm`."""
    try:
        fields = decode_fields(cms.content_of(answer, signers, now))
        number = fields["number"]
        if type(number) is not int:
            raise TypeError
        return SignedAnswer(
            office=text_of(fields["office"]),
            to=text_of(fields["to"]),
            number=number,
            content=text_of(fields["content"]).encode("ascii"),
        )
    except BadCms as error:
        raise ProtocolAlarm(f"protection: {error}") from error
    except (Malformed, KeyError, TypeError, ValueError) as error:
        raise ProtocolAlarm("malformed: answer") from error


# --- what the office says to itself where there is no answer ----------------------------------------------------------


def waiting(identifier: str) -> bytes:
    """The entry is in the outbox or on its way."""
    return encode_fields({"waiting": identifier})


def absent(identifier: str) -> bytes:
    """The entry was never given to the outbox."""
    return encode_fields({"absent": identifier})
