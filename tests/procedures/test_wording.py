"""The code says what the published procedure says, step by step, character for character."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kiosk.procedures import ISSUANCE, RENEWAL, Procedure

PUBLISHED = (Path(__file__).parent / "postupak.txt").read_text(encoding="utf-8")


def section(heading: str) -> str:
    return PUBLISHED.split(f"## ПОСТУПАК {heading}")[1].split("\n## ")[0]


def paragraphs(heading: str) -> dict[int, str]:
    """The numbered paragraphs; the asterisks are the copy's marks for bold type, not letters of the text."""
    found = re.findall(r"^(\d+)\. (.+)$", section(heading), re.MULTILINE)
    return {int(number): text.replace("**", "").strip() for number, text in found}


@pytest.mark.parametrize(
    ("procedure", "heading", "count"), [(ISSUANCE, "ИЗДАВАЊА", 7), (RENEWAL, "ОБНАВЉАЊА", 5)], ids=lambda v: str(v)[:12]
)
def test_every_published_step_is_in_the_code(procedure: Procedure, heading: str, count: int) -> None:
    published = paragraphs(heading)
    assert len(published) == count
    assert {step.number: step.wording for step in procedure.steps} == published


@pytest.mark.parametrize(("procedure", "heading"), [(ISSUANCE, "ИЗДАВАЊА"), (RENEWAL, "ОБНАВЉАЊА")])
def test_the_precondition_is_the_published_one(procedure: Procedure, heading: str) -> None:
    assert procedure.precondition in re.sub(r"[<>*]", "", section(heading))


def test_steps_are_numbered_from_one_without_gaps() -> None:
    for procedure in (ISSUANCE, RENEWAL):
        assert [step.number for step in procedure.steps] == list(range(1, len(procedure.steps) + 1))
