"""The other side of a batch: opens it, has each order decided, and signs the answers.

Made for trials and drills with a TEST authority behind it; a certification authority has an officer and its own tools
for this, and `docs/authority.md` shows them the format.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa

from kiosk.ca.batch import files
from kiosk.ca.batch.answer import sign_answer
from kiosk.ca.batch.entry import Entry
from kiosk.ca.batch.files import Answers, BadBatch
from kiosk.ca.cmp.credentials import Credentials
from kiosk.ca.errors import AuthorityError
from kiosk.ca.interface import Done, Wire, WireKind
from kiosk.ca.messages import Malformed, decode_answer, decode_order, encode_answer, encode_order
from kiosk.ca.status_messages import decode_status, encode_settlement


class Deciding(Protocol):
    """Who decides: the built-in authority."""

    def exchange(self, wire: Wire) -> bytes:
        """See `CertificationAuthority`."""


class ChangeBook(Protocol):
    """Which change of a certificate's status came last, by the office's own count; durable."""

    def last(self, serial: str) -> int:
        """The highest number that was carried out; 0 for none."""

    def carried_out(self, serial: str, number: int) -> None:
        """Keep that this one was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A batch and what goes back for it."""

    office: str
    number: int
    answered: tuple[str, ...]
    """What the answers are about, in the order of the batch."""
    left: tuple[str, ...]
    """What could not be decided now, each with the reason; the office asks again."""
    file: bytes
    """The answers, encrypted for the office."""


class Centre:
    """Answers batches of the offices whose certificates `offices` gives by their numbers. `clock`: UTC."""

    def __init__(
        self,
        authority: Deciding,
        identity: Credentials,
        offices: Callable[[str], Sequence[x509.Certificate]],
        changes: ChangeBook,
        clock: Callable[[], datetime],
    ) -> None:
        self._authority = authority
        self._identity = identity
        self._offices = offices
        self._changes = changes
        self._clock = clock

    def answer(self, batch: bytes) -> Answered:
        """Decide every order of a batch; the same batch again gets the same certificates. Raises `BadBatch`."""
        key = self._identity.private_key
        if not isinstance(key, rsa.RSAPrivateKey):
            raise BadBatch("the centre's own key is not RSA")
        signed = files.open_envelope(batch, self._identity.certificate, key)
        office = files.claimed_office(signed)
        manifest = files.verified_manifest(signed, self._offices(office), self._clock())
        answers, answered, left = [], [], []
        for entry in manifest.entries:
            try:
                content = self._decided(office, entry)
            except (AuthorityError, Malformed) as error:
                left.append(f"{entry.about}: {str(error) or type(error).__name__}")
                continue
            answers.append(sign_answer(office, entry, content, self._identity))
            answered.append(entry.about)
        # Without its receipt the office sends the batch again, and what was left is decided then.
        receipt = b"" if left else files.sign_receipt(office, batch, self._identity)
        sealed = files.seal_answers(Answers(receipt=receipt, answers=tuple(answers)), manifest.reply_key)
        return Answered(office=office, number=manifest.number, answered=tuple(answered), left=tuple(left), file=sealed)

    def _decided(self, office: str, entry: Entry) -> bytes:
        return self._changed(entry) if entry.kind is WireKind.STATUS else self._certified(office, entry)

    def _certified(self, office: str, entry: Entry) -> bytes:
        """Offices count their cases by themselves, so an order is known by office and content as well."""
        order = decode_order(entry.message)
        own_id = f"{office}/{order.request.order_id}/{entry.id[:16]}"
        asked = encode_order(replace(order, request=replace(order.request, order_id=own_id)))
        _, content = decode_answer(self._authority.exchange(Wire(body=asked)))
        return encode_answer(order.request.order_id, content)

    def _changed(self, entry: Entry) -> bytes:
        """A change that was overtaken by a later one, because files came in another order, has no effect any more."""
        serial = decode_status(entry.message).serial
        if entry.number < self._changes.last(serial):
            return encode_settlement(serial, Done())
        content = self._authority.exchange(Wire(body=entry.message, kind=WireKind.STATUS))
        self._changes.carried_out(serial, entry.number)
        return content
