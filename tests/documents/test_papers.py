"""Which papers belong to which step."""

import subprocess
import sys

from kiosk.documents import FORMS, WAITING_SLIP, Paper, paper_set
from kiosk.procedures import PROCEDURES


def everything() -> dict[str, tuple[Paper, ...]]:
    return {
        procedure.reference(step.number): papers
        for procedure in PROCEDURES.values()
        for step in procedure.steps
        if (papers := paper_set(procedure.key, step.key))
    }


def test_papers_of_every_step() -> None:
    assert everything() == {
        "issuance/1": (Paper("obrazac_1", 1),),
        "issuance/2": (Paper("general_terms", 2),),
        "issuance/3": (Paper("agreement", 2),),
        "issuance/7": (Paper("dossier_sheet", 1),),
        "renewal/1": (Paper("obrazac_1", 1),),
        "renewal/5": (Paper("dossier_sheet", 1),),
        "unblock/1": (Paper("obrazac_2", 1),),
        "unblock/5": (Paper("dossier_sheet", 1),),
        "status_change/1": (Paper("obrazac_3", 1),),
        "status_change/4": (Paper("status_confirmation", 1), Paper("dossier_sheet", 1)),
    }


def test_every_paper_is_a_form() -> None:
    assert {paper.form for papers in everything().values() for paper in papers} | {WAITING_SLIP.form} == set(FORMS)
    assert all(key == form.key for key, form in FORMS.items())


def test_the_form_of_a_procedure_is_handed_over_first() -> None:
    for procedure in PROCEDURES.values():
        assert paper_set(procedure.key, "request") == (Paper(procedure.form, 1),)


def test_codes_tell_forms_apart() -> None:
    assert len({form.code for form in FORMS.values()}) == len(FORMS)


def test_listing_the_forms_does_not_load_the_pdf_library() -> None:
    check = "import sys, kiosk.documents; print({'fpdf', 'segno', 'PIL', 'fontTools'} & set(sys.modules))"
    shown = subprocess.run([sys.executable, "-c", check], capture_output=True, check=True)
    assert shown.stdout.strip() == b"set()"
