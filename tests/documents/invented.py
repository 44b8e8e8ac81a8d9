"""Invented people and the facts of their forms."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache

from kiosk.cases import Citizen
from kiosk.documents import FORMS, FormFacts, Script, render

LJUBICA = Citizen(
    personal_number="0101990715003",
    surname="Ђорђевић-Пробни",
    given_name="Љубица",
    parent_given_name="Његош",
    date_of_birth=date(1990, 1, 1),
    place_of_birth="Чачак, Република Србија",
    residence="Ужице, Џорџа Измишљеног 38/А, стан 12",
    document_number="012345678",
    issuing_authority="ПУ у Ужицу",
    card_expiry=date(2031, 3, 14),
)
LONGEST = replace(
    LJUBICA,
    surname="Константиновић-Хаџипавловић Измишљени од Дугачких Презимена " * 2,
    given_name="Александринавасилијана" * 5,
    parent_given_name="Џ" * 60,
    place_of_birth="Доња Измишљена Варош на Великој Морави, Општина Пробна, Република Србија " * 2,
    residence="Горње Измишљено Насеље, Улица измишљених хероја народноослободилачке борбе 1234/АБ, улаз 5, спрат 6 "
    * 3,
    document_number="СТРАНАЦ-0123456789",
    issuing_authority="Министарство унутрашњих послова, Полицијска управа за измишљени град " * 2,
)
FACTS = FormFacts(
    citizen=LJUBICA,
    case_number="2026-000019",
    office_number="7130",
    office_name="Ужице",
    place="Ужице",
    clerk="0042",
    printed_on=date(2026, 2, 17),
    option=1,
    email="ljubica@example.rs",
    contract_number="7130-2026-000007",
)
BLANK = replace(FACTS, citizen=None, case_number="", option=None, email=None, contract_number=None)
LONG = replace(FACTS, citizen=LONGEST, email=f"{'izmisljena.adresa.' * 8}@example.rs")
CASES = {"filled": FACTS, "blank": BLANK, "longest": LONG}
EVERY = [(form, case, script) for form in FORMS for case in CASES for script in Script]


@cache
def drawn(form: str, case: str, script: Script) -> bytes:
    """A form of the cases above; drawn once for all tests."""
    return render(form, CASES[case], script)
