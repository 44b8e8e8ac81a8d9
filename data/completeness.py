"""What must be on record of every registration before its case may end: ETSI EN 319 411-1, REG-6.4.5-04, a to g."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from data import journal
from data.errors import EvidenceIncomplete

if TYPE_CHECKING:
    from sqlite_utils import Database

CHOICES = {
    "RequestReceived": "circled_option",
    "UnblockRequested": "pin_choice",
    "StatusChangeRequested": "circled_option",
}
"""Where the citizen's choices stand: by kind of evidence."""


def registration_record(db: Database, case_id: str) -> dict[str, Any]:
    """The seven items of one case; an empty value is a hole.

    An unblock that a case was set aside for rests on what was shown when that case was opened.
    """
    opened = _opened(db, case_id)
    parent = _opened(db, opened.body["parent_id"]) if opened.body["parent_id"] else opened
    facts = parent.body["facts"] | opened.body["facts"]
    recorded = {
        kind: json.loads(facts_text)
        for kind, facts_text in db.execute(
            "SELECT kind, facts FROM evidence WHERE case_id = ? ORDER BY step, attempt", [case_id]
        ).fetchall()
    }
    citizen = opened.body["citizen"]
    filed = recorded.get("DossierFiled", {})
    asked: dict[str, Any] = next((recorded[kind] for kind in CHOICES if kind in recorded), {})
    return {
        "a": facts.get("document_type"),
        "b": (citizen["document_number"] and citizen["personal_number"]),
        "c": filed.get("filed") and filed.get("dossier"),
        "d": next((str(asked[name]) for name in CHOICES.values() if name in asked), None),
        "e": opened.clerk,
        "f": facts.get("authenticity") if asked.get("identity_compared") else None,
        "g": facts.get("office"),
    }


def _opened(db: Database, case_id: str) -> Any:
    return journal.rows_of_case(db, case_id, frozenset({"case_opened"}))[0]


def require_whole(db: Database, case_id: str) -> None:
    """Raise `EvidenceIncomplete` naming what the case lacks."""
    missing = tuple(letter for letter, value in registration_record(db, case_id).items() if not value)
    if missing:
        raise EvidenceIncomplete(case_id, missing)
