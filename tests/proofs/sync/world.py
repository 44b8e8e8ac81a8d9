"""An office, a stick, a drawer of old copies and the centre, for one run: real bundles and a real PostgreSQL."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from data import epochs, journal
from data.archive import FILE_NAME
from data.bundle_header import EpochStart
from data.carriers import FolderCarrier
from data.exchange_errors import CarrierFault, ExchangeError, RegistryUnavailable
from data.journal import Entry
from data.migrations import archive_migrations
from data.office_key import FileKey
from data.outbox import Outbox
from data.receipt_book import lineage
from data.registry import centre_keys, setup
from data.registry.database import Database, T, Work
from data.registry.spool import Spool
from data.registry.worker import Worker
from data.store import Store

CLERK = "0042"
BEGUN = datetime(2026, 3, 2, 8, tzinfo=UTC)


class Cut(BaseException):
    """The program ends here, as by a power cut. No `except Exception` may swallow it."""


class Clock:
    """A clock that goes on a second each time it is read."""

    def __init__(self) -> None:
        self.now = BEGUN

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


class FlakyDatabase(Database):
    """A connection that breaks now and then: before a transaction, or after it was committed."""

    def __init__(self, dsn: str) -> None:
        super().__init__(dsn)
        self.random: Random | None = None

    def run(self, work: Work[T]) -> T:
        """One transaction, and what may happen around it."""
        luck = self.random.random() if self.random else 1.0
        if luck < 0.04:
            raise RegistryUnavailable("the connection broke before")
        result = super().run(work)
        if luck < 0.08:
            raise RegistryUnavailable("the connection broke after")
        if luck < 0.10:
            raise Cut
        return result


class Stick(FolderCarrier):
    """A stick that is pulled out now and then, and may be left with half a file under its whole name."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.random: Random | None = None

    def put(self, name: str, file: bytes) -> None:
        """Carry a file, and what may happen meanwhile."""
        luck = self.random.random() if self.random else 1.0
        if luck < 0.04:
            raise CarrierFault("pulled out before")
        if luck < 0.10:
            (self.folder / name).write_bytes(file[: int(len(file) * luck * 10)])
            raise CarrierFault("pulled out while it wrote")
        super().put(name, file)
        if luck < 0.14:
            raise Cut


class Template:
    """An office on its first day and the centre's keys; each run begins with a copy."""

    def __init__(self, folder: Path) -> None:
        self.office = folder / "office"
        self.card = centre_keys.make(folder / "centre")
        self.centre = centre_keys.load(folder / "centre")
        self.office.mkdir()
        Store.open(self.office / FILE_NAME, archive_migrations()).close()
        self.key = FileKey(self.office).spki()


class World:
    """Everything one run has. `written` is the truth: each row the office ever made durable, by epoch and number."""

    def __init__(self, folder: Path, database: FlakyDatabase, office: str, template: Template) -> None:
        self.folder = folder
        self.database = database
        self.number = office
        self.card = template.card
        self.clock = Clock()
        shutil.copytree(template.office, folder / "office")
        for name in ("stick", "drawer"):
            (folder / name).mkdir()
        self.stick = Stick(folder / "stick")
        self.drawer = folder / "drawer"
        self.spool = Spool(folder / "spool")
        self.inbox = self.spool.folder / "in"
        self.worker = Worker(database, self.spool, template.centre, self.clock)
        self.written: dict[tuple[int, int], bytes] = {}
        self.receipts: dict[int, int] = {}
        """The largest head of each epoch that the office holds a receipt for."""
        self.spoiled: set[str] = set()
        """Digests of files that were damaged or made up: only these may be refused."""
        self.untrue: list[str] = []
        """What the office was told and was not so."""
        self.has_forgotten = False
        """The centre was put back: receipts that it gave before are no longer true."""
        self.epoch = epochs.FIRST
        self.switch_on()
        setup.add_office(database, office, "Проба", template.key, self.clock())

    def switch_on(self) -> None:
        """Switch the office's machine on."""
        self.store = Store.open(self.folder / "office" / FILE_NAME, archive_migrations())
        self.key = FileKey(self.folder / "office")
        self.outbox = Outbox(self.store, self.number, self.key, self.clock)

    def write(self, count: int) -> None:
        """The office works: so many rows, in one transaction."""
        with self.store.immediate() as db:
            for n in range(count):
                journal.append(db, Entry(at=self.clock(), clerk=CLERK, kind="office_key", body={"n": n}))
        self._keep_truth()

    def _keep_truth(self) -> None:
        starts, rows = self.journal()
        for row, epoch in zip(rows, epochs_of(starts, len(rows)), strict=True):
            self.written.setdefault((epoch, row[0]), row[1])

    def journal(self) -> tuple[tuple[EpochStart, ...], list[tuple[int, bytes]]]:
        """The epochs of the journal as it is now, and its rows."""
        with self.store.read() as db:
            rows = [(row.seq, row.body) for row in journal.stored_rows(db, 0, 1 << 30)]
            return lineage(db), rows

    def keep_copy(self) -> None:
        """The office makes a backup."""
        self.store.close()
        shutil.copytree(self.folder / "office", self.folder / f"copy-{self.clock().timestamp():.0f}")
        self.switch_on()

    def restore(self, random: Random) -> None:
        """The machine burned down: a backup is put in its place, also an old one, and goes on under a new epoch."""
        copies = sorted(self.folder.glob("copy-*"))
        if not copies:
            return
        self.store.close()
        shutil.rmtree(self.folder / "office")
        shutil.copytree(random.choice(copies), self.folder / "office")
        self.switch_on()
        self.epoch += 1
        with self.store.immediate() as db:
            entry = Entry(at=self.clock(), clerk=CLERK, kind="epoch_begun", body={"epoch": self.epoch})
            epochs.begin(db, self.epoch, journal.append(db, entry))
        self._keep_truth()

    @contextmanager
    def luck(self, random: Random) -> Iterator[None]:
        """Let database and stick fail while the block runs; what they raise ends the block and not the run."""
        self.database.random = self.stick.random = random
        try:
            yield
        except (Cut, ExchangeError):
            self.database.close()
        finally:
            self.database.random = self.stick.random = None

    def close(self) -> None:
        """Switch the office off."""
        self.store.close()


def epochs_of(starts: tuple[EpochStart, ...], size: int) -> list[int]:
    """The epoch of each row of a journal."""
    return [max(start.epoch for start in starts if start.first <= seq) for seq in range(1, size + 1)]
