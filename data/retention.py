"""How long a case must be kept: the longer of two terms, from the end of its certificates and from its own end.

Seven years after the certificate's end is ETSI EN 319 411-1 (OVR-6.4.6-01), ten years the national rule for trust
services; both are settings, for neither could be confirmed for this office.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from data.values import moment

if TYPE_CHECKING:
    from sqlite_utils import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """The terms, in years."""

    after_certificate_end: int = 7
    after_case_end: int = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class RetainedCase:
    """A case and how long it is kept."""

    case_id: str
    personal_number: str
    until: date
    """The last day on which it must be kept."""


def later(day: date, years: int) -> date:
    """The same day so many years later; the 29th of February becomes the 1st of March."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def cases_of(db: Database, terms: Retention, personal_number: str | None = None) -> list[RetainedCase]:
    """The clocks of all cases, or of a citizen's; a case that has not ended counts from its latest change."""
    rows = db.execute(
        "SELECT cases.id, cases.personal_number, changed_at, max(not_after) FROM cases "
        "LEFT JOIN certificates ON certificates.case_id = cases.id "
        "WHERE :person IS NULL OR cases.personal_number = :person GROUP BY cases.id ORDER BY cases.n",
        {"person": personal_number},
    ).fetchall()
    return [RetainedCase(case_id=row[0], personal_number=row[1], until=_until(row[2], row[3], terms)) for row in rows]


def _until(changed_at: str, not_after: str | None, terms: Retention) -> date:
    of_case = later(moment(changed_at).date(), terms.after_case_end)
    if not_after is None:
        return of_case
    return max(of_case, later(moment(not_after).date(), terms.after_certificate_end))


def person_until(db: Database, terms: Retention, personal_number: str) -> date | None:
    """The last day on which anything of a citizen must be kept; `None` when there is nothing."""
    days = [case.until for case in cases_of(db, terms, personal_number)]
    alone = db.execute(
        "SELECT concluded_on FROM contracts WHERE personal_number = ? AND case_id IS NULL", [personal_number]
    ).fetchall()
    days += [later(date.fromisoformat(day), terms.after_case_end) for (day,) in alone]
    return max(days, default=None)


def erasable(db: Database, terms: Retention, today: date) -> list[RetainedCase]:
    """The first case of each citizen of whom nothing must be kept on that day."""
    first = {case.personal_number: case for case in reversed(cases_of(db, terms)) if case.until < today}
    until = {number: person_until(db, terms, number) for number in first}
    return [case for number, case in first.items() if (day := until[number]) is not None and day < today]
