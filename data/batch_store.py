"""The outbox of an office without a network: messages that wait, the batches they went in, the answers that came.

In the archive, so that whoever may open the one may open the other. Nothing is lost with it: an order that waits is put
here again from the journal, and the authority knows it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data.archive import FILE_NAME
from data.errors import ArchiveError
from data.keys import named_disk_errors
from data.keyslots import Opener
from data.migrations import archive_migrations
from data.store import BUSY_S, Store
from data.values import moment, utc_text
from kiosk.ca.batch.cms import KEY_BYTES
from kiosk.ca.batch.entry import Approval, Entry, Kept, entry_id
from kiosk.ca.batch.files import Manifest
from kiosk.ca.interface import NotSent, Wire, WireKind

if TYPE_CHECKING:
    from sqlite_utils import Database

WAITING = "SELECT * FROM outgoing_messages WHERE batch IS NULL AND answer = x'' ORDER BY n LIMIT ?"
MOST_ENTRIES = 500
"""Of one batch; about 2.5 megabytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SentBatch:
    """A batch as it was made, once."""

    number: int
    name: str
    """Name of its file."""
    sha256: str
    """Of `file`, lower-case hex."""
    file: bytes = field(repr=False)
    reply_key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Single:
    """A message that goes in a file of its own."""

    entry: Entry
    row: int
    """Number of its row: what its file is named by."""
    wire: Wire
    """What it went as; empty before it went."""
    name: str
    """Name of its file; empty before it went."""
    told: bytes
    """An answer that says only that there will be one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """What lies in the outbox."""

    waiting: int
    """Messages that have not gone yet."""
    under_way: int
    """Messages that have gone and have no answer."""
    answered: int


class BatchStore:
    """Implements `kiosk.ca.batch.outbox.MessageStore`; may be used from any thread, and by several programs at once."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @classmethod
    def open(cls, folder: Path, openers: Sequence[Opener] = (), *, busy_s: float = BUSY_S) -> BatchStore:
        """Open the outbox in the archive of `folder`, which is made on first use. Raises `ArchiveError`."""
        with named_disk_errors(folder):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return cls(Store.open(folder / FILE_NAME, archive_migrations(), busy_s=busy_s, openers=openers))

    def close(self) -> None:
        """Close the file; a second call does nothing."""
        self._store.close()

    # --- the authority's side -----------------------------------------------------------------------------------------

    def put(self, kind: WireKind, about: str, message: bytes, approval: Approval) -> Kept:
        """Keep a message until it is answered; one that is kept already stays as it is. Raises `NotSent`."""
        with _not_sent(), self._store.immediate() as db:
            if (kept := _find(db, kind, about, message)) is not None:
                return kept
            number = 0 if kind is WireKind.ISSUE else _next_number(db, kind, about, approval)
            entry = Entry(kind=kind, about=about, message=message, number=number, approval=approval)
            db.table("outgoing_messages").insert(
                {
                    "id": entry.id,
                    "kind": kind.value,
                    "about": about,
                    "number": number,
                    "message": message,
                    "clerk": approval.clerk,
                    "at": approval.at,
                }
            )
            return Kept(id=entry.id, number=number)

    def find(self, kind: WireKind, about: str, message: bytes) -> Kept | None:
        """The message, if it was ever put. Raises `NotSent`."""
        with _not_sent(), self._store.read() as db:
            return _find(db, kind, about, message)

    # --- the carrier's side: all raise `ArchiveError` ----------------------------------------------------------------

    def make_batch(self, office: str, seal: Callable[[Manifest], bytes], name: Callable[[str, int, str], str]) -> int:
        """Put waiting messages into a batch, sealed once and kept; gives how many.

        `name` makes the file's name from office, number and digest.
        """
        with self._store.immediate() as db:
            rows = list(db.query(WAITING, [MOST_ENTRIES]))
            if not rows:
                return 0
            number = int(db.execute("SELECT coalesce(max(number), 0) + 1 FROM outgoing_batches").fetchone()[0])
            manifest = Manifest(
                office=office, number=number, entries=tuple(map(_entry, rows)), reply_key=os.urandom(KEY_BYTES)
            )
            file = seal(manifest)
            digest = sha256(file).hexdigest()
            db.table("outgoing_batches").insert(
                {
                    "number": number,
                    "name": name(office, number, digest),
                    "file": file,
                    "reply_key": manifest.reply_key,
                    "sha256": digest,
                }
            )
            for row in rows:
                db.execute("UPDATE outgoing_messages SET batch = ? WHERE n = ?", [number, row["n"]])
        return len(rows)

    def due(self) -> list[SentBatch]:
        """The batches that are neither receipted nor made anew, oldest first."""
        with self._store.read() as db:
            return [
                _batch(row) for row in db.query("SELECT * FROM outgoing_batches WHERE settled_at = '' ORDER BY number")
            ]

    def batch(self, name: str) -> SentBatch | None:
        """The batch of that name."""
        with self._store.read() as db:
            row = next(db.query("SELECT * FROM outgoing_batches WHERE name = ?", [name]), None)
        return None if row is None else _batch(row)

    def received(self, number: int, at: datetime) -> bool:
        """The centre has that batch; its file is not needed any more. `True` when that is new."""
        with self._store.immediate() as db:
            done = db.execute(
                "UPDATE outgoing_batches SET settled_at = ?, file = x'' WHERE number = ? AND settled_at = ''",
                [utc_text(at), number],
            )
            return bool(done.rowcount)

    def make_anew(self, at: datetime) -> None:
        """Let everything without an answer go into a new batch: the old one was lost, or the centre cannot use it.

        The centre knows a message by its content, so an order that it has after all is answered, not made again.
        """
        with self._store.immediate() as db:
            db.execute("UPDATE outgoing_messages SET batch = NULL WHERE answer = x''")
            db.execute("UPDATE outgoing_batches SET settled_at = ?, file = x'' WHERE settled_at = ''", [utc_text(at)])

    def entry(self, identifier: str) -> Entry | None:
        """The entry of that id."""
        with self._store.read() as db:
            row = next(db.query("SELECT * FROM outgoing_messages WHERE id = ?", [identifier]), None)
        return None if row is None else _entry(row)

    def take(self, identifier: str, answer: bytes, *, brings: bool, at: datetime) -> bool:
        """Keep a verified answer; `False` when there is one that brings as much. `brings`: what was asked for is done.

        So a refusal never takes the place of a certificate, in whatever order they come.
        """
        with self._store.immediate() as db:
            done = db.execute(
                "UPDATE outgoing_messages SET answer = ?, brings = ?, answered_at = ? "
                "WHERE id = ? AND (answer = x'' OR brings < ?)",
                [answer, int(brings), utc_text(at), identifier, int(brings)],
            )
            return bool(done.rowcount)

    def forget(self, before: datetime) -> None:
        """Drop what was answered before that moment, and batches settled before it of which nothing is left."""
        with self._store.immediate() as db:
            db.execute("DELETE FROM outgoing_messages WHERE answered_at <> '' AND answered_at < ?", [utc_text(before)])
            db.execute(
                "DELETE FROM outgoing_batches WHERE settled_at <> '' AND settled_at < ? "
                "AND number NOT IN (SELECT batch FROM outgoing_messages WHERE batch IS NOT NULL)",
                [utc_text(before)],
            )

    # --- where each message is a file of its own: all raise `ArchiveError` --------------------------------------------

    def unanswered(self) -> list[Single]:
        """The messages without an answer, oldest first, each with the file it went in."""
        with self._store.read() as db:
            return [_single(row) for row in db.query("SELECT * FROM outgoing_messages WHERE answer = x'' ORDER BY n")]

    def single(self, name: str) -> Single | None:
        """The message that went in the file of that name."""
        with self._store.read() as db:
            row = next(db.query("SELECT * FROM outgoing_messages WHERE sent_name = ?", [name]), None)
        return None if row is None else _single(row)

    def sent(self, identifier: str, wire: Wire, name: str) -> None:
        """Keep what a message went as, before it goes; `told` is over with it."""
        with self._store.immediate() as db:
            db.execute(
                "UPDATE outgoing_messages SET sent_body = ?, sent_state = ?, sent_kind = ?, sent_name = ?, told = x'' "
                "WHERE id = ?",
                [wire.body, wire.state, wire.kind.value, name, identifier],
            )

    def told(self, identifier: str, answer: bytes) -> None:
        """Keep an answer that only says that there will be one."""
        with self._store.immediate() as db:
            db.execute("UPDATE outgoing_messages SET told = ? WHERE id = ?", [answer, identifier])

    # --- for the list and the command --------------------------------------------------------------------------------

    def orders(self) -> dict[str, bool]:
        """Order ids that were ever put, and whether their answer has come."""
        with self._store.read() as db:
            rows = db.execute(
                "SELECT about, max(answer <> x'') FROM outgoing_messages WHERE kind = 'issue' GROUP BY about"
            )
            return {about: bool(answered) for about, answered in rows.fetchall()}

    def totals(self) -> Totals:
        """How many messages stand where."""
        with self._store.read() as db:
            waiting, under_way, answered = db.execute(
                "SELECT coalesce(sum(batch IS NULL AND sent_name = '' AND answer = x''), 0), "
                "coalesce(sum((batch IS NOT NULL OR sent_name <> '') AND answer = x''), 0), "
                "coalesce(sum(answer <> x''), 0) FROM outgoing_messages"
            ).fetchone()
        return Totals(waiting=waiting, under_way=under_way, answered=answered)


@contextmanager
def _not_sent() -> Iterator[None]:
    """Nothing was kept: the transaction is gone whole."""
    try:
        yield
    except ArchiveError as error:
        raise NotSent(f"outbox: {str(error) or type(error).__name__} ({error.code})") from error


def _find(db: Database, kind: WireKind, about: str, message: bytes) -> Kept | None:
    number = 0 if kind is WireKind.ISSUE else _last_number(db, kind, about)
    row = next(db.query("SELECT * FROM outgoing_messages WHERE id = ?", [entry_id(kind, message, number)]), None)
    return None if row is None else Kept(id=row["id"], number=number, answer=row["answer"])


def _next_number(db: Database, kind: WireKind, about: str, approval: Approval) -> int:
    """Above the last one, and above what an archive has sent that was lost and restored since: a moment's seconds."""
    return max(_last_number(db, kind, about) + 1, int(moment(approval.at).timestamp()))


def _last_number(db: Database, kind: WireKind, about: str) -> int:
    row = db.execute(
        "SELECT coalesce(max(number), 0) FROM outgoing_messages WHERE kind = ? AND about = ?", [kind.value, about]
    )
    return int(row.fetchone()[0])


def _entry(row: dict[str, Any]) -> Entry:
    return Entry(
        kind=WireKind(row["kind"]),
        about=row["about"],
        message=row["message"],
        number=row["number"],
        approval=Approval(clerk=row["clerk"], at=row["at"]),
    )


def _single(row: dict[str, Any]) -> Single:
    wire = Wire(kind=WireKind(row["sent_kind"] or row["kind"]), body=row["sent_body"], state=row["sent_state"])
    return Single(entry=_entry(row), row=row["n"], wire=wire, name=row["sent_name"], told=row["told"])


def _batch(row: dict[str, Any]) -> SentBatch:
    return SentBatch(
        number=row["number"], name=row["name"], sha256=row["sha256"], file=row["file"], reply_key=row["reply_key"]
    )
