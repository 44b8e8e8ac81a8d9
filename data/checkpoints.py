"""Checkpoints: heads of the journal, signed by the office and countersigned by the centre.

A checkpoint is a signed note (C2SP tlog-checkpoint) whose text is the origin `registration-kiosk/OFFICE/EPOCH`, the
number of rows, and the Merkle root over them in base64. It speaks about the journal, so it is not a row of it. The
latest one also stands in a file beside the archive: whoever cuts rows off and makes the rest consistent again has to
take that file back as well, and the printed codes, and what the centre has seen.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import TYPE_CHECKING

from data import signed_note
from data.errors import BadCheckpoint
from data.head_code import head_code
from data.merkle import HASH_BYTES
from data.signed_note import BadNote, Signature, SignedNote

if TYPE_CHECKING:
    from sqlite_utils import Database

    from data.office_key import OfficeKey

PROGRAM = "registration-kiosk"


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """How far a journal has come: what a checkpoint vouches for."""

    office: str
    epoch: int
    size: int
    root: bytes
    """Merkle root over the first `size` rows; 32 bytes."""

    @property
    def origin(self) -> str:
        """The journal's name."""
        return f"{PROGRAM}/{self.office}/{self.epoch}"

    @property
    def code(self) -> str:
        """The head as it is printed."""
        return head_code(self.size, self.root)

    def text(self) -> str:
        """The head as it is signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """A head and the note that vouches for it. Signatures are verified where they are taken over, not here."""

    head: Head
    note: str

    def is_signed_by(self, spki: bytes) -> bool:
        """True when that key (SPKI, DER) has signed it."""
        return signed_note.parse(self.note).is_signed_by(spki)


def sign(head: Head, key: OfficeKey) -> Checkpoint:
    """Let the office vouch for a head. Raises what the key raises."""
    text = head.text()
    signature = Signature(
        name=f"{PROGRAM}/{head.office}", key_id=signed_note.key_id(key.spki()), value=key.sign(text.encode())
    )
    return Checkpoint(head=head, note=str(SignedNote(text=text, signatures=(signature,))))


def countersigned(checkpoint: Checkpoint, name: str, key: OfficeKey) -> Checkpoint:
    """The same checkpoint with one more signature: what the centre sends back."""
    note = signed_note.parse(checkpoint.note)
    added = Signature(name=name, key_id=signed_note.key_id(key.spki()), value=key.sign(note.text.encode()))
    return Checkpoint(head=checkpoint.head, note=str(SignedNote(text=note.text, signatures=(*note.signatures, added))))


def parse(note: str) -> Checkpoint:
    """A checkpoint from its note; no signature is verified. Raises `BadCheckpoint`."""
    try:
        lines = signed_note.parse(note).text.splitlines()
        program, office, epoch = lines[0].split("/")
        head = Head(office=office, epoch=int(epoch), size=int(lines[1]), root=base64.b64decode(lines[2], validate=True))
    except (BadNote, ValueError, IndexError, binascii.Error) as error:
        raise BadCheckpoint(f"no checkpoint: {type(error).__name__}") from error
    if program != PROGRAM or len(head.root) != HASH_BYTES or head.text() != "\n".join([*lines, ""]):
        raise BadCheckpoint("no checkpoint of a registration kiosk")
    return Checkpoint(head=head, note=note)


# --- the table --------------------------------------------------------------------------------------------------------


def insert(db: Database, checkpoint: Checkpoint) -> None:
    """Keep a checkpoint; the first one of a head stays."""
    head = checkpoint.head
    db.execute(
        "INSERT INTO checkpoints (epoch, size, note) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        [head.epoch, head.size, checkpoint.note],
    )


def keep_countersigned(db: Database, checkpoint: Checkpoint) -> None:
    """Keep what the centre has countersigned."""
    head = checkpoint.head
    db.execute(
        "INSERT INTO checkpoints (epoch, size, note, countersigned) VALUES (:epoch, :size, :note, :note) "
        "ON CONFLICT (epoch, size) DO UPDATE SET countersigned = excluded.countersigned",
        {"epoch": head.epoch, "size": head.size, "note": checkpoint.note},
    )


def latest(db: Database) -> Checkpoint | None:
    """The checkpoint of most rows."""
    row = db.execute("SELECT note FROM checkpoints ORDER BY epoch DESC, size DESC LIMIT 1").fetchone()
    return None if row is None else parse(row[0])


def latest_countersigned(db: Database) -> Checkpoint | None:
    """The checkpoint of most rows that the centre has countersigned."""
    row = db.execute(
        "SELECT countersigned FROM checkpoints WHERE countersigned IS NOT NULL ORDER BY epoch DESC, size DESC LIMIT 1"
    ).fetchone()
    return None if row is None else parse(row[0])


def all_of(db: Database) -> list[Checkpoint]:
    """Every checkpoint, the countersigned note where there is one, in the journal's order."""
    rows = db.execute("SELECT coalesce(countersigned, note) FROM checkpoints ORDER BY size, epoch").fetchall()
    return [parse(row[0]) for row in rows]
