"""The one door to SQLite: a `sqlite_utils.Database` over an encrypted connection that is set up to lose nothing."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data import errors
from data.keys import named_disk_errors, sync_folder

if TYPE_CHECKING:
    from sqlite_utils import Database

OLDEST_SQLITE = (3, 51, 3)
"""Earlier versions may corrupt a WAL when two connections reset it at once."""

JOURNAL_MODE = "wal"
PRAGMAS = (
    "synchronous=FULL",
    "foreign_keys=ON",
    "trusted_schema=OFF",
    "cell_size_check=ON",
    "secure_delete=ON",
    # 32 MB: with SQLite's own 2 MB a search among a million cases decrypts most of its pages anew.
    "cache_size=-32768",
)

BY_RESULT_CODE: dict[int, type[errors.ArchiveError]] = {
    5: errors.ArchiveLocked,  # SQLITE_BUSY
    6: errors.ArchiveLocked,  # SQLITE_LOCKED
    8: errors.DiskFault,  # SQLITE_READONLY
    10: errors.DiskFault,  # SQLITE_IOERR
    11: errors.ArchiveDamaged,  # SQLITE_CORRUPT
    13: errors.DiskFull,  # SQLITE_FULL
    14: errors.DiskFault,  # SQLITE_CANTOPEN
    19: errors.RecordConflict,  # SQLITE_CONSTRAINT
    26: errors.WrongKey,  # SQLITE_NOTADB
}

IOERR_SHMSIZE = 10 | 19 << 8
"""The shared-memory index of the WAL could not grow: the disk is full, but SQLite does not say SQLITE_FULL."""


FSYNC_FAILED = frozenset({10 | 4 << 8, 10 | 5 << 8})
"""The file's, or the folder's. What was not synced may be on the disk or not, and asking again would be told «done»."""


@cache
def driver() -> Any:
    """The SQLCipher module, put where `sqlite_utils` looks for its SQLite before that is imported.

    Without the alias `sqlite_utils` catches the standard library's exception classes, which SQLCipher never raises.
    """
    import sqlcipher3
    import sqlcipher3.dbapi2

    sys.modules["pysqlite3"] = sqlcipher3
    sys.modules["pysqlite3.dbapi2"] = sqlcipher3.dbapi2
    import sqlite_utils.utils

    if vars(sqlite_utils.utils)["sqlite3"] is not sqlcipher3:
        raise errors.ArchiveUnusable("sqlite_utils was imported before data.sqlcipher")
    if sqlcipher3.sqlite_version_info < OLDEST_SQLITE:
        raise errors.ArchiveUnusable(f"SQLite {sqlcipher3.sqlite_version} is too old")
    return sqlcipher3


def connect(path: Path, key: bytes, *, busy_s: float) -> Database:
    """Open, or create, the encrypted database at `path` with a raw 256-bit key.

    Waits up to `busy_s` seconds for another program's lock. The connection may be used from any thread, one at a time.
    Raises `ArchiveError`.
    """
    sqlite = driver()
    from sqlite_utils import Database

    _create_private(path)
    with named_errors(path.name):
        connection = sqlite.connect(str(path), timeout=busy_s, isolation_level=None, check_same_thread=False)
        try:
            _set_up(connection, key)
        except BaseException:  # however it failed, nobody else will close the file
            connection.close()
            raise
        return Database(connection, execute_plugins=False)


def _create_private(path: Path) -> None:
    with named_disk_errors(path):
        if path.exists():
            return
        # SQLite would create it readable by all; its WAL takes over the mode of this file.
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
        sync_folder(path.parent)


def _set_up(connection: Any, key: bytes) -> None:
    # On the raw connection: a tracer of sqlite_utils must never see the key. The log would garble the screen.
    connection.execute("PRAGMA cipher_log_level=NONE")
    connection.execute(f"PRAGMA key=\"x'{key.hex()}'\"")
    if not connection.execute("PRAGMA cipher_version").fetchone():
        raise errors.ArchiveUnusable("this SQLite cannot encrypt")
    connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    # Fetched, for an error inside it would be swallowed otherwise, and the file would stay in a weaker mode.
    mode = connection.execute(f"PRAGMA journal_mode={JOURNAL_MODE}").fetchone()[0]
    if mode != JOURNAL_MODE:
        raise errors.ArchiveUnusable(f"the file system allows no WAL: {mode}")
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


@contextmanager
def named_errors(name: str) -> Iterator[None]:
    """Turn SQLite's errors about the database `name` into `ArchiveError`s."""
    sqlite = driver()
    try:
        yield
    except sqlite.Error as error:
        code = getattr(error, "sqlite_errorcode", 0)
        raise _kind_of(code)(f"{name}: {error}") from error


def rekey(connection: Any, path: Path, key: bytes) -> None:
    """Write every page anew under another key, and prove that it was done. Raises `ArchiveDamaged`, `WrongKey`.

    SQLCipher says nothing when a page that does not verify stops it half way, so that is asked before; and the file is
    opened with the new key before anybody forgets the old one.
    """
    with named_errors(path.name):
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        damaged = connection.execute("PRAGMA cipher_integrity_check").fetchall()
        if damaged:
            raise errors.ArchiveDamaged(f"{path.name}: {damaged[0][0]}")
        # On the raw connection: a tracer must never see the key.
        connection.execute(f"PRAGMA rekey=\"x'{key.hex()}'\"").fetchall()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    connect(path, key, busy_s=0).conn.close()


def _kind_of(code: int) -> type[errors.ArchiveError]:
    if code == IOERR_SHMSIZE:
        return errors.DiskFull
    if code in FSYNC_FAILED:
        return errors.DiskUntrusted
    return BY_RESULT_CODE.get(code & 0xFF, errors.ArchiveError)
