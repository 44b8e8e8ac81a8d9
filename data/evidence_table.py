"""The table of evidence: every recording of every step, each attempt under its own number."""

from __future__ import annotations

import json
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from data import journal, persons
from data.canonical import canonical
from data.errors import ArchiveDamaged
from kiosk.procedures.evidence import Evidence, from_record

if TYPE_CHECKING:
    from sqlite_utils import Database


def next_attempt(db: Database, case_id: str, step: int) -> int:
    """Number of the next recording of a step, counted from 1."""
    query = "SELECT coalesce(max(attempt), 0) + 1 FROM evidence WHERE case_id = ? AND step = ?"
    return int(db.execute(query, [case_id, step]).fetchone()[0])


def insert_evidence(db: Database, case_id: str, body: dict[str, Any], seq: int) -> None:
    """Add one recording of a step, as journal row `seq` tells it."""
    db.table("evidence").insert(evidence_columns(case_id, body, seq))


def evidence_columns(case_id: str | None, body: dict[str, Any], seq: int) -> dict[str, Any]:
    """What the table holds of a journal row that completes a step."""
    return {
        "case_id": case_id,
        "step": body["step"],
        "attempt": body["attempt"],
        "kind": body["evidence"],
        "facts": canonical(body["facts"]).decode(),
        "seq": seq,
    }


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
    held = {row["seq"]: row for row in db.query("SELECT * FROM evidence ORDER BY seq")}
    wrong = set(held)
    key_of = cache(partial(persons.key_of, db))
    for seq, body in journal.bytes_of_kind(db, "step_completed"):
        try:
            row = journal.opened_row(seq, body, key_of)
            is_true = row.is_erased or held.get(seq) == evidence_columns(row.case_id, row.body, seq)
        except (ArchiveDamaged, KeyError):
            is_true = False
        (wrong.discard if is_true else wrong.add)(seq)
    return min(wrong, default=None)
