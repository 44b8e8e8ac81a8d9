"""The forms on paper: pure functions from facts to PDF bytes. Templates of ours, marked so on each page."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.documents import (
    agreement,
    dossier_sheet,
    general_terms,
    obrazac_1,
    obrazac_2,
    obrazac_3,
    status_confirmation,
    waiting_slip,
)
from kiosk.documents.errors import DocumentError, MissingGlyph, TooLong
from kiosk.documents.facts import FormFacts, Script
from kiosk.documents.form import Form, draw

__all__ = [
    "FORMS",
    "WAITING_SLIP",
    "DocumentError",
    "Form",
    "FormFacts",
    "MissingGlyph",
    "Paper",
    "Script",
    "TooLong",
    "paper_set",
    "render",
]

FORMS: dict[str, Form] = {
    module.FORM.key: module.FORM
    for module in (
        obrazac_1,
        obrazac_2,
        obrazac_3,
        general_terms,
        agreement,
        status_confirmation,
        dossier_sheet,
        waiting_slip,
    )
}


@dataclass(frozen=True, slots=True)
class Paper:
    """A form that a step needs on paper, and how many copies of it."""

    form: str
    copies: int


WAITING_SLIP = Paper("waiting_slip", 1)
"""Of no step: for a citizen whose certificate comes by a bundle."""

_PAPERS: dict[tuple[str, str], tuple[Paper, ...]] = {
    ("issuance", "request"): (Paper("obrazac_1", 1),),
    ("issuance", "general_terms"): (Paper("general_terms", 2),),
    ("issuance", "agreement"): (Paper("agreement", 2),),
    ("issuance", "completion"): (Paper("dossier_sheet", 1),),
    ("renewal", "request"): (Paper("obrazac_1", 1),),
    ("renewal", "completion"): (Paper("dossier_sheet", 1),),
    ("unblock", "request"): (Paper("obrazac_2", 1),),
    ("unblock", "completion"): (Paper("dossier_sheet", 1),),
    ("status_change", "request"): (Paper("obrazac_3", 1),),
    ("status_change", "completion"): (Paper("status_confirmation", 1), Paper("dossier_sheet", 1)),
}


def paper_set(procedure_key: str, step_key: str) -> tuple[Paper, ...]:
    """The papers that belong to a step; none for most."""
    return _PAPERS.get((procedure_key, step_key), ())


def render(form_key: str, facts: FormFacts, script: Script = Script.CYRILLIC) -> bytes:
    """The form as PDF/A-2U bytes; the same arguments give the same bytes.

    Raises `MissingGlyph` for a letter the typeface lacks, `TooLong` for a value longer than a page, `KeyError` for
    a form that does not exist.
    """
    return draw(FORMS[form_key], facts, script)
