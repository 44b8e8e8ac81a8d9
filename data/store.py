"""One encrypted database that many threads share: every use of it is one transaction under one lock."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from data import keyslots, rotation
from data.errors import ArchiveError, ArchiveLocked, ArchiveTooNew, DiskUntrusted, WrongKey
from data.keys import key_of
from data.keyslots import Bare, Opener
from data.sqlcipher import connect, named_errors

if TYPE_CHECKING:
    from sqlite_utils import Database, Migrations

BUSY_S = 5.0


class Store:
    """A database behind its lock. `read` and `immediate` do not nest."""

    def __init__(self, path: Path, database: Database, busy_s: float) -> None:
        self.path = path
        self._database = database
        self._lock = Lock()
        self._busy_s = busy_s
        self._is_open = True
        self._is_untrusted = False
        self.before_change: Callable[[Database], None] | None = None
        """Called inside each change before its block."""
        self.after_change: Callable[[], None] | None = None
        """Called after each change, when it is durable; must not raise."""

    @classmethod
    def open(
        cls, path: Path, migrations: Migrations, *, busy_s: float = BUSY_S, openers: Sequence[Opener] = ()
    ) -> Store:
        """Open the database with its key and bring its tables up to date. Raises `ArchiveError`.

        The key stands in the key slots beside it, which the `openers` open, or in a key file where there are no slots.
        """
        store = cls(path, _unlocked(path, busy_s, openers), busy_s)
        try:
            store._migrate(migrations)
        except BaseException:  # however it failed, nobody else will close the file
            store.close()
            raise
        return store

    def _migrate(self, migrations: Migrations) -> None:
        with self.read() as db:
            applied = {migration.name for migration in migrations.applied(db)}
            pending = {migration.name for migration in migrations.pending(db)}
            known = {migration.name for migration in migrations._migrations}
        if applied - known:
            raise ArchiveTooNew(f"{self.path.name}: unknown change {min(applied - known)}")
        if pending:
            # All of them in one transaction, asked for again inside: another program may have been faster.
            with self.immediate() as db:
                migrations.apply(db)

    @contextmanager
    def read(self) -> Iterator[Database]:
        """One consistent view of the database. Raises `ArchiveError`."""
        with self._transaction("BEGIN") as db:
            yield db

    @contextmanager
    def immediate(self) -> Iterator[Database]:
        """One change: durable when the block ends, gone whole when it raises. Raises `ArchiveError`.

        `BEGIN IMMEDIATE` takes the write lock at the start, so that the wait for another program is bounded; a deferred
        transaction that reads and then writes would fail at once.
        """
        with self._transaction("BEGIN IMMEDIATE") as db:
            if self.before_change is not None:
                self.before_change(db)
            yield db
        if self.after_change is not None:
            self.after_change()

    @contextmanager
    def alone(self) -> Iterator[Database]:
        """The database outside a transaction, for what SQLite does by itself: checkpoint of the log, VACUUM, backup."""
        with self._held():
            yield self._database

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[Database]:
        with self._held():
            yield from self._run(begin)

    @contextmanager
    def _held(self) -> Iterator[None]:
        if not self._lock.acquire(timeout=self._busy_s * 2):
            raise ArchiveLocked(f"{self.path.name}: another thread holds it")
        try:
            if not self._is_open:
                raise ArchiveError(f"{self.path.name} is closed")
            if self._is_untrusted:
                raise DiskUntrusted(self.path.name)
            with named_errors(self.path.name):
                yield
        except DiskUntrusted:
            self._is_untrusted = True
            raise
        finally:
            self._lock.release()

    def _run(self, begin: str) -> Iterator[Database]:
        connection = self._database.conn
        connection.execute(begin)
        try:
            yield self._database
            connection.execute("COMMIT")
        except BaseException:  # an interrupt, too, must not leave half a change to be committed with the next
            # SQLite has already rolled back by itself after some errors (a full disk).
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise

    def close(self) -> None:
        """Close the database; a second call does nothing."""
        with self._lock:
            if self._is_open:
                self._is_open = False
                with named_errors(self.path.name):
                    self._database.conn.close()


def _unlocked(path: Path, busy_s: float, openers: Sequence[Opener]) -> Database:
    slots_path = keyslots.path_of(path)
    if not slots_path.exists():
        return connect(path, key_of(path), busy_s=busy_s)
    slots = keyslots.load(slots_path)
    for generation, key in slots.keys([Bare(), *openers]).items():
        try:
            database = connect(path, key, busy_s=busy_s)
        except WrongKey:
            # A rotation was cut: the other generation's key may be the one that the file has.
            continue
        rotation.finish(slots_path, slots, generation)
        return database
    raise WrongKey(path.name)
