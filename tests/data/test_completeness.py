"""A case with a hole in what REG-6.4.5-04 asks for cannot be ended."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from data.archive import Archive
from data.completeness import registration_record
from data.errors import EvidenceIncomplete
from kiosk.cases import Case, CaseStatus
from kiosk.procedures import PROCEDURES
from kiosk.procedures.evidence import DossierFiled, RequestReceived
from tests.data.invented import CLERK, FACTS, citizen, finish_step, new_case


def opened(archive: Archive, facts: dict[str, Any], **changes: Any) -> Case:
    case = Case(id=archive.new_case_number(), procedure_key="issuance", edition="1", citizen=citizen(**changes))
    archive.open_case(case, clerk=CLERK, checks=(), facts=facts)
    return case


def walk(archive: Archive, case: Case, holes: dict[type, dict[str, Any]] | None = None) -> Case:
    while case.status is CaseStatus.OPEN:
        case = finish_step(archive, case, **(holes or {}).get(case.step.evidence, {}))
    return case


@pytest.mark.parametrize("procedure_key", PROCEDURES)
def test_a_whole_case_has_all_seven(archive: Archive, procedure_key: str) -> None:
    case = walk(archive, new_case(archive, procedure_key))
    with archive.store.read() as db:
        record = registration_record(db, case.id)
    assert "".join(record) == "abcdefg" and all(record.values())


@pytest.mark.parametrize(
    ("letter", "facts", "changes", "holes"),
    [
        ("a", {"document_type": ""}, {}, {}),
        ("b", {}, {"document_number": ""}, {}),
        ("c", {}, {}, {DossierFiled: {"dossier": ""}}),
        ("c", {}, {}, {DossierFiled: {"filed": ()}}),
        ("f", {"authenticity": None}, {}, {}),
        ("f", {}, {}, {RequestReceived: {"identity_compared": False}}),
        ("g", {"office": ""}, {}, {}),
    ],
)
def test_a_case_with_a_hole_stays_open_and_says_which(
    archive: Archive, letter: str, facts: dict[str, Any], changes: dict[str, str], holes: dict[type, dict[str, Any]]
) -> None:
    case = opened(archive, FACTS | facts, **changes)
    with pytest.raises(EvidenceIncomplete) as caught:
        walk(archive, case, holes)
    assert caught.value.missing == (letter,)
    held = archive.case(case.id)
    assert (held.at, held.status, held.step.evidence) == (7, CaseStatus.OPEN, DossierFiled)
    assert archive.journal_rows(1)[0].body["step"] == 6


def test_the_unblock_of_a_case_rests_on_what_was_shown_for_the_case(archive: Archive) -> None:
    parent = new_case(archive)
    unblock = Case(
        id=archive.new_case_number(), procedure_key="unblock", edition="1", citizen=citizen(), parent_id=parent.id
    )
    archive.open_case(unblock, clerk=CLERK, checks=(), facts={"reader": "TEST"})
    assert walk(archive, unblock).status is CaseStatus.COMPLETED
    alone = replace(unblock, id=archive.new_case_number(), parent_id=None)
    archive.open_case(alone, clerk=CLERK, checks=(), facts={"reader": "TEST"})
    with pytest.raises(EvidenceIncomplete):
        walk(archive, alone)
