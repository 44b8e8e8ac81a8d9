"""The table of evidence: every recording of every step, each attempt under its own number."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from data.canonical import canonical
from data.errors import ArchiveDamaged
from kiosk.procedures.evidence import Evidence, from_record

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
