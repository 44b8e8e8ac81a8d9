"""The sheet of a report: a sound PDF/A, bars as long as they say, a table that goes over pages."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.documents.facts import Script
from kiosk.documents.page import COLUMN, LEFT
from kiosk.documents.report_sheet import COUNT, GAP, LABEL, ReportFacts, render_report
from tests.documents.invented import FACTS
from tests.documents.reading import is_dark, pages, picture, squeezed, words
from tests.documents.test_pdf import failures

OFFICE = replace(FACTS, citizen=None, case_number="", head_code="7-0000-0000-0000-0000")
REPORT = ReportFacts(
    title="Извештај о свему",
    period="02.03.2026. - 31.03.2026.",
    remarks=("Сат је померен",),
    bars=(("Завршени предмети", (("све", 8), ("четвртина", 2), ("ништа", 0))), ("Празно", ())),
    head=("време", "предмет", "догађај"),
    rows=tuple((f"10:{n // 60:02}:{n % 60:02}", f"2026-{n:06}", "предмет отворен") for n in range(200)),
    sha256="ab" * 32,
)


@pytest.mark.parametrize("script", Script)
def test_sheet_is_pdf_a_2u(script: Script) -> None:
    pdf = render_report(REPORT, OFFICE, script)
    assert failures(pdf) == []
    assert pdf == render_report(REPORT, OFFICE, script)


def test_every_row_is_on_one_of_the_pages_with_the_head_of_the_journal() -> None:
    found = pages(render_report(REPORT, OFFICE, Script.CYRILLIC))
    assert len(found) > 3
    together = squeezed("".join(found))
    assert all(together.count(squeezed("".join(row))) == 1 for row in REPORT.rows)
    assert all("дневник 7-0000-0000-0000-0000" in text for text in found)
    assert "ab" * 32 in found[-1]


def test_bars_are_as_long_as_what_they_count() -> None:
    pdf = render_report(REPORT, OFFICE, Script.CYRILLIC)
    (first, *_), image = words(pdf), picture(pdf)
    left, room = LEFT + LABEL + COUNT + GAP, COLUMN - LABEL - COUNT - GAP
    for label, share in (("све", 1.0), ("четвртина", 0.25), ("ништа", 0.0)):
        (word,) = [word for word in first if word.text == label]
        middle = (word.top + word.bottom) / 2
        places = [(step + 0.5) / 40 for step in range(40)]
        assert [is_dark(image, left + room * place, middle) for place in places] == [p < share for p in places], label


def test_a_list_of_thousands_is_split_and_no_word_is_lost() -> None:
    cases = " ".join(f"2026-{number:06}" for number in range(5000))
    found = pages(render_report(replace(REPORT, rows=(("1", "2", cases),)), OFFICE, Script.CYRILLIC))
    together = squeezed("".join(found))
    assert all(together.count(case) == 1 for case in cases.split())


def test_nothing_to_tell_is_a_sheet_too() -> None:
    (only,) = pages(render_report(replace(REPORT, rows=(), bars=(), remarks=()), OFFICE, Script.LATIN))
    assert "ab" * 32 in only
