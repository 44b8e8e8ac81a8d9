"""Потврда о поднетом захтеву: what the citizen takes home while the certificate is made elsewhere. Ours."""

from __future__ import annotations

from collections.abc import Iterator

from kiosk.documents.facts import FormFacts
from kiosk.documents.fields import CheckBox, Field
from kiosk.documents.form import Form
from kiosk.documents.model import Block, Paragraph, Section, Space, note, title, together
from kiosk.documents.signatures import Signature, signed

TITLE = "Потврда о поднетом захтеву за сертификат"
SAID = (
    "Кључеви су направљени у Вашој личној карти, а захтев је упућен сертификационом телу. Када сертификат стигне, "
    "дођите поново: сертификат се уписује у чип исте личне карте, а ПИН опет уносите само Ви. До тада "
    "не мењајте личну карту."
)
TO_BRING = (
    "Ову потврду",
    "Исту личну карту, са којом је захтев поднет",
    "ПИН личне карте (само га Ви знате; не записујте га овде)",
)


def build(facts: FormFacts) -> Iterator[Block]:
    """Which case it is, what to bring, and where to ask."""
    c = facts.citizen
    yield title(TITLE.upper())
    yield note("(предаје се кориснику)")
    yield Space(2)
    yield Field("Број предмета", facts.case_number)
    yield Field("Корисник (презиме и име)", c.full_name if c else "")
    yield Field("Захтев упућен", facts.day if not facts.is_blank else "")
    yield Space(4)
    yield Paragraph(SAID)
    yield Space(4)
    yield together(Section("I  ШТА ПОНЕТИ"), Space(1), *map(CheckBox, TO_BRING))
    yield Space(4)
    where = f"У регистрационом телу {facts.office_name}, број {facts.office_number}, место {facts.place}."
    yield together(Section("II  ГДЕ ПИТАТИ"), Space(1), Paragraph(where))
    yield Space(5)
    yield signed(
        Paragraph("Питајте за предмет под горњим бројем. Ова потврда није сертификат и не доказује идентитет."),
        left=Signature("место и датум", over="" if facts.is_blank else f"{facts.place}, {facts.day}"),
        right=Signature("потпис службеника", over="" if facts.is_blank else facts.clerk),
    )


FORM = Form(key="waiting_slip", code="PZ", name="Потврда о поднетом захтеву", title=TITLE, edition="1", build=build)
