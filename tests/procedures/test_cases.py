"""A case advances, pauses, returns and ends by pure functions."""

from __future__ import annotations

from datetime import date
from typing import Any, get_type_hints

import pytest

from kiosk.cases import (
    Abandoned,
    Case,
    CaseClosed,
    CaseStatus,
    Citizen,
    Completed,
    Suspended,
    WrongEvidence,
    advance,
    resume,
    step_back,
)
from kiosk.procedures import PROCEDURES
from kiosk.procedures.evidence import EVIDENCE, Evidence, from_record

SAMPLES: dict[Any, Any] = {
    int: 1,
    bool: True,
    str: "x",
    int | None: 3,
    str | None: "e@example.rs",
    tuple[str, ...]: ("a", "b"),
}


def sample(kind: type[Evidence]) -> Evidence:
    return kind(**{name: SAMPLES[hint] for name, hint in get_type_hints(kind).items()})


def citizen() -> Citizen:
    return Citizen(
        personal_number="0101990710006",
        surname="ПРОБНИЋ",
        given_name="ПРОБА",
        parent_given_name="ПРОБНИК",
        date_of_birth=date(1990, 1, 1),
        place_of_birth="УЖИЦЕ",
        residence="Пробна 1, Ужице",
        document_number="000000001",
        issuing_authority="TEST",
        card_expiry=date(2099, 1, 1),
    )


def case(procedure_key: str = "issuance", at: int = 1) -> Case:
    return Case(id="2026-000001", procedure_key=procedure_key, edition="1", citizen=citizen(), at=at)


@pytest.mark.parametrize("procedure_key", PROCEDURES)
def test_a_case_walks_all_its_steps_and_is_completed(procedure_key: str) -> None:
    walking = case(procedure_key)
    for step in walking.procedure.steps:
        assert walking.at == step.number
        assert walking.status is CaseStatus.OPEN
        walking = advance(walking, Completed(sample(step.evidence)))
    assert walking.status is CaseStatus.COMPLETED
    assert set(walking.evidence) == {step.number for step in walking.procedure.steps}


@pytest.mark.parametrize("procedure_key", PROCEDURES)
def test_evidence_of_another_step_is_refused(procedure_key: str) -> None:
    for step in PROCEDURES[procedure_key].steps:
        for other in EVIDENCE.values():
            if other is not step.evidence:
                with pytest.raises(WrongEvidence):
                    advance(case(procedure_key, step.number), Completed(sample(other)))


@pytest.mark.parametrize(("procedure_key", "pin_step"), [("issuance", 6), ("renewal", 4), ("unblock", 4)])
def test_an_interrupted_pin_entry_is_resumed_one_step_earlier(procedure_key: str, pin_step: int) -> None:
    paused = advance(case(procedure_key, pin_step), Suspended("card_removed"))
    assert paused.status is CaseStatus.SUSPENDED
    back = resume(paused)
    assert (back.at, back.status, back.reason) == (pin_step - 1, CaseStatus.OPEN, "")


def test_every_other_step_resumes_at_itself() -> None:
    for procedure in PROCEDURES.values():
        for step in procedure.steps:
            if step.resumes_at is None:
                assert resume(advance(case(procedure.key, step.number), Suspended("x"))).at == step.number


def test_an_abandoned_case_keeps_its_cause_and_stays_closed() -> None:
    ended = advance(case(), Abandoned("citizen_withdrew"))
    assert (ended.status, ended.reason) == (CaseStatus.ABANDONED, "citizen_withdrew")
    with pytest.raises(CaseClosed):
        resume(ended)
    with pytest.raises(CaseClosed):
        advance(ended, Suspended("x"))


def test_going_back_never_passes_a_step_that_changed_the_chip() -> None:
    assert step_back(case("issuance", 3)).at == 2
    assert step_back(case("issuance", 1)).at == 1
    assert step_back(case("issuance", 7)).at == 7
    assert step_back(case("renewal", 5)).at == 5


@pytest.mark.parametrize("kind", EVIDENCE.values(), ids=lambda k: k.__name__)
def test_evidence_survives_the_archive(kind: type[Evidence]) -> None:
    evidence = sample(kind)
    assert from_record(kind.__name__, evidence.as_record()) == evidence
