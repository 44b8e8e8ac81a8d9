"""What an office still owes the centre: rows without a receipt, as bundles; and the receipts that come back.

Nothing is marked as sent. A bundle that is lost is made again, because only the centre's receipt moves the mark.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from data import bundles, checkpoints, journal, persons, receipt_book
from data.bundle_header import MOST_ROWS, EpochStart, Header, file_name
from data.checkpoints import Head
from data.errors import ArchiveDamaged
from data.exchange_errors import MalformedFile
from data.merkle import leaf_hash
from data.receipt_book import Verdict
from data.receipts import Receipt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from data.office_key import OfficeKey
    from data.records import StoredRow
    from data.store import Store

MOST_PLAIN_BYTES = 8 << 20
"""Rows of one bundle before compression; a single longer row goes alone."""


class Level(StrEnum):
    """How long the centre has not been heard of, against the office's two limits."""

    FRESH = "fresh"
    SOFT = "soft"
    """Say it on the screen."""
    HARD = "hard"
    """Begin no new case before an exchange."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeState:
    """Where office and centre stand to each other."""

    rows: int
    """Rows of the journal."""
    acknowledged: int
    """Rows the centre has."""
    days: int
    """Whole days since the last receipt came in, or since the journal began."""
    level: Level
    verdict: Verdict
    """FORKED or BEHIND: the centre contradicts this journal."""

    @property
    def waiting(self) -> int:
        """Rows the centre does not have yet."""
        return self.rows - self.acknowledged


def exchange_state(store: Store, now: datetime, soft_days: int, hard_days: int) -> ExchangeState:
    """Where office and centre stand to each other; a limit of 0 days is none. Needs no key. Raises `ArchiveError`."""
    with store.read() as db:
        rows, _ = journal.size_and_root(db)
        acknowledged = receipt_book.acknowledged(db)
        contact = receipt_book.last_contact(db)
        verdict = receipt_book.worst(db)
    days = max(0, (now - contact).days) if contact else 0
    level = Level.HARD if 0 < hard_days <= days else Level.SOFT if 0 < soft_days <= days else Level.FRESH
    return ExchangeState(rows=rows, acknowledged=acknowledged, days=days, level=level, verdict=verdict)


class Outbox:
    """The office's side of the exchange. Methods may be called from any thread; all raise `ArchiveError`."""

    def __init__(self, store: Store, office: str, key: OfficeKey, clock: Callable[[], datetime]) -> None:
        self._store = store
        self.office = office
        self._key = key
        self._clock = clock

    def state(self, soft_days: int, hard_days: int) -> ExchangeState:
        """Where office and centre stand; a limit of 0 days is none."""
        return exchange_state(self._store, self._clock(), soft_days, hard_days)

    def pending(self, from_row: int | None = None) -> Iterator[Pending]:
        """The bundles that are due, in order, up to the journal's end as it is now; or those from a row on."""
        with self._store.read() as db:
            acknowledged = receipt_book.acknowledged(db)
            after = acknowledged if from_row is None else from_row - 1
            starts = receipt_book.lineage(db)
            size, _ = journal.size_and_root(db)
        while after < size:
            epochs = tuple(start for start in starts if start.first <= after + 1)
            last = receipt_book.last_row(starts, epochs[-1].epoch, size)
            with self._store.read() as db:
                rows = journal.stored_rows(db, after, min(MOST_ROWS, last - after))
                rows = rows[: _fitting(rows)]
                keys = persons.keys_of(db, _subjects(rows))
            yield Pending(office=self.office, epochs=epochs, rows=tuple(rows), keys=keys, acknowledged=acknowledged)
            after = rows[-1].seq

    def seal(self, pending: Pending, recipients: Sequence[str]) -> bytes:
        """The file of a bundle: its head signed by the office, encrypted to the centre. Keeps the checkpoint."""
        _require_true(pending)
        head = Head(office=self.office, epoch=pending.epochs[-1].epoch, size=pending.last, root=pending.rows[-1].root)
        checkpoint = checkpoints.sign(head, self._key)
        with self._store.immediate() as db:
            checkpoints.insert(db, checkpoint)
        bodies = [row.body for row in pending.rows]
        return bundles.seal(pending.header(checkpoint.note), bodies, self._key, recipients, pending.keys)

    def centre_head(self) -> str | None:
        """The checkpoint that the centre countersigned last: what a restored archive compares its head with."""
        with self._store.read() as db:
            return receipt_book.newest_note(db)

    def take(self, receipt: Receipt) -> Verdict:
        """Keep a receipt and say how it stands to the journal. Raises `MalformedFile` for another office's."""
        if receipt.head.office != self.office:
            raise MalformedFile(f"a receipt of office {receipt.head.office}")
        with self._store.immediate() as db:
            return receipt_book.take(db, receipt, self._clock())


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """Rows of one epoch that go into one bundle."""

    office: str
    epochs: tuple[EpochStart, ...]
    rows: tuple[StoredRow, ...]
    keys: dict[str, bytes] = field(repr=False)
    """Keys that open the rows, as far as they were not destroyed."""
    acknowledged: int

    @property
    def last(self) -> int:
        """Number of the last row."""
        return self.rows[-1].seq

    @property
    def name(self) -> str:
        """Name of the bundle's file."""
        return file_name(self.header(""))

    def header(self, note: str) -> Header:
        """The bundle's header around the checkpoint; `seal` completes it."""
        return Header(
            office=self.office,
            epochs=self.epochs,
            first=self.rows[0].seq,
            count=len(self.rows),
            note=note,
            key="",
            payload=bytes(32),
            acknowledged=self.acknowledged,
        )


def _fitting(rows: Sequence[StoredRow]) -> int:
    """How many of the rows go into one bundle; at least one."""
    total = 0
    for count, row in enumerate(rows):
        total += len(row.body)
        if count and total > MOST_PLAIN_BYTES:
            return count
    return len(rows)


def _require_true(pending: Pending) -> None:
    """The office does not sign rows that are not as they were written."""
    for row in pending.rows:
        if leaf_hash(row.body) != row.leaf:
            raise ArchiveDamaged(f"journal row {row.seq}")


def _subjects(rows: Sequence[StoredRow]) -> set[str]:
    """Names of the keys that seal the rows."""
    named = (json.loads(row.body).get("subject") for row in rows)
    return {name for name in named if name is not None}
