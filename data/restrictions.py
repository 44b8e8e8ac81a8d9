"""Cases that are kept and not used: their citizen has asked for it, and the law does not let us erase them yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database


def restrict(db: Database, case_id: str, reason: str, since: str) -> None:
    """Keep the case out of every search."""
    db.execute("INSERT OR REPLACE INTO restrictions VALUES (?, ?, ?)", [case_id, reason, since])


def lift(db: Database, case_id: str) -> None:
    """The case may be found again."""
    db.execute("DELETE FROM restrictions WHERE case_id = ?", [case_id])


def reason_of(db: Database, case_id: str) -> str | None:
    """Why the case is restricted; `None` when it is not."""
    row = db.execute("SELECT reason FROM restrictions WHERE case_id = ?", [case_id]).fetchone()
    return None if row is None else str(row[0])
