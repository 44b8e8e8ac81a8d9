"""The heads of one archive: signing them, keeping what the centre has countersigned, telling where they fork."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from data import checkpoints, epochs, journal, projection
from data.checkpoints import Checkpoint, Head
from data.errors import ArchiveError, BadCheckpoint, HeadBehind, HeadForked
from data.journal import Entry
from data.keys import named_disk_errors, replace_file
from data.sessions import SYSTEM
from hardware.errors import HardwareError

if TYPE_CHECKING:
    from sqlite_utils import Database

    from data.office_key import OfficeKey
    from data.store import Store


class Heads:
    """Signs the heads of one office's journal. Methods may be called from any thread."""

    def __init__(
        self, store: Store, office: str, key: OfficeKey, clock: Callable[[], datetime], *, every_rows: int
    ) -> None:
        self.fault: Exception | None = None
        """Why the last checkpoint that was due did not come about; rows are safe, the next one vouches for them too."""
        self._every_rows = every_rows
        self._signed_rows: int | None = None
        self._store = store
        self.office = office
        self.key = key
        self._clock = clock
        self.file = store.path.with_suffix(".head")

    def head(self) -> Head:
        """Where the journal stands now; unsigned."""
        with self._store.read() as db:
            return self._head(db)

    def _head(self, db: Database) -> Head:
        size, root = journal.size_and_root(db)
        return Head(office=self.office, epoch=epochs.current(db), size=size, root=root)

    def checkpoint(self) -> Checkpoint:
        """Sign the head and keep it, here and in the file beside the archive; the same one while nothing was added."""
        self._introduce_key()
        with self._store.read() as db:
            head = self._head(db)
            latest = checkpoints.latest(db)
        if latest is None or (latest.head.epoch, latest.head.size) != (head.epoch, head.size):
            # Signed outside the transaction: a token takes its time, and rows may be added meanwhile.
            latest = checkpoints.sign(head, self.key)
        # The file first: a checkpoint without it would mean that somebody took the file away.
        with named_disk_errors(self.file):
            replace_file(self.file, latest.note.encode())
        with self._store.immediate() as db:
            checkpoints.insert(db, latest)
        self.fault = None
        return latest

    def sign_if_due(self) -> None:
        """After a change: sign when `every_rows` rows were added since the last signature.

        The change is durable already, so a key that fails here is told by `fault`, not raised.
        """
        try:
            if self._is_due():
                self.checkpoint()
        except (ArchiveError, HardwareError) as error:
            self.fault = error

    def _is_due(self) -> bool:
        with self._store.read() as db:
            size, _ = journal.size_and_root(db)
            if self._signed_rows is None:
                latest = checkpoints.latest(db)
                self._signed_rows = 0 if latest is None else latest.head.size
        if size - self._signed_rows < self._every_rows:
            return False
        # Set before signing: the rows that signing itself adds must not ask again, nor each row after a key that fails.
        self._signed_rows = size
        return True

    def _introduce_key(self) -> None:
        """The journal tells which keys speak for the office before the first of them signs."""
        spki = self.key.spki()
        with self._store.read() as db:
            if epochs.knows_key(db, spki):
                return
        with self._store.immediate() as db:
            if not epochs.knows_key(db, spki):
                entry = Entry(at=self._clock(), clerk=SYSTEM, kind="office_key", body={"spki": spki.hex()})
                projection.write(db, entry)

    def latest(self) -> Checkpoint | None:
        """The checkpoint of most rows."""
        with self._store.read() as db:
            return checkpoints.latest(db)

    def latest_countersigned(self) -> Checkpoint | None:
        """The checkpoint of most rows that the centre has countersigned."""
        with self._store.read() as db:
            return checkpoints.latest_countersigned(db)

    def keep_countersigned(self, note: str, centre: bytes) -> Checkpoint:
        """Keep a checkpoint of ours that came back with the signature of the centre's key (SPKI, DER).

        Raises `BadCheckpoint`; `HeadForked` or `HeadBehind` when it does not agree with the journal.
        """
        checkpoint = checkpoints.parse(note)
        if checkpoint.head.office != self.office:
            raise BadCheckpoint(f"a checkpoint of office {checkpoint.head.office}")
        if not checkpoint.is_signed_by(centre):
            raise BadCheckpoint("not signed by the centre")
        with self._store.immediate() as db:
            require_agreement(db, checkpoint.head)
            checkpoints.keep_countersigned(db, checkpoint)
        return checkpoint


def require_agreement(db: Database, head: Head) -> None:
    """Raise `HeadBehind` or `HeadForked` when the journal does not contain that head."""
    size, _ = journal.size_and_root(db)
    if head.size > size:
        raise HeadBehind(head.size - size)
    if journal.root_at(db, head.size) != head.root:
        raise HeadForked(f"row {head.size} has another root")
