"""Epochs of an office's journal, and the keys that speak for the office.

An archive that was restored may have forgotten rows that others have seen. It goes on under a new epoch, so that what
it writes is never mistaken for those rows; and it issues nothing before its head was compared with the centre's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

FIRST = 1


def current(db: Database) -> int:
    """The epoch that rows are written in now, counted from 1."""
    return int(db.execute("SELECT coalesce(max(epoch), ?) FROM epochs", [FIRST]).fetchone()[0])


def begin(db: Database, epoch: int, seq: int) -> None:
    """Enter a new epoch, not yet compared; `seq` is the journal row that tells of it."""
    db.execute("INSERT INTO epochs VALUES (?, ?, 0)", [epoch, seq])


def rows_up_to(db: Database, epoch: int) -> int:
    """How many rows there were when the next epoch began; all of them for the current one."""
    row = db.execute("SELECT since_seq - 1 FROM epochs WHERE epoch > ? ORDER BY epoch LIMIT 1", [epoch]).fetchone()
    return int((row or db.execute("SELECT coalesce(max(seq), 0) FROM journal").fetchone())[0])


def is_compared(db: Database) -> bool:
    """True when the current epoch is the first, or its head was compared with the centre's."""
    row = db.execute("SELECT is_compared FROM epochs ORDER BY epoch DESC LIMIT 1").fetchone()
    return row is None or bool(row[0])


def mark_compared(db: Database) -> None:
    """The current epoch's head agrees with the centre's."""
    db.execute("UPDATE epochs SET is_compared = 1 WHERE epoch = ?", [current(db)])


def knows_key(db: Database, spki: bytes) -> bool:
    """True when the journal has introduced that office key (SPKI, DER)."""
    return db.execute("SELECT 1 FROM office_keys WHERE spki = ?", [spki]).fetchone() is not None


def add_key(db: Database, spki: bytes, seq: int) -> None:
    """Enter a key of the office; `seq` is the journal row that tells of it."""
    db.execute("INSERT INTO office_keys VALUES (?, ?)", [spki, seq])


def office_keys(db: Database) -> list[bytes]:
    """The keys (SPKI, DER) that speak or spoke for the office, oldest first."""
    return [row[0] for row in db.execute("SELECT spki FROM office_keys ORDER BY since_seq").fetchall()]
