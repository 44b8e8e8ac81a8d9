"""The table of evidence: every recording of every step, each attempt under its own number."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from data.canonical import canonical
from data.errors import ArchiveDamaged
from kiosk.procedures.evidence import Evidence, from_record

UNTRUE_TO_JOURNAL = """
SELECT min(seq) FROM (
    SELECT evidence.seq FROM evidence LEFT JOIN journal ON journal.seq = evidence.seq
    WHERE journal.kind IS NOT 'step_completed'
    OR journal.case_id IS NOT evidence.case_id
    OR CAST(body AS TEXT) ->> '$.body.step' IS NOT step
    OR CAST(body AS TEXT) ->> '$.body.attempt' IS NOT attempt
    OR CAST(body AS TEXT) ->> '$.body.evidence' IS NOT evidence.kind
    OR CAST(body AS TEXT) -> '$.body.facts' IS NOT facts
    UNION ALL
    SELECT seq FROM journal WHERE kind = 'step_completed' AND seq NOT IN (SELECT seq FROM evidence)
)
"""

if TYPE_CHECKING:
    from sqlite_utils import Database


def next_attempt(db: Database, case_id: str, step: int) -> int:
    """Number of the next recording of a step, counted from 1."""
    query = "SELECT coalesce(max(attempt), 0) + 1 FROM evidence WHERE case_id = ? AND step = ?"
    return int(db.execute(query, [case_id, step]).fetchone()[0])


def insert_evidence(db: Database, case_id: str, step: int, attempt: int, evidence: Evidence, seq: int) -> None:
    """Add one recording of a step; `seq` is the journal row that tells of it."""
    db.table("evidence").insert(
        {
            "case_id": case_id,
            "step": step,
            "attempt": attempt,
            "kind": type(evidence).__name__,
            "facts": canonical(evidence.as_record()).decode(),
            "seq": seq,
        }
    )


def evidence_of(db: Database, case_id: str) -> dict[int, Evidence]:
    """The latest recording of each step of a case. Raises `ArchiveDamaged`."""
    rows = db.execute("SELECT step, kind, facts FROM evidence WHERE case_id = ? ORDER BY step, attempt", [case_id])
    latest = {step: (kind, facts) for step, kind, facts in rows.fetchall()}
    try:
        return {step: from_record(kind, json.loads(facts)) for step, (kind, facts) in latest.items()}
    except (KeyError, TypeError, ValueError) as error:
        raise ArchiveDamaged(f"evidence of case {case_id}: {type(error).__name__}") from error


def first_untrue(db: Database) -> int | None:
    """Number of the first journal row that the table of evidence contradicts or does not have; `None` if none."""
    found: int | None = db.execute(UNTRUE_TO_JOURNAL).fetchone()[0]
    return found
