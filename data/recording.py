"""A case's life in the archive: each change is the case's new state, its evidence and a journal row, together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from data import case_table, completeness, contracts, evidence_table, projection
from data.errors import RecordConflict
from data.journal import Entry
from data.records import Contract
from kiosk.cases import Abandoned, Case, CaseStatus, Completed, Outcome, Suspended
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
    projection.write(db, replace(entry, body=body, person=case.citizen.personal_number))


def resume(db: Database, case: Case, moment: Moment) -> None:
    """Store that a case was taken up. Raises `UnknownCase`, `RecordConflict`."""
    case_table.require_unended(db, case.id)
    _write(db, case, moment, "case_resumed", {**_step(case), "after": case_table.state_record(case)})


def record(db: Database, before: Case, outcome: Outcome[Evidence], after: Case, moment: Moment) -> None:
    """Store how the current step of `before` ended.

    Raises `UnknownCase`, `RecordConflict`; `EvidenceIncomplete` when the case would end with a hole.
    """
    if before.id != after.id:
        raise RecordConflict(f"case {before.id} cannot become {after.id}")
    case_table.require_unended(db, before.id)
    body = {**_step(before), "after": case_table.state_record(after)}
    match outcome:
        case Suspended(reason):
            _write(db, before, moment, "case_suspended", body | {"reason": reason})
        case Abandoned(reason):
            _write(db, before, moment, "case_abandoned", body | {"reason": reason})
        case Completed(evidence):
            _complete(db, before, evidence, body, moment)
    if after.status is CaseStatus.COMPLETED:
        completeness.require_whole(db, after.id)


def _complete(db: Database, before: Case, evidence: Evidence, body: dict[str, Any], moment: Moment) -> None:
    body |= {
        "attempt": evidence_table.next_attempt(db, before.id, before.at),
        "evidence": type(evidence).__name__,
        "facts": evidence.as_record(),
    }
    if isinstance(evidence, AgreementConcluded):
        contract = _contract(before, evidence, moment)
        if contracts.is_new(db, contract):
            body["contract"] = contracts.contract_record(contract)
    _write(db, before, moment, "step_completed", body)


def _step(case: Case) -> dict[str, Any]:
    return {"step": case.at, "reference": case.reference}


def _write(db: Database, case: Case, moment: Moment, kind: str, body: dict[str, Any]) -> None:
    projection.write(db, Entry(at=moment.local, clerk=moment.clerk, kind=kind, body=body, case_id=case.id))


def _contract(before: Case, evidence: AgreementConcluded, moment: Moment) -> Contract:
    return Contract(
        number=evidence.agreement_number,
        personal_number=before.citizen.personal_number,
        concluded_on=moment.local.date(),
        case_id=before.id,
        seen_by=moment.clerk,
    )
