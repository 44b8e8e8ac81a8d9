"""What went wrong in a span of days: where in the procedure, at which reader, under which code."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from typing import TYPE_CHECKING

from data import journal
from data.records import JournalRow
from data.reports import Span

if TYPE_CHECKING:
    from sqlite_utils import Database

FAILED = ("fault", "refused", "unblock_refused", "unclean_start")
"""Kinds of rows that tell of something that did not go as it should."""
MOVED = frozenset({"case_opened", "case_resumed", "case_suspended", "step_completed"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One thing that went wrong. Empty texts: the journal does not tell, or the person was erased."""

    seq: int
    at: datetime
    """UTC."""
    kind: str
    clerk: str
    case_id: str | None
    step: str
    """`issuance/6`; the procedure alone where no case was opened."""
    reader: str
    code: str
    """The fault's code, or the preconditions that were not met."""


def failures(db: Database, days: Span) -> list[Failure]:
    """What went wrong, in the order in which it did. Raises `ArchiveDamaged`."""
    marks = ", ".join("?" * len(FAILED))
    found = db.execute(
        f"SELECT seq, body FROM journal WHERE kind IN ({marks}) "  # noqa: S608  # question marks
        "AND at >= ? AND at < ? ORDER BY seq",
        [*FAILED, days.begin, days.end],
    ).fetchall()
    case_rows = cache(partial(_rows_of_case, db))
    return [_failure(row, case_rows(row.case_id)) for row in journal.read_rows(db, found)]


def _rows_of_case(db: Database, case_id: str | None) -> list[JournalRow]:
    return journal.rows_of_case(db, case_id, MOVED) if case_id else []


def _failure(row: JournalRow, of_case: Iterable[JournalRow]) -> Failure:
    before = [other for other in of_case if other.seq < row.seq and not other.is_erased]
    opened = before[0].body if before else {}
    return Failure(
        seq=row.seq,
        at=row.at,
        kind=row.kind,
        clerk=row.clerk,
        case_id=row.case_id,
        step=row.body.get("step") or _step(row, before),
        reader=opened.get("facts", {}).get("reader", ""),
        code=row.body.get("code") or " ".join(row.body.get("reasons", [])),
    )


def _step(row: JournalRow, before: list[JournalRow]) -> str:
    """Where the case stood when it happened."""
    if not before:
        return str(row.body.get("procedure", ""))
    latest = before[-1].body
    step = latest["after"]["at"] if "after" in latest else latest["step"]
    return f"{before[0].body['procedure']}/{step}"
