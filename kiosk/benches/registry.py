"""Taking bundles into the registry, beside raw COPY of the same rows into the same table, in the same run.

`KIOSK_BENCH_DSN` names an empty database to measure on; without it a temporary PostgreSQL with default settings serves.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data import age, bundles, journal
from data.archive import FILE_NAME
from data.bundles import Bundle
from data.journal import Entry
from data.merkle import leaf_hash
from data.migrations import archive_migrations
from data.office_key import FileKey
from data.outbox import Outbox
from data.registry import ingest, schema, setup, verifying
from data.registry.database import Database
from data.store import Store
from kiosk.benches.measurement import Measurement
from kiosk.benches.temporary_postgres import temporary_postgres

if TYPE_CHECKING:
    from psycopg import Cursor

OFFICE = "7130"
ROWS = 10_000
ROWS_OF_A_CASE = 8
FACTS = "x" * 150
"""Makes a row about as long as those of an issuance: 400 bytes, sealed."""
COPY = b"COPY journal_row (office, epoch, seq, body, leaf) FROM STDIN (FORMAT BINARY)"
AT_ONCE = "raw COPY of the same rows into the same table, one transaction"
PER_BUNDLE = "raw COPY of the same rows into the same table, durable after each bundle"
HASHING = "SHA-256 of the same rows, in memory"


@dataclass(frozen=True, slots=True)
class Office:
    """One office's bundles, as files and opened, and all of its rows."""

    files: list[bytes]
    rows: list[bytes]
    key: FileKey
    identity: str


@dataclass(frozen=True, slots=True)
class Rates:
    """Rows a second, of one run."""

    copy: float
    copy_per_bundle: float
    ingest: float
    ingest_opened: float
    replay: float
    verify: float
    hashing: float


def measure(runs: int = 10) -> Iterator[Measurement]:
    """Take `ROWS` rows in, `runs` times."""
    with tempfile.TemporaryDirectory(prefix="kiosk-bench-") as name, _dsn() as dsn:
        office = _office(Path(name))
        database = Database(dsn)
        setup.init(database)
        rates = [_run(database, office) for _ in range(runs)]
        database.close()
    yield _line("registry.ingest", rates, lambda r: r.ingest, AT_ONCE, lambda r: r.copy)
    yield _line("registry.ingest", rates, lambda r: r.ingest, PER_BUNDLE, lambda r: r.copy_per_bundle)
    yield _line("registry.ingest.opened", rates, lambda r: r.ingest_opened, PER_BUNDLE, lambda r: r.copy_per_bundle)
    yield _line("registry.replay", rates, lambda r: r.replay, AT_ONCE, lambda r: r.copy)
    yield _line("registry.verify", rates, lambda r: r.verify, HASHING, lambda r: r.hashing)


@contextmanager
def _dsn() -> Iterator[str]:
    given = os.environ.get("KIOSK_BENCH_DSN")
    if given:
        yield given
        return
    with temporary_postgres() as dsn:
        yield dsn


def _line(
    name: str, rates: list[Rates], value: Callable[[Rates], float], against: str, limit: Callable[[Rates], float]
) -> Measurement:
    return Measurement(
        bench=name,
        value=statistics.median(map(value, rates)),
        unit="row/s",
        against=against,
        limit=statistics.median(map(limit, rates)),
        runs=len(rates),
    )


def _office(folder: Path) -> Office:
    identity, recipient = age.new_identity()
    store, key = Store.open(folder / FILE_NAME, archive_migrations()), FileKey(folder)
    with store.immediate() as db:
        for n in range(ROWS):
            journal.append(db, _entry(n))
    outbox = Outbox(store, OFFICE, key, _now)
    files = [outbox.seal(pending, [recipient]) for pending in outbox.pending()]
    rows = [row.body for pending in outbox.pending() for row in pending.rows]
    store.close()
    key.spki()
    return Office(files, rows, key, identity)


def _entry(n: int) -> Entry:
    case, row = divmod(n, ROWS_OF_A_CASE)
    person = f"{case:013}"
    citizen = {"surname": f"ПРОБНИЋ{case}", "given_name": "ПРОБА", "personal_number": person, "document_number": "1"}
    body: dict[str, Any] = {"procedure": "issuance", "citizen": citizen} if not row else {"step": row, "facts": FACTS}
    kind = "step_completed" if row else "case_opened"
    return Entry(at=_now(), clerk="0042", kind=kind, body=body, case_id=f"2026-{case:06}", person=person)


def _now() -> datetime:
    return datetime.now(UTC)


def _run(database: Database, office: Office) -> Rates:
    leaves = [leaf_hash(row) for row in office.rows]
    opened = [_opened(file, office) for file in office.files]
    most = max(bundle.header.count for bundle in opened)
    return Rates(
        copy=_rate(database, office, lambda: _copy(database, office.rows, leaves, len(leaves))),
        copy_per_bundle=_rate(database, office, lambda: _copy(database, office.rows, leaves, most)),
        ingest_opened=_rate(database, office, lambda: _ingest(database, office, opened)),
        ingest=_rate(database, office, lambda: _ingest(database, office, (_opened(f, office) for f in office.files))),
        replay=_rate(database, office, lambda: _ingest(database, office, opened), anew=False),
        verify=_rate(database, office, lambda: _verify(database, office), anew=False),
        hashing=len(office.rows) / _seconds(lambda: [sha256(row).digest() for row in office.rows]),
    )


def _rate(database: Database, office: Office, act: Callable[[], object], *, anew: bool = True) -> float:
    if anew:
        database.run(_empty)
        setup.add_office(database, OFFICE, "", office.key.spki(), _now())
    return len(office.rows) / _seconds(act)


def _seconds(act: Callable[[], object]) -> float:
    begun = time.perf_counter()
    act()
    return time.perf_counter() - begun


def _empty(cursor: Cursor[Any]) -> None:
    cursor.execute(f"TRUNCATE {', '.join(schema.READ_BY_INGEST)}".encode())


def _opened(file: bytes, office: Office) -> Bundle:
    return bundles.opened(file, [office.identity])


def _ingest(database: Database, office: Office, opened: Iterator[Bundle] | list[Bundle]) -> None:
    for bundle in opened:
        database.run(lambda cursor, one=bundle: ingest.admit(cursor, one, _now(), office.key))  # type: ignore[misc]  # bound now


def _copy(database: Database, rows: list[bytes], leaves: list[bytes], at_once: int) -> None:
    for first in range(0, len(rows), at_once):
        database.run(lambda cursor, begin=first: _copy_rows(cursor, rows, leaves, begin, at_once))  # type: ignore[misc]  # bound now


def _copy_rows(cursor: Cursor[Any], rows: list[bytes], leaves: list[bytes], first: int, count: int) -> None:
    with cursor.copy(COPY) as copy:
        copy.set_types(["text", "int8", "int8", "bytea", "bytea"])
        for place in range(first, min(first + count, len(rows))):
            copy.write_row((OFFICE, 1, place + 1, rows[place], leaves[place]))


def _verify(database: Database, office: Office) -> None:
    (verdict,) = verifying.verify(database, [office.key.spki()])
    if verdict.fault or verdict.rows != len(office.rows):
        raise ValueError(f"the registry is not whole: {verdict.fault}")
