"""Each form as a file: PDF/A-2U, the same bytes for the same facts, nothing personal outside the text."""

import ast
import hashlib
import os
import re
import subprocess
import sys
from dataclasses import replace

import page as judge
import pytest

from kiosk.documents import FORMS, Script, form, render
from kiosk.documents.page import is_ambiguous
from tests.documents.invented import EVERY, FACTS, LJUBICA, drawn
from tests.documents.reading import fonts, pages

SAME_AGAIN = """
import hashlib
from tests.documents.invented import FORMS, Script, drawn
print({(f, s.name): hashlib.sha256(drawn(f, "filled", s)).hexdigest() for f in FORMS for s in Script})
"""


def failures(pdf: bytes) -> list[str]:
    report = judge.validate_pdf_bytes(pdf, profile=judge.ValidationProfile.PDF_A_2U)
    assert report.rules.total > 100
    return [f"{failure.rule_id} {failure.message}" for failure in report.failures]


@pytest.mark.parametrize(("name", "case", "script"), EVERY)
def test_form_is_pdf_a_2u(name: str, case: str, script: Script) -> None:
    assert failures(drawn(name, case, script)) == []


def test_the_judge_finds_faults() -> None:
    broken = drawn("dossier_sheet", "blank", Script.CYRILLIC).replace(b"/OutputIntents", b"/OutputIntentz")
    assert failures(broken)


def test_same_facts_give_the_same_bytes_in_another_process() -> None:
    environment = {**os.environ, "PYTHONHASHSEED": "4711", "TZ": "Asia/Tokyo"}
    shown = subprocess.run([sys.executable, "-c", SAME_AGAIN], env=environment, capture_output=True, check=True)
    here = {(f, s.name): hashlib.sha256(drawn(f, "filled", s)).hexdigest() for f in FORMS for s in Script}
    assert ast.literal_eval(shown.stdout.decode()) == here


def test_another_fact_gives_other_bytes() -> None:
    other = replace(FACTS, case_number="2026-000020")
    assert render("dossier_sheet", other) != drawn("dossier_sheet", "filled", Script.CYRILLIC)


@pytest.mark.parametrize("script", Script)
def test_the_head_of_the_journal_stands_on_every_page(script: Script) -> None:
    code = "481-7QKM-2X9D-HT4V-0A3P"
    pdf = render("general_terms", replace(FACTS, head_code=code), script)
    assert len(pages(pdf)) > 1 and all(code in page for page in pages(pdf))
    assert code not in "".join(pages(render("general_terms", FACTS, script)))
    assert failures(pdf) == []


@pytest.mark.parametrize("name", FORMS)
def test_fonts_are_embedded_subsets_with_unicode(name: str) -> None:
    table = fonts(drawn(name, "filled", Script.CYRILLIC))
    assert table
    for _object, _generation, unicode_map, subset, embedded in (row[:5] for row in table):
        assert (unicode_map, subset, embedded) == ("yes", "yes", "yes")


@pytest.mark.parametrize("name", FORMS)
def test_metadata_hold_no_personal_data(name: str) -> None:
    pdf = drawn(name, "filled", Script.CYRILLIC)
    (packet,) = re.findall(rb"<x:xmpmeta.*?</x:xmpmeta>", pdf, re.DOTALL)
    assert FORMS[name].title in packet.decode()
    for personal in (LJUBICA.surname, LJUBICA.given_name, LJUBICA.personal_number, LJUBICA.document_number):
        assert personal not in packet.decode()
        assert personal.encode() not in pdf


@pytest.mark.parametrize(("name", "number"), [("waiting_slip", 117), ("obrazac_1", 129)])
def test_stream_that_readers_disagree_about_is_not_written(name: str, number: int) -> None:
    facts = replace(FACTS, case_number=f"2026-{number:06}")
    first_try = form._draw_with("", FORMS[name], facts, Script.CYRILLIC)
    assert is_ambiguous(first_try), "the trap is not met: look for another number"
    assert not is_ambiguous(render(name, facts))
    assert failures(render(name, facts)) == []
