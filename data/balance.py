"""What must be equal at the end of a day, case by case: papers, evidence, certificates, and the journal's rows of them.

A case counts on the day on which it was completed, with all it ever had; so a case over midnight balances. A
certificate whose case is not completed is looked at on the day on which it was issued or written.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from data import receipt_book
from data.reports import IN_SPAN, Span

if TYPE_CHECKING:
    from sqlite_utils import Database

COMPLETED = "SELECT id FROM cases WHERE status = 'completed' AND changed_at >= :begin AND changed_at < :end"
ISSUED = "certificate <> x'' AND state NOT IN ('rejected', 'withdrawn', 'revoked')"
"""Orders whose certificate is alive."""
UNENDED = " ".join(
    (
        "SELECT id FROM cases WHERE status <> 'completed' AND id IN (",
        "SELECT case_id FROM journal WHERE kind = 'certificate_archived' AND at >= :begin AND at < :end UNION",
        "SELECT case_id FROM orders WHERE",
        ISSUED,
        "AND case_id IN (",
        "SELECT case_id FROM journal WHERE kind = 'order_finished' AND at >= :begin AND at < :end))",
    )
)
AT_CENTRE = " ".join((IN_SPAN, "SELECT count(*), coalesce(sum(seq <= :acknowledged), 0) FROM written"))
WAITING = " ".join(
    (
        IN_SPAN,
        "SELECT DISTINCT case_id FROM written CROSS JOIN journal USING (seq)",
        "WHERE seq > :acknowledged AND case_id IS NOT NULL ORDER BY case_id",
    )
)
TABLES = {"step_completed": "evidence", "paper_printed": "papers", "certificate_archived": "certificates"}
"""Kinds of journal rows, and the table that must have a row for each."""


@dataclass(slots=True, kw_only=True)
class Tally:
    """What the archive has of one case."""

    case_id: str
    procedure: str
    is_completed: bool
    printed: dict[str, int] = field(default_factory=dict)
    """How often each form was printed."""
    evidence: dict[str, dict[str, Any]] = field(default_factory=dict)
    """The facts of the latest recording of each step, by the kind of evidence."""
    serials: set[str] = field(default_factory=set)
    """Serial numbers of the certificates that were read back."""
    issued: set[str] = field(default_factory=set)
    """Serial numbers of the certificates that the authority has issued for its orders."""
    in_tables: dict[str, int] = field(default_factory=dict)
    """Rows of the tables, by the kind of journal row that tells of them."""
    in_journal: dict[str, int] = field(default_factory=dict)
    """Journal rows of those kinds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchanged:
    """The journal's rows of the span, and where they are."""

    rows: int
    at_centre: int
    """Rows that a receipt of the centre vouches for."""
    waiting: tuple[str, ...]
    """Cases of the others."""


def tallies(db: Database, days: Span) -> list[Tally]:
    """The cases that were completed in the span, and others whose certificates were issued or written in it."""
    ids = [case_id for query in (COMPLETED, UNENDED) for (case_id,) in db.execute(query, days.values).fetchall()]
    # Handed over as one value: asked for again in each question, they would cost more than the answers.
    cases = json.dumps(ids)
    found = {
        case_id: Tally(case_id=case_id, procedure=procedure, is_completed=status == "completed")
        for case_id, procedure, status in _of(db, "id, procedure_key, status FROM cases WHERE id", cases, "ORDER BY id")
    }
    by_form = _of(db, "case_id, form, count(*) FROM papers WHERE case_id", cases, "GROUP BY 1, 2")
    for case_id, form, count in by_form:
        found[case_id].printed[form] = count
    by_step = _of(db, "case_id, kind, facts FROM evidence WHERE case_id", cases, "ORDER BY step, attempt")
    for case_id, kind, facts in by_step:
        found[case_id].evidence[kind] = json.loads(facts)
    for case_id, serial in _of(db, "case_id, serial FROM certificates WHERE case_id", cases):
        found[case_id].serials.add(serial)
    for case_id, serial in _of(db, f"case_id, serial FROM orders WHERE {ISSUED} AND case_id", cases):
        found[case_id].issued.add(serial)
    _count_rows(db, cases, found)
    return list(found.values())


def _count_rows(db: Database, cases: str, found: dict[str, Tally]) -> None:
    for kind, table in TABLES.items():
        for case_id, count in _of(db, f"case_id, count(*) FROM {table} WHERE case_id", cases, "GROUP BY 1"):
            found[case_id].in_tables[kind] = count
    by_kind = _of(db, "case_id, kind, count(*) FROM journal WHERE case_id", cases, "GROUP BY 1, 2")
    for case_id, kind, count in by_kind:
        if kind in TABLES:
            found[case_id].in_journal[kind] = count


def _of(db: Database, what: str, cases: str, tail: str = "") -> list[Any]:
    """What there is of those cases (a JSON array of their numbers)."""
    query = " ".join(("SELECT", what, "IN (SELECT value FROM json_each(?))", tail))
    return list(db.execute(query, [cases]).fetchall())


def exchanged(db: Database, days: Span) -> Exchanged:
    """How many rows were written in the span, and which of them the centre has acknowledged."""
    values = days.values | {"acknowledged": receipt_book.acknowledged(db)}
    rows, at_centre = db.execute(AT_CENTRE, values).fetchone()
    waiting = tuple(case_id for (case_id,) in db.execute(WAITING, values).fetchall())
    return Exchanged(rows=rows, at_centre=at_centre, waiting=waiting)
