"""A case: one citizen going through one procedure. Pure; no clock, disk or card."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from enum import Enum
from typing import Generic, TypeVar

from kiosk.procedures import PROCEDURES
from kiosk.procedures.evidence import Evidence
from kiosk.procedures.step import Procedure, Step

E_co = TypeVar("E_co", bound=Evidence, covariant=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Citizen:
    """Корисник: who the case is for, spelled as on the chip. Dates are calendar dates."""

    personal_number: str
    surname: str
    given_name: str
    parent_given_name: str
    date_of_birth: date | None
    place_of_birth: str
    residence: str
    document_number: str
    issuing_authority: str
    card_expiry: date

    @property
    def full_name(self) -> str:
        """Surname first, as the forms and the lists have it."""
        return f"{self.surname} {self.given_name}"


class CaseStatus(Enum):
    """Where a case stands."""

    OPEN = "open"
    SUSPENDED = "suspended"
    COMPLETED = "completed"
    ABANDONED = "abandoned"


@dataclass(frozen=True, slots=True)
class Completed(Generic[E_co]):
    """The step is done; this is what it records."""

    evidence: E_co


@dataclass(frozen=True, slots=True)
class Suspended:
    """The case is set aside (citizen left, unblock first, authority out of reach) and will be resumed."""

    reason: str


@dataclass(frozen=True, slots=True)
class Abandoned:
    """The case ends without its purpose; the cause is recorded."""

    reason: str


Outcome = Completed[E_co] | Suspended | Abandoned


class WrongEvidence(Exception):
    """A step was completed with another step's evidence."""


class CaseClosed(Exception):
    """A case that has ended cannot go on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One run of a procedure for one citizen."""

    id: str
    """Number of the case as the clerk says it: `2026-000019`."""
    procedure_key: str
    edition: str
    citizen: Citizen
    at: int = 1
    """Number of the step to do next; stays at the last one when completed."""
    status: CaseStatus = CaseStatus.OPEN
    reason: str = ""
    """Why it is suspended or abandoned."""
    evidence: dict[int, Evidence] = field(default_factory=dict)
    parent_id: str | None = None
    """The case an unblock was opened from, and goes back to."""
    contract_number: str | None = None
    """Renewal: the contract it rests on. Issuance gets its own at step 3."""

    @property
    def procedure(self) -> Procedure:
        """The procedure's text and steps."""
        return PROCEDURES[self.procedure_key]

    @property
    def step(self) -> Step:
        """The step to do next."""
        return self.procedure.step(self.at)

    @property
    def reference(self) -> str:
        """Procedure and step, as logs and rows name them: `issuance/5`."""
        return self.procedure.reference(self.at)


def advance(case: Case, outcome: Outcome[Evidence]) -> Case:
    """The case as it stands after its current step ended with `outcome`.

    Raises `WrongEvidence` when the evidence belongs to another step, `CaseClosed` when the case has ended.
    """
    if case.status in (CaseStatus.COMPLETED, CaseStatus.ABANDONED):
        raise CaseClosed(case.id)
    match outcome:
        case Suspended(reason):
            return replace(case, status=CaseStatus.SUSPENDED, reason=reason)
        case Abandoned(reason):
            return replace(case, status=CaseStatus.ABANDONED, reason=reason)
        case Completed(evidence):
            return _completed(case, evidence)


def _completed(case: Case, evidence: Evidence) -> Case:
    step = case.step
    if type(evidence) is not step.evidence:
        raise WrongEvidence(case.reference)
    recorded = {**case.evidence, step.number: evidence}
    if case.procedure.is_last(step):
        return replace(case, status=CaseStatus.COMPLETED, reason="", evidence=recorded)
    return replace(case, status=CaseStatus.OPEN, reason="", at=step.number + 1, evidence=recorded)


def resume(case: Case) -> Case:
    """Reopen an interrupted case at the step it can honestly restart from. Raises `CaseClosed`."""
    if case.status in (CaseStatus.COMPLETED, CaseStatus.ABANDONED):
        raise CaseClosed(case.id)
    step = case.step
    return replace(case, at=step.resumes_at or step.number, status=CaseStatus.OPEN, reason="")


def step_back(case: Case) -> Case:
    """The case one step earlier, for a correction; what was recorded stays until it is recorded anew.

    Not possible past a step that changed the chip: the case is returned as it is.
    """
    earlier = case.at - 1
    if earlier < 1 or case.procedure.step(earlier).resumes_at is not None:
        return case
    return replace(case, at=earlier)
