"""A receipt: the centre's countersigned checkpoint of an office's journal, which travels back and is kept beside it.

It is a signed note of the centre: when it was given, and the countersigned checkpoint in base64. The time lets an
office tell a receipt that came late from a centre that has gone back.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from data import checkpoints, signed_note
from data.checkpoints import Checkpoint, Head
from data.errors import BadCheckpoint
from data.exchange_errors import BadSignature, MalformedFile
from data.framing import framed, unframed
from data.merkle import EMPTY_ROOT
from data.signed_note import BadNote, Signature, SignedNote
from data.values import moment, utc_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from data.office_key import OfficeKey

MAGIC = "kiosk-receipt/1"
CENTRE = "registration-centre"
SUFFIX = ".receipt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The centre holds the rows that the checkpoint vouches for."""

    at: datetime
    """When the centre took the last of these rows."""
    checkpoint: Checkpoint
    """With the signatures of the office and of the centre."""
    text: str
    """As it was signed and carried."""

    @property
    def head(self) -> Head:
        """How far the centre has come with this office's journal."""
        return self.checkpoint.head

    @property
    def file_name(self) -> str:
        """One file for an office, `7130.receipt`: the newest takes the place of the one before."""
        return f"{self.head.office}{SUFFIX}"

    def as_file(self) -> bytes:
        """The receipt as it is carried."""
        return framed(self.text.encode())


def give(checkpoint: Checkpoint, at: datetime, key: OfficeKey) -> Receipt:
    """The centre's receipt for an office's checkpoint."""
    return _signed(checkpoints.countersigned(checkpoint, CENTRE, key), at, key)


def again(receipt: Receipt, at: datetime, key: OfficeKey) -> Receipt:
    """The same receipt given anew: it tells an office from where to send on."""
    return _signed(receipt.checkpoint, at, key)


def nothing(office: str, epoch: int, at: datetime, key: OfficeKey) -> Receipt:
    """What a centre without a single row of an office signs: it asks for all of them."""
    head = Head(office=office, epoch=epoch, size=0, root=EMPTY_ROOT)
    signature = Signature(name=CENTRE, key_id=signed_note.key_id(key.spki()), value=key.sign(head.text().encode()))
    note = str(SignedNote(text=head.text(), signatures=(signature,)))
    return _signed(Checkpoint(head=head, note=note), at, key)


def _signed(both: Checkpoint, at: datetime, key: OfficeKey) -> Receipt:
    body = f"{MAGIC}\n{utc_text(at)}\n{base64.b64encode(both.note.encode()).decode()}\n"
    signature = Signature(name=CENTRE, key_id=signed_note.key_id(key.spki()), value=key.sign(body.encode()))
    text = str(SignedNote(text=body, signatures=(signature,)))
    return Receipt(at=moment(utc_text(at)), checkpoint=both, text=text)


def read(file: bytes, centre_keys: Sequence[bytes]) -> Receipt:
    """The receipt in a file, signed by one of the centre's public keys (SPKI, DER).

    Raises `TornFile`, `MalformedFile`, `BadSignature`.
    """
    return parse(unframed(file).decode("utf-8", "replace"), centre_keys)


def checkpoint_of(text: str) -> Checkpoint:
    """The checkpoint in a receipt that was verified when it was taken."""
    _, _, encoded = signed_note.parse(text).text.splitlines()
    return checkpoints.parse(base64.b64decode(encoded).decode())


def parse(text: str, centre_keys: Sequence[bytes]) -> Receipt:
    """The receipt of a text. Raises `MalformedFile`, `BadSignature`."""
    try:
        note = signed_note.parse(text)
        magic, at, encoded = note.text.splitlines()
        checkpoint = checkpoints.parse(base64.b64decode(encoded, validate=True).decode())
        receipt = Receipt(at=moment(at), checkpoint=checkpoint, text=text)
    except (BadNote, BadCheckpoint, ValueError) as error:
        raise MalformedFile(f"receipt: {type(error).__name__}") from error
    named = [signature.name for signature in note.signatures]
    if magic != MAGIC or receipt.at.tzinfo != UTC or named != [CENTRE] or str(note) != text:
        raise MalformedFile("not a receipt of this version")
    if not all(any(one.is_signed_by(key) for key in centre_keys) for one in (note, checkpoint)):
        raise BadSignature("receipt: not signed by the centre")
    return receipt
