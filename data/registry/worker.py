"""One pass over what came in. Each file comes to its own end; several workers may pass at once, anywhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from data import bundles, receipts
from data.bundle_header import named_rows
from data.exchange_errors import CarrierFault, Equivocation, ExchangeError, Gap, RegistryUnavailable
from data.registry import ingest, setup
from data.registry.database import Database
from data.registry.spool import Spool

if TYPE_CHECKING:
    from data.office_key import OfficeKey
    from data.receipts import Receipt


class End(StrEnum):
    """What became of one file."""

    TAKEN = "taken"
    REPEATED = "repeated"
    WAITING = "waiting"
    """Earlier rows have not arrived."""
    REFUSED = "refused"
    """In quarantine, with an alarm."""
    ELSEWHERE = "elsewhere"
    """Another worker has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Centre:
    """What the centre opens bundles with and signs receipts with."""

    identities: Sequence[str]
    """age secret keys."""
    key: OfficeKey
    """Signs receipts."""
    centre_keys: Sequence[bytes]
    """The public keys receipts were ever signed with: SPKI, DER."""


@dataclass(slots=True)
class Pass:
    """What one pass over the spool did."""

    ends: Counter[End] = field(default_factory=Counter)
    rows: int = 0
    """Rows added."""
    offices: set[str] = field(default_factory=set)
    """Whose bundles were taken in."""
    gaps: dict[str, Gap] = field(default_factory=dict)
    """The rows each office is waited for."""
    refusals: list[str] = field(default_factory=list)
    """Why files were refused, each a sentence."""


class Worker:
    """Takes bundles from a spool into the registry. For one thread."""

    def __init__(self, database: Database, spool: Spool, centre: Centre, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._spool = spool
        self.centre = centre
        self._clock = clock

    def run(self) -> Pass:
        """Take in what can be taken in. Raises `RegistryUnavailable`, `CarrierFault`; then call it again."""
        done = Pass()
        for path in self._spool.arrived():
            done.ends[End.WAITING if _waits_behind(path, done) else self._one(path, done)] += 1
        # Published when everything is committed. What is cut off here is made good by the office's next copy.
        for office in sorted(done.offices - done.gaps.keys()):
            self.publish(office)
        for gap in done.gaps.values():
            self.ask_again(gap.office, gap.epoch)
        return done

    def _one(self, path: Path, done: Pass) -> End:
        try:
            with self._spool.claimed(path) as file:
                return End.ELSEWHERE if file is None else self._take(path, file, done)
        except Gap as gap:
            done.gaps.setdefault(gap.office, gap)
            return End.WAITING
        except (RegistryUnavailable, CarrierFault):
            # Not the file's fault: the pass ends here and is made again.
            raise
        except ExchangeError as error:
            return self._refuse(path, error, done)

    def _take(self, path: Path, file: bytes, done: Pass) -> End:
        bundle = bundles.opened(file, self.centre.identities)
        admitted = self._database.run(lambda cursor: ingest.admit(cursor, bundle, self._clock(), self.centre.key))
        header = admitted.header
        if admitted.new_epoch:
            told = f"office {header.office} was restored: epoch {header.epoch} from row {header.epochs[-1].first} on"
            self._alarm(header.office, "NewEpoch", told)
        done.offices.add(header.office)
        self._spool.finish(path)
        done.rows += admitted.new_rows
        return End.TAKEN if admitted.new_rows else End.REPEATED

    def _refuse(self, path: Path, error: ExchangeError, done: Pass) -> End:
        told = f"{type(error).__name__}: {error}"
        self._alarm(_office_of(path, error), type(error).__name__, told)
        self._spool.quarantine(path, told)
        # A name on a stick may hold bytes that are no text.
        done.refusals.append(f"{path.name.encode('utf-8', 'replace').decode()}: {told}")
        return End.REFUSED

    def _alarm(self, office: str, kind: str, told: str) -> None:
        digest = sha256(told.encode()).hexdigest()
        self._database.run(lambda cursor: ingest.raise_alarm(cursor, office, kind, digest, told, self._clock()))

    def publish(self, office: str) -> None:
        """Lay out the office's newest receipt."""
        receipt = self._receipt(office)
        if receipt is not None:
            self._spool.publish(receipt.file_name, receipt.as_file())

    def ask_everyone(self) -> int:
        """After the registry itself was restored: ask every office to send on from what is there; how many offices.

        An office that has nothing new to send would not find out otherwise that its rows are wanted again.
        """
        offices = sorted({record.office for record in setup.office_keys(self._database)})
        for office in offices:
            self.ask_again(office)
        return len(offices)

    def ask_again(self, office: str, epoch: int = 1) -> None:
        """Lay out a receipt of today for what is there, so that the office sends on from it."""
        receipt, now = self._receipt(office), self._clock()
        if receipt is None:
            again = receipts.nothing(office, epoch, now, self.centre.key)
        else:
            again = receipts.again(receipt, now, self.centre.key)
        self._spool.publish(again.file_name, again.as_file())

    def _receipt(self, office: str) -> Receipt | None:
        return self._database.run(lambda cursor: ingest.receipt_of(cursor, office, self.centre.centre_keys))


def _office_of(path: Path, error: ExchangeError) -> str:
    """Whose file was refused, as far as it is known."""
    if isinstance(error, Equivocation):
        return error.office
    rows = named_rows(path.name)
    return rows[0] if rows else "?"


def _waits_behind(path: Path, done: Pass) -> bool:
    """True for a file that by its name comes after a gap this pass has met. A name saves time and decides nothing."""
    rows = named_rows(path.name)
    gap = done.gaps.get(rows[0]) if rows else None
    return rows is not None and gap is not None and rows[1] == gap.epoch and rows[2] > gap.last + 1
