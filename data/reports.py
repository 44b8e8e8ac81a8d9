"""What the reports ask of the archive about a span of days. Nothing here writes.

A row belongs to the day that the clock showed when it was written. Where the clock was moved in the span, the report
says so: `clock_moves`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import TYPE_CHECKING, Any

from data import journal
from data.values import moment, utc_text
from kiosk.ca.interface import Profile

if TYPE_CHECKING:
    from sqlite_utils import Database

# The index of the journal begins with the kind: the kinds there are cost one look each, and so do those of a span.
KINDS = (
    "WITH RECURSIVE each (kind) AS (SELECT min(kind) FROM journal UNION ALL "
    "SELECT (SELECT min(kind) FROM journal WHERE kind > each.kind) FROM each WHERE each.kind IS NOT NULL)"
)
# In the order of the rows, so that each page of the file is deciphered once.
IN_SPAN = " ".join(
    (
        KINDS + ", written (seq) AS MATERIALIZED",
        "(SELECT seq FROM journal WHERE kind IN (SELECT kind FROM each) AND at >= :begin AND at < :end ORDER BY seq)",
    )
)
COUNTED = " ".join(
    (
        KINDS,
        "SELECT kind, (SELECT count(*) FROM journal WHERE journal.kind = each.kind AND at >= :begin AND at < :end)",
        "AS n FROM each WHERE kind IS NOT NULL AND n > 0 ORDER BY kind",
    )
)
ROWS = " ".join(
    (IN_SPAN, "SELECT seq, at, clerk, case_id, kind FROM written CROSS JOIN journal USING (seq) ORDER BY seq")
)


@dataclass(frozen=True, slots=True)
class Span:
    """Days from `first` to `last` at the office, and the same as moments: from `begin` until before `end`."""

    first: date
    last: date
    begin: str
    end: str

    @property
    def values(self) -> dict[str, Any]:
        """The moments as values of a query."""
        return {"begin": self.begin, "end": self.end}


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRow:
    """A journal row as far as it stands open: what it says of a citizen stays sealed."""

    seq: int
    at: datetime
    """UTC."""
    clerk: str
    case_id: str | None
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EndingCertificate:
    """A certificate that ends in the span."""

    serial: str
    profile: Profile
    case_id: str
    document_number: str
    full_name: str
    not_after: datetime
    """UTC."""
    is_followed: bool
    """The citizen has one of the same profile that ends later."""


def span(first: date, last: date, zone: tzinfo | None) -> Span:
    """The days from `first` to `last`, both included, in the office's zone (`None`: the machine's)."""
    begin, end = (
        utc_text(datetime.combine(day, time.min, zone).astimezone(UTC)) for day in (first, last + timedelta(days=1))
    )
    return Span(first, last, begin, end)


def kinds(db: Database, days: Span) -> dict[str, int]:
    """How many rows of each kind were written; kinds without any are left out."""
    return dict(db.execute(COUNTED, days.values).fetchall())


def rows(db: Database, days: Span) -> list[OpenRow]:
    """The rows that were written, in the order in which they were."""
    found = db.execute(ROWS, days.values).fetchall()
    return [OpenRow(seq=s, at=moment(at), clerk=clerk, case_id=case, kind=kind) for s, at, clerk, case, kind in found]


def ended(db: Database, days: Span) -> dict[str, int]:
    """Cases that were completed, by procedure, and those that were `abandoned`; on the day on which they ended."""
    counted = db.execute(
        "SELECT CASE status WHEN 'completed' THEN procedure_key ELSE status END, count(*) FROM cases "
        "WHERE status IN ('completed', 'abandoned') AND changed_at >= :begin AND changed_at < :end GROUP BY 1",
        days.values,
    )
    return dict(counted.fetchall())


def clock_moves(db: Database, days: Span) -> list[tuple[str, str]]:
    """From when to when the clock was moved, as UTC text, where either lies in the span or the move leaps over it."""
    moved = [row.body for row in journal.read_rows(db, journal.bytes_of_kind(db, "clock_changed"))]
    return [
        (body["from"], body["to"])
        for body in moved
        if min(body["from"], body["to"]) < days.end and max(body["from"], body["to"]) >= days.begin
    ]


def status_changes(db: Database) -> dict[str, str]:
    """What was done last to certificates, by serial: `revoke`, `hold` or `release`; rows of erased persons left out."""
    done = journal.read_rows(db, journal.bytes_of_kind(db, "status_done"))
    return {row.body["serial"]: row.body["action"] for row in done if not row.is_erased}


def ending(db: Database, days: Span) -> list[EndingCertificate]:
    """Certificates that end in the span, soonest first; those of restricted cases are not used for anything."""
    found = db.query(
        "SELECT serial, profile, c.case_id, c.document_number, full_name, not_after, EXISTS ("
        "SELECT 1 FROM certificates AS later WHERE later.personal_number = c.personal_number "
        "AND later.not_after > c.not_after AND later.profile = c.profile) AS is_followed "
        "FROM certificates AS c JOIN cases ON cases.id = c.case_id "
        "WHERE c.not_after >= :begin AND c.not_after < :end "
        "AND NOT EXISTS (SELECT 1 FROM restrictions WHERE restrictions.case_id = c.case_id) "
        "ORDER BY c.not_after, c.case_id, profile",
        days.values,
    )
    return [
        EndingCertificate(
            **row
            | {
                "profile": Profile(row["profile"]),
                "not_after": moment(row["not_after"]),
                "is_followed": bool(row["is_followed"]),
            }
        )
        for row in found
    ]
