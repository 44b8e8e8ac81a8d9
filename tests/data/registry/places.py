"""An office and the centre, with what tests do to them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC
from pathlib import Path

from data import epochs, exchange, journal
from data.archive import FILE_NAME, Archive
from data.bundle_header import named_rows
from data.carriers import FolderCarrier
from data.centre_card import CentreCard
from data.exchange import Exported
from data.journal import Entry
from data.migrations import archive_migrations
from data.office_key import FileKey
from data.outbox import Outbox
from data.receipt_book import Verdict
from data.records import StoredRow
from data.registry import centre_keys, setup, verifying
from data.registry.database import Database
from data.registry.spool import Spool
from data.registry.verifying import EpochVerdict
from data.registry.worker import Pass, Worker
from data.store import Store
from tests.data.invented import CLERK, Clock


class Office:
    """One office's archive and outbox."""

    def __init__(self, folder: Path, number: str) -> None:
        self.number = number
        self.clock = Clock()
        folder.mkdir(exist_ok=True, mode=0o700)
        self.folder = folder
        # The bare store: the archive would add rows of its own about sessions.
        self.store = Store.open(folder / FILE_NAME, archive_migrations())
        self.key = FileKey(folder)
        self.outbox = Outbox(self.store, number, self.key, self.clock)

    def write(self, count: int) -> None:
        """Add rows to the journal, in one transaction."""
        with self.store.immediate() as db:
            for n in range(count):
                journal.append(db, Entry(at=self.clock(), clerk=CLERK, kind="log_in", body={"n": n}))

    def begin_epoch(self, epoch: int) -> None:
        """What a restored archive does."""
        with self.store.immediate() as db:
            seq = journal.append(db, Entry(at=self.clock(), clerk=CLERK, kind="epoch_begun", body={"epoch": epoch}))
            epochs.begin(db, epoch, seq)

    def acknowledged(self) -> int:
        """Rows the office knows the centre to have."""
        return self.outbox.state(3, 14).acknowledged

    def stored_rows(self) -> list[StoredRow]:
        """Every row of the journal, oldest first."""
        with self.store.read() as db:
            return journal.stored_rows(db, 0, 1 << 30)

    @contextmanager
    def archive(self) -> Iterator[Archive]:
        """The archive, for what bare rows cannot do."""
        archive = Archive.open(self.folder, self.clock, office=self.number, zone=UTC)
        yield archive
        archive.close()

    def close(self) -> None:
        self.store.close()


class Centre:
    """The registry, its spool and one worker."""

    def __init__(self, folder: Path, dsn: str) -> None:
        self.dsn = dsn
        self.clock = Clock()
        self.card: CentreCard = centre_keys.make(folder / "keys")
        self.keys = centre_keys.load(folder / "keys")
        self.spool = Spool(folder / "spool")
        self.database = Database(dsn)
        self.worker = Worker(self.database, self.spool, self.keys, self.clock)
        self.inbox = FolderCarrier(self.spool.folder / "in")
        self.outgoing = FolderCarrier(self.spool.folder / "out")

    def enter(self, office: Office) -> None:
        """Register the office's key."""
        setup.add_office(self.database, office.number, "Проба", office.key.spki(), self.clock())

    def send(self, office: Office) -> Exported:
        """Carry everything the office owes into the spool."""
        return exchange.export(office.outbox, self.inbox, self.card)

    def exchange(self, office: Office) -> tuple[Pass, Verdict | None]:
        """Send, take in, and carry the receipt back."""
        self.send(office)
        done = self.worker.run()
        return done, exchange.collect(office.outbox, self.outgoing, self.card)

    def rows(self, office: str = "7130") -> list[tuple[int, int, bytes]]:
        """Epoch, number and bytes of an office's rows."""
        query = "SELECT epoch, seq, body FROM journal_row WHERE office = %s ORDER BY epoch, seq"
        return [(e, s, bytes(b)) for e, s, b in self.database.run(lambda c: c.execute(query, [office]).fetchall())]

    def alarms(self) -> list[tuple[str, str]]:
        """Office and kind of every alarm."""
        query = "SELECT office, kind FROM alarm ORDER BY office, kind"
        return self.database.run(lambda cursor: cursor.execute(query).fetchall())

    def verify(self) -> list[EpochVerdict]:
        return list(verifying.verify(self.database, self.card.keys))

    def arrived(self) -> list[str]:
        """Names of the bundles in the spool."""
        return [path.name for path in self.spool.arrived() if named_rows(path.name)]

    def close(self) -> None:
        self.database.close()
