"""The left column: the numbered steps of the procedure, and where the case stands."""

from __future__ import annotations

import textwrap

from kiosk.cases import Case
from kiosk.texts import Texts
from screens.parts.ink import Ink
from screens.parts.lines import Line, padded
from screens.parts.words import PROCEDURE_TITLES

WIDTH = 25
"""Cells of the column, its line on the right not counted."""


def step_rail(case: Case, texts: Texts, height: int) -> list[Line]:
    """`height` lines: what is done (√), what is now (►), what comes; below, whose case it is."""
    lines: list[Line] = [((f" {texts(PROCEDURE_TITLES[case.procedure_key])}", Ink.HEADING),), ()]
    for step in case.procedure.steps:
        mark, ink = _mark(step.number, case.at)
        title = textwrap.wrap(texts(step.title), WIDTH - 5)
        lines.append(((f" {mark} {step.number} {title[0]}", ink),))
        lines.extend(((f"     {rest}", ink),) for rest in title[1:])
    citizen = case.citizen
    below: list[Line] = [
        *(((f" {part}", Ink.STRONG),) for part in textwrap.wrap(citizen.surname, WIDTH - 2)[:2]),
        *(((f" {part}", Ink.STRONG),) for part in textwrap.wrap(citizen.given_name, WIDTH - 2)[:2]),
        ((f" {texts('карта {number}', number=citizen.document_number)}", Ink.PLAIN),),
    ]
    lines += [()] * (height - len(lines) - len(below))
    return [(*padded(line, WIDTH), ("│", Ink.RULE), (" ", Ink.PLAIN)) for line in (*lines, *below)][:height]


def _mark(number: int, at: int) -> tuple[str, Ink]:
    if number < at:
        return "√", Ink.DONE
    return ("►", Ink.NOW) if number == at else (" ", Ink.PLAIN)
