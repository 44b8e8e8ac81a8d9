"""Offices and centres with a known fault: the proof must find each of them, or it proves nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from data import bundles, receipt_book, receipts
from data.bundle_header import EpochStart
from data.carriers import FolderCarrier
from data.exchange_errors import ExchangeError, Gap
from data.merkle import Frontier
from data.outbox import Outbox
from data.registry import history, ingest
from data.registry.worker import End, Pass, Worker

if TYPE_CHECKING:
    from psycopg import Cursor
    from sqlite_utils import Database

    from tests.proofs.sync.trial import Place

MOST_RUNS = 400
"""A mutant that so many runs do not find has not been found."""

Patch = Callable[[pytest.MonkeyPatch], None]


@dataclass(frozen=True)
class Mutant:
    """A fault, the kind of runs that finds it, and the word its finding begins with."""

    name: str
    kind: str
    finding: str
    put_in: Patch

    def found_by(self, place: Place) -> str | None:
        """The first run that falls short as expected; `None` when it is not found."""
        with _put_in(self.put_in):
            for seed in range(MOST_RUNS):
                faults = place.trial(self.kind, seed)
                if any(fault.startswith(self.finding) for fault in faults):
                    return f"{self.kind} --seed {seed}: {faults[0]}"
        return None


@contextmanager
def _put_in(patch: Patch) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        patch(monkeypatch)
        yield


def rows_overwritten(patch: pytest.MonkeyPatch) -> None:
    """The centre lets a later row take the place of an earlier one."""
    update = "DO UPDATE SET body = excluded.body, leaf = excluded.leaf"
    patch.setattr(ingest, "INSERT_ROWS", ingest.INSERT_ROWS.replace("DO NOTHING", update))


def rows_not_compared(patch: pytest.MonkeyPatch) -> None:
    """The centre believes that a row it has is the row that came."""

    def add(cursor: Cursor[Any], header: Any, rows: Sequence[bytes], brought: list[bytes]) -> int:
        numbers = list(range(header.first, header.last + 1))
        return cursor.execute(ingest.INSERT_ROWS, [header.office, header.epoch, numbers, list(rows), brought]).rowcount

    patch.setattr(ingest, "_add_rows", add)


def repetitions_stored(patch: pytest.MonkeyPatch) -> None:
    """The centre puts a row that it has beside the one that is there."""
    statement = ingest.INSERT_ROWS.replace(
        "SELECT %s, %s, seq, body, leaf FROM unnest",
        "SELECT o.office, o.epoch, CASE WHEN EXISTS (SELECT 1 FROM journal_row AS j WHERE j.office = o.office "
        "AND j.epoch = o.epoch AND j.seq = given.seq) THEN given.seq + 1000000000 ELSE given.seq END, given.body, "
        "given.leaf FROM (SELECT %s::text AS office, %s::bigint AS epoch) AS o, unnest",
    )
    patch.setattr(ingest, "INSERT_ROWS", statement)


def repetitions_are_errors(patch: pytest.MonkeyPatch) -> None:
    """The centre does not expect that a row comes twice."""
    patch.setattr(ingest, "INSERT_ROWS", ingest.INSERT_ROWS.partition(" ON CONFLICT")[0])


def gaps_not_seen(patch: pytest.MonkeyPatch) -> None:
    """The centre takes a bundle for the next one, whatever lies between."""
    true = history.frontier_at

    def frontier_at(cursor: Cursor[Any], office: str, epochs: tuple[EpochStart, ...], size: int) -> Frontier:
        while True:
            try:
                return true(cursor, office, epochs, size)
            except Gap as gap:
                size = gap.first - 1

    patch.setattr(ingest, "frontier_at", frontier_at)


def receipt_before_commit(patch: pytest.MonkeyPatch) -> None:
    """The centre lays out the receipt and then commits."""
    true = Worker._take

    def take(self: Worker, path: Path, file: bytes, done: Pass) -> End:
        header = bundles.opened(file, self.centre.identities).header
        receipt = receipts.give(header.checkpoint, self._clock(), self.centre.key)
        self._spool.publish(receipt.file_name, receipt.as_file())
        return true(self, path, file, done)

    patch.setattr(Worker, "_take", take)


def one_bad_stops_all(patch: pytest.MonkeyPatch) -> None:
    """The centre ends its pass at the first file that it must refuse."""

    def refuse(self: Worker, path: Path, error: ExchangeError, done: Pass) -> End:
        raise error

    patch.setattr(Worker, "_refuse", refuse)


def never_asks_again(patch: pytest.MonkeyPatch) -> None:
    """The centre keeps to itself from where rows are missing."""
    patch.setattr(Worker, "ask_again", lambda self, office, epoch=1: None)


def torn_name_trusted(patch: pytest.MonkeyPatch) -> None:
    """The office takes a name on the stick for a whole file."""
    patch.setattr(FolderCarrier, "has", lambda self, name: (self.folder / name).exists())


def sent_is_done(patch: pytest.MonkeyPatch) -> None:
    """The office marks rows when they were sent, not when they were received."""
    true = Outbox.pending

    def pending(self: Outbox, from_row: int | None = None) -> Iterator[Any]:
        for one in true(self, from_row):
            if one.last > getattr(self, "_sent", 0):
                vars(self)["_sent"] = one.last
                yield one

    patch.setattr(Outbox, "pending", pending)


def largest_receipt_counts(patch: pytest.MonkeyPatch) -> None:
    """The office believes that a centre never goes back."""

    def acknowledged(db: Database) -> int:
        row = db.execute("SELECT max(size) FROM receipts WHERE verdict = 'agrees'").fetchone()
        return int(row[0] or 0)

    patch.setattr(receipt_book, "acknowledged", acknowledged)


def restored_without_epoch(patch: pytest.MonkeyPatch) -> None:
    """The restored office goes on as if nothing had happened."""
    patch.setattr(receipt_book, "lineage", lambda db: (EpochStart(1, 1),))


def head_not_grown(patch: pytest.MonkeyPatch) -> None:
    """The centre takes the office's word for the root."""

    def grown(cursor: Cursor[Any], header: Any, before: Frontier, brought: Sequence[bytes]) -> Frontier:
        for leaf in brought:
            before = before.append(leaf)
        return before

    patch.setattr(ingest, "_grown", grown)


MUTANTS = (
    Mutant("rows-overwritten", "forged", "LOST", rows_overwritten),
    Mutant("rows-not-compared", "forged", "FALSE", rows_not_compared),
    Mutant("root-believed", "forged", "FALSE", head_not_grown),
    Mutant("repetitions-stored", "carried", "DOUBLED", repetitions_stored),
    Mutant("repetitions-are-errors", "carried", "BLOCKED", repetitions_are_errors),
    Mutant("gaps-not-seen", "carried", "BLOCKED", gaps_not_seen),
    Mutant("receipt-before-commit", "carried", "FALSE", receipt_before_commit),
    Mutant("one-bad-stops-all", "carried", "BLOCKED", one_bad_stops_all),
    Mutant("never-asks-again", "forgetful", "BLOCKED", never_asks_again),
    Mutant("torn-name-trusted", "carried", "BLOCKED", torn_name_trusted),
    Mutant("sent-is-done", "carried", "BLOCKED", sent_is_done),
    Mutant("largest-receipt-counts", "forgetful", "BLOCKED", largest_receipt_counts),
    Mutant("restored-without-epoch", "restored", "BLOCKED", restored_without_epoch),
)
