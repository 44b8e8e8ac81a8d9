"""The proof that the journal is the truth: the tables made anew from its rows alone, beside, and compared.

What cannot come from the journal is named in `NOT_PROJECTED` with the reason; every other table of the archive is
compared, tables that were added since included.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from data import journal, persons, projection, search
from data.keys import KEY_BYTES
from data.migrations import archive_migrations
from data.sqlcipher import connect, named_errors

if TYPE_CHECKING:
    from sqlite_utils import Database

    from data.store import Store

ROWS_AT_ONCE = 1000
NOT_PROJECTED = {
    "checkpoints": "speak about the journal; verified against it",
    "receipts": "the centre's words about the journal; verified when they are taken",
    "subject_keys": "destroying one is how a person is erased",
    "erasing": "empty but inside an erasure",
    "outgoing_batches": "files to an authority, as they were sealed",
    "outgoing_messages": "wait for such a file and its answer; what came of them is in the orders",
    "_sqlite_migrations": "how the tables came to be",
}
INTERNAL = ("sqlite_", "search_data", "search_idx", "search_content", "search_docsize", "search_config")


@dataclass(frozen=True, slots=True, kw_only=True)
class TableResult:
    """How one table compares with what the journal makes of it."""

    name: str
    rows: int
    """Rows in the archive."""
    rebuilt: int
    difference: str = ""
    """The first row that differs, by its key; empty when all are equal."""

    @property
    def is_equal(self) -> bool:
        """True when the archive holds exactly what the journal tells."""
        return not self.difference


def compare(store: Store) -> tuple[TableResult, ...]:
    """Rebuild beside the archive and compare table by table; takes as long as writing all rows.

    Raises `ArchiveError`.
    """
    with _beside(store.path) as rebuilt, store.read() as db:
        _replay(db, rebuilt)
        return tuple(_compared(db, rebuilt, name) for name in projected_tables(db))


@contextmanager
def _beside(path: Path) -> Iterator[Database]:
    """An empty archive next to `path` under a key that nobody keeps; gone when the block ends."""
    beside = path.with_name(f".rebuild-{secrets.token_hex(4)}.db")
    try:
        db = connect(beside, secrets.token_bytes(KEY_BYTES), busy_s=0)
        try:
            with named_errors(beside.name):
                db.execute("PRAGMA synchronous=OFF")
                archive_migrations().apply(db)
                yield db
        finally:
            db.conn.close()
    finally:
        for suffix in ("", "-wal", "-shm"):
            beside.with_name(beside.name + suffix).unlink(missing_ok=True)


def _replay(db: Database, rebuilt: Database) -> None:
    key_of = cache(partial(persons.key_of, db))
    done = 0
    while rows := journal.stored_rows(db, done, ROWS_AT_ONCE):
        rebuilt.conn.execute("BEGIN")
        for row in rows:
            seq = journal.append_bytes(rebuilt, row.body)
            projection.apply(rebuilt, journal.opened_row(seq, row.body, key_of))
        rebuilt.conn.execute("COMMIT")
        done = rows[-1].seq
    rebuilt.conn.execute("BEGIN")
    search.index_all(rebuilt)
    rebuilt.conn.execute("COMMIT")


def projected_tables(db: Database) -> list[str]:
    """Names of the tables that the journal must be able to make."""
    tables = db.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").fetchall()
    return [name for (name,) in tables if name not in NOT_PROJECTED and not name.startswith(INTERNAL)]


def _compared(db: Database, rebuilt: Database, name: str) -> TableResult:
    order = "rowid" if name == "search" else ", ".join(_key(db, name))
    what = "rowid, skey" if name == "search" else "*"
    query = f'SELECT {what} FROM "{name}" ORDER BY {order}'  # noqa: S608  # names come from the schema
    here, there = (database.execute(query) for database in (db, rebuilt))
    count = counted = 0
    first = ""
    while True:
        one, other = here.fetchmany(ROWS_AT_ONCE), there.fetchmany(ROWS_AT_ONCE)
        if not one and not other:
            return TableResult(name=name, rows=count, rebuilt=counted, difference=first)
        count, counted = count + len(one), counted + len(other)
        first = first or _first_difference(one, other)


def _first_difference(one: list[tuple[object, ...]], other: list[tuple[object, ...]]) -> str:
    for here, there in zip(one, other, strict=False):
        if here != there:
            return str(here[0])
    if len(one) != len(other):
        return str((one if len(one) > len(other) else other)[min(len(one), len(other))][0])
    return ""


def _key(db: Database, name: str) -> list[str]:
    return [f'"{column}"' for column in db.table(name).pks]
