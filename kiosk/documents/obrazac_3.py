"""Образац 3: the request to change a certificate's status. Our template; the ministry's own text is not public."""

from __future__ import annotations

from collections.abc import Iterator

from kiosk.documents.citizen import identity
from kiosk.documents.facts import FormFacts
from kiosk.documents.fields import Field, Option
from kiosk.documents.form import Form
from kiosk.documents.model import Block, Paragraph, Section, Space, note, title, together
from kiosk.documents.signatures import Signature, signed

TITLE = "Захтев за променом статуса сертификата"
OPTIONS = {
    "revoke": "Опозив сертификата",
    "hold": "Суспензија сертификата",
    "release": "Поновна активација суспендованог сертификата",
}
STATEMENT = (
    "Захтев подносим лично. Упознат/а сам да се опозван сертификат не може поново активирати, да суспендован "
    "сертификат не важи док се поново не активира, и да се промена статуса објављује на листи опозваних сертификата."
)


def build(facts: FormFacts) -> Iterator[Block]:
    """The request, with the citizen's choice circled once it is known."""
    yield title(TITLE.upper())
    yield note("(заокружити број испред изабране опције)")
    yield Space(1)
    for number, action in enumerate(facts.status_options, start=1):
        yield Option(number, OPTIONS[action], facts.option == number)
    yield Space(2)
    first, *rest = identity(facts.citizen)
    yield together(Section("I  ПОДАЦИ О КОРИСНИКУ"), first)
    yield from rest
    yield Space(2)
    yield together(Section("II  ПОДАЦИ О СЕРТИФИКАТУ"), Field("Серијски број (ако је познат)"))
    yield Field("Разлог (није обавезан)")
    yield Space(2)
    yield signed(
        Paragraph(STATEMENT),
        left=Signature("место и датум", over="" if facts.is_blank else f"{facts.place}, {facts.day}"),
        right=Signature("својеручни потпис корисника"),
    )
    yield Space(2)
    yield signed(
        Section("III  ПОПУЊАВА РЕГИСТРАЦИОНО ТЕЛО"),
        Field("Број предмета", facts.case_number),
        Field("Службени број службеника", "" if facts.is_blank else facts.clerk),
        Space(1),
        Paragraph("Службеник својим потписом потврђује пријем захтева и започиње промену статуса сертификата."),
        left=Signature("датум и време пријема"),
        right=Signature("потпис службеника"),
    )


FORM = Form(key="obrazac_3", code="O3", name="Образац 3", title=TITLE, edition="1", build=build)
