"""The append-only journal: what happened, in canonical bytes, each row under a Merkle root over all rows so far.

A row is written in the same transaction as the change it tells of. The hashes find what was altered by accident or by
someone without the program; who rewrites the whole file consistently is found only by a root that was kept elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from data import persons, sealed
from data.errors import ArchiveDamaged
from data.merkle import EMPTY_ROOT, Frontier, grow, leaf_hash, root_of
from data.records import JournalRow, StoredRow
from data.values import moment, utc_text

if TYPE_CHECKING:
    from sqlite_utils import Database

    from data.store import Store

OPEN_KINDS = frozenset(
    {
        *("office_key", "number_given", "epoch_begun", "head_compared", "loss_accepted", "person_erased"),
        *("session_begun", "session_ended", "unclean_start", "clock_changed", "backup_made", "keys_changed"),
    }
)
"""Rows that tell of no citizen and must be readable after every erasure."""
VERIFY_AT_ONCE = 10_000
"""Rows verified in one transaction; between two of them other threads get their turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that is not as it was written."""

    where: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyResult:
    """What recomputing the journal gave."""

    rows: int
    """Rows that are as they were written, from the first on."""
    root: bytes
    """Merkle root over those rows; 32 bytes."""
    ok: bool
    broken_at: int | None = None
    """Number of the first row that is missing, not as written, or contradicted by the table of evidence."""
    findings: tuple[Finding, ...] = ()
    """Everything that is not as it was written; empty when `ok`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that happened. `body` holds JSON-ready values."""

    at: datetime
    clerk: str
    kind: str
    body: dict[str, Any]
    case_id: str | None = None
    person: str | None = None
    """Personal number of whom the row is about; needed where `case_id` does not tell yet."""

    def as_bytes(self, subject: str | None, key: bytes) -> bytes:
        """The entry as it is hashed and kept; sealed when there is a `subject`."""
        opened = {"at": utc_text(self.at), "case_id": self.case_id, "clerk": self.clerk, "kind": self.kind}
        if subject is None:
            return sealed.row_bytes(opened, self.body)
        return sealed.sealed_bytes(opened, self.body, subject, key)


def append(db: Database, entry: Entry) -> int:
    """Add a row inside the caller's transaction and return its number."""
    subject = _subject(db, entry)
    return append_bytes(db, entry.as_bytes(subject, persons.key_of(db, subject) or b"" if subject else b""))


def _subject(db: Database, entry: Entry) -> str | None:
    """Whose key seals the entry."""
    if entry.kind in OPEN_KINDS:
        return None
    if entry.person is not None:
        return persons.introduce(db, entry.person)
    of_case = persons.name_of_case(db, entry.case_id) if entry.case_id else None
    return of_case or persons.name_of_year(db, entry.at.astimezone(UTC).year)


def append_bytes(db: Database, body: bytes) -> int:
    """Add a row that is already in its stored form; returns its number."""
    leaf = leaf_hash(body)
    frontier = _head(db).append(leaf)
    root = frontier.root()
    db.execute("INSERT INTO journal (seq, body, leaf, root) VALUES (?, ?, ?, ?)", [frontier.size, body, leaf, root])
    db.execute(
        "INSERT INTO journal_head VALUES (1, :size, :peaks, :root) "
        "ON CONFLICT (only) DO UPDATE SET size = :size, peaks = :peaks, root = :root",
        {"size": frontier.size, "peaks": frontier.as_bytes(), "root": root},
    )
    return frontier.size


def _head(db: Database) -> Frontier:
    row = db.execute("SELECT size, peaks FROM journal_head").fetchone()
    if row is None:
        return Frontier()
    try:
        return Frontier.from_bytes(*row)
    except ValueError as error:
        raise ArchiveDamaged(f"head of the journal: {error}") from error


def size_and_root(db: Database) -> tuple[int, bytes]:
    """How many rows there are, and the Merkle root over them."""
    row = db.execute("SELECT size, root FROM journal_head").fetchone()
    return (0, EMPTY_ROOT) if row is None else (int(row[0]), bytes(row[1]))


def root_at(db: Database, size: int) -> bytes | None:
    """The Merkle root over the first `size` rows as it was stored with the last of them; `None` without that row."""
    if size == 0:
        return EMPTY_ROOT
    row = db.execute("SELECT root FROM journal WHERE seq = ?", [size]).fetchone()
    return None if row is None else bytes(row[0])


def stored_rows(db: Database, after: int, limit: int) -> list[StoredRow]:
    """Rows as they are kept, from the one after `after` on."""
    rows = db.execute(
        "SELECT seq, body, leaf, root FROM journal WHERE seq > ? ORDER BY seq LIMIT ?", [after, limit]
    ).fetchall()
    return [StoredRow(seq=seq, body=body, leaf=leaf, root=root) for seq, body, leaf, root in rows]


def verify(store: Store) -> VerifyResult:
    """Recompute every leaf and root from the stored bytes, a second per half million rows. Raises `ArchiveError`."""
    peaks: list[bytes] = []
    size = 0
    while True:
        with store.read() as db:
            rows = db.execute(
                "SELECT seq, body, leaf, root FROM journal WHERE seq > ? ORDER BY seq LIMIT ?", [size, VERIFY_AT_ONCE]
            ).fetchall()
            head = size_and_root(db)
        good = Frontier(size, tuple(peaks))
        for seq, body, leaf, root in rows:
            computed = leaf_hash(body)
            grow(peaks, size, computed)
            size += 1
            if (seq, leaf, root) != (size, computed, root_of(peaks)):
                return _broken(_grown(good, rows[: size - 1 - good.size]))
        if len(rows) < VERIFY_AT_ONCE:
            whole = Frontier(size, tuple(peaks))
            # A journal that was cut short is consistent in itself; the head remembers how long it was.
            return _whole(whole) if head == (whole.size, whole.root()) else _broken(whole)


def _grown(frontier: Frontier, rows: list[tuple[int, bytes, bytes, bytes]]) -> Frontier:
    for _, body, _, _ in rows:
        frontier = frontier.append(leaf_hash(body))
    return frontier


def _whole(frontier: Frontier) -> VerifyResult:
    return VerifyResult(rows=frontier.size, root=frontier.root(), ok=True)


def _broken(frontier: Frontier) -> VerifyResult:
    broken = frontier.size + 1
    finding = Finding(where=f"journal row {broken}", what="missing, or not as it was written")
    return VerifyResult(rows=frontier.size, root=frontier.root(), ok=False, broken_at=broken, findings=(finding,))


def newest_rows(db: Database, limit: int, before_seq: int | None) -> list[JournalRow]:
    """Rows older than `before_seq`, newest first."""
    rows = db.execute(
        "SELECT seq, body FROM journal WHERE seq < ? ORDER BY seq DESC LIMIT ?",
        [before_seq if before_seq is not None else 1 << 62, limit],
    ).fetchall()
    return read_rows(db, rows)


def rows_of_case(db: Database, case_id: str, kinds: frozenset[str]) -> list[JournalRow]:
    """The rows of a case that are of one of the kinds, oldest first."""
    rows = db.execute("SELECT seq, body FROM journal WHERE case_id = ? ORDER BY seq", [case_id]).fetchall()
    return [row for row in read_rows(db, rows) if row.kind in kinds]


def bytes_of_kind(db: Database, kind: str) -> list[tuple[int, bytes]]:
    """Number and stored bytes of all rows of a kind, oldest first."""
    return [tuple(row) for row in db.execute("SELECT seq, body FROM journal WHERE kind = ? ORDER BY seq", [kind])]


def read_rows(db: Database, rows: Iterable[tuple[int, bytes]]) -> list[JournalRow]:
    """Stored rows (number and bytes), opened with the keys that are still there. Raises `ArchiveDamaged`."""
    keys = cache(partial(persons.key_of, db))
    return [opened_row(seq, body, keys) for seq, body in rows]


def opened_row(seq: int, body: bytes, key_of: Callable[[str], bytes | None]) -> JournalRow:
    """A stored row, opened. Raises `ArchiveDamaged`."""
    try:
        entry = sealed.opened(body, key_of)
        return JournalRow(
            seq=seq,
            at=moment(entry["at"]),
            clerk=entry["clerk"],
            case_id=entry["case_id"],
            kind=entry["kind"],
            body=entry["body"] if entry["body"] is not None else {},
            subject=entry.get("subject"),
            is_erased=entry["body"] is None,
        )
    except (ValueError, KeyError, TypeError) as error:
        raise ArchiveDamaged(f"journal row {seq}: {type(error).__name__}") from error
