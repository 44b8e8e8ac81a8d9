"""A case's life in the archive: each change is the case's new state, its evidence and a journal row, together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from data import case_table, contracts, evidence_table, journal, search
from data.errors import RecordConflict
from data.journal import Entry
from data.records import Contract
from kiosk.cases import Abandoned, Case, Completed, Outcome, Suspended
from kiosk.procedures.evidence import AgreementConcluded, Evidence
from kiosk.procedures.preconditions import Check

if TYPE_CHECKING:
    from sqlite_utils import Database

OUTCOMES = frozenset({"step_completed", "case_suspended", "case_abandoned"})
"""Kinds of journal rows that tell how a step ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """Who records, and when."""

    clerk: str
    local: datetime
    """At the office, with its zone."""


def open_case(db: Database, case: Case, entry: Entry, checks: Sequence[Check], facts: dict[str, Any]) -> None:
    """Add a new case; `entry` gets the case, what was checked and the facts as its body."""
    if case.evidence:
        raise RecordConflict(f"case {case.id} has evidence before it is opened")
    if db.execute("SELECT 1 FROM cases WHERE id = ?", [case.id]).fetchone():
        raise RecordConflict(f"case {case.id} is already in the archive")
    body = {
        "procedure": case.procedure_key,
        "edition": case.edition,
        "step": case.at,
        "status": case.status.value,
        "reason": case.reason,
        "parent_id": case.parent_id,
        "contract_number": case.contract_number,
        "citizen": case_table.citizen_record(case.citizen),
        "checks": [asdict(check) | {"remedy": check.remedy.value} for check in checks],
        "facts": facts,
    }
    case_table.insert_case(db, case, entry.at)
    journal.append(db, replace(entry, body=body))
    search.index_case(db, case.id)


def record(db: Database, before: Case, outcome: Outcome[Evidence], after: Case, moment: Moment) -> None:
    """Store how the current step of `before` ended. Raises `UnknownCase`, `RecordConflict`."""
    if before.id != after.id:
        raise RecordConflict(f"case {before.id} cannot become {after.id}")
    case_table.update_case(db, after, moment.local)
    step: dict[str, Any] = {"step": before.at, "reference": before.reference}
    match outcome:
        case Suspended(reason):
            _append(db, before, moment, "case_suspended", step | {"reason": reason})
        case Abandoned(reason):
            _append(db, before, moment, "case_abandoned", step | {"reason": reason})
        case Completed(evidence):
            _complete(db, before, evidence, step, moment)


def _complete(db: Database, before: Case, evidence: Evidence, step: dict[str, Any], moment: Moment) -> None:
    attempt = evidence_table.next_attempt(db, before.id, before.at)
    body = step | {"attempt": attempt, "evidence": type(evidence).__name__, "facts": evidence.as_record()}
    seq = _append(db, before, moment, "step_completed", body)
    evidence_table.insert_evidence(db, before.id, before.at, attempt, evidence, seq)
    if isinstance(evidence, AgreementConcluded):
        contracts.insert_contract(db, _contract(before, evidence, moment))
        search.index_case(db, before.id)


def _append(db: Database, case: Case, moment: Moment, kind: str, body: dict[str, Any]) -> int:
    return journal.append(db, Entry(at=moment.local, clerk=moment.clerk, kind=kind, body=body, case_id=case.id))


def _contract(case: Case, evidence: AgreementConcluded, moment: Moment) -> Contract:
    return Contract(
        number=evidence.agreement_number,
        personal_number=case.citizen.personal_number,
        concluded_on=moment.local.date(),
        case_id=case.id,
        seen_by=moment.clerk,
    )
