"""When work began and ended, what did not end decently, and when the clock was moved: rows like everything else."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from data import journal
from data.journal import Entry
from data.values import utc_text

if TYPE_CHECKING:
    from sqlite_utils import Database

    from data.records import JournalRow

SYSTEM = "-"
"""Who writes rows that no clerk caused."""
MOST_DRIFT = timedelta(seconds=60)
"""How far the clock may move against the machine's own count of seconds before that is a row."""


def begin(db: Database, at: datetime, clerk: str) -> None:
    """Enter that a clerk begins; first, what the last session left behind."""
    last = journal.newest_rows(db, 1, None)
    if last and last[0].at > at:
        _append(db, at, SYSTEM, "clock_changed", {"from": utc_text(last[0].at), "to": utc_text(at)})
    unended = _unended(db)
    if unended is not None:
        body = {"session": unended.seq, "begun": utc_text(unended.at), "last_row": last[0].seq}
        _append(db, at, SYSTEM, "unclean_start", body)
    _append(db, at, clerk, "session_begun", {})


def end(db: Database, at: datetime, clerk: str) -> None:
    """Enter that a clerk ends; without a session under way it does nothing."""
    if _unended(db) is not None:
        _append(db, at, clerk, "session_ended", {})


def _unended(db: Database) -> JournalRow | None:
    """The session that has begun and not ended."""
    rows = db.execute(
        "SELECT seq, body FROM journal WHERE kind IN ('session_begun', 'session_ended') ORDER BY seq DESC LIMIT 1"
    ).fetchall()
    found = journal.read_rows(db, rows)
    return found[0] if found and found[0].kind == "session_begun" else None


def _append(db: Database, at: datetime, clerk: str, kind: str, body: dict[str, Any]) -> None:
    journal.append(db, Entry(at=at, clerk=clerk, kind=kind, body=body))


def seconds_since_boot() -> float:
    """The machine's own count; nobody can set it, and it goes on while the machine sleeps."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class ClockWatch:
    """Notices that the clock was moved while the program ran."""

    def __init__(self, clock: Callable[[], datetime], count: Callable[[], float] = seconds_since_boot) -> None:
        self._clock = clock
        self._count = count
        self._seen: tuple[datetime, float] | None = None

    def look(self, db: Database) -> None:
        """Before a change: put the clock's move since the last look into the journal, if it was moved."""
        now, count = self._clock(), self._count()
        if self._seen is not None:
            moved = now - self._seen[0] - timedelta(seconds=count - self._seen[1])
            if abs(moved) > MOST_DRIFT:
                body = {"from": utc_text(now - moved), "to": utc_text(now), "by_s": round(moved.total_seconds())}
                _append(db, now, SYSTEM, "clock_changed", body)
        self._seen = now, count
