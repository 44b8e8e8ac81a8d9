"""Образац 2: the request to unblock the PIN. Our template; the ministry's own text is not public."""

from __future__ import annotations

from collections.abc import Iterator

from kiosk.documents.citizen import identity
from kiosk.documents.facts import FormFacts
from kiosk.documents.fields import Field, Option
from kiosk.documents.form import Form
from kiosk.documents.model import Block, Paragraph, Section, Space, note, title, together
from kiosk.documents.signatures import Signature, signed

TITLE = "Захтев за деблокадом ПИН-а личне карте"
STATEMENT = (
    "Захтев подносим лично, уз важећу личну карту. Упознат/а сам да нови ПИН уносим сам/а, без увида службеника и "
    "других лица, и да се после три узастопна погрешна уноса ПИН поново блокира."
)


def build(facts: FormFacts) -> Iterator[Block]:
    """The request, with `keep` (1) or `change` (2) circled."""
    yield title(TITLE.upper())
    yield note("(заокружити број испред изабране опције)")
    yield Space(1)
    yield Option(1, "Деблокада уз задржавање ПИН-а", facts.option == 1)
    yield Option(2, "Деблокада са променом ПИН-а", facts.option == 2)
    yield Space(3)
    first, *rest = identity(facts.citizen)
    yield together(Section("I  ПОДАЦИ О КОРИСНИКУ"), first)
    yield from rest
    yield Space(4)
    yield signed(
        Paragraph(STATEMENT),
        left=Signature("место и датум", over="" if facts.is_blank else f"{facts.place}, {facts.day}"),
        right=Signature("својеручни потпис корисника"),
    )
    yield Space(5)
    yield signed(
        Section("II  ПОПУЊАВА РЕГИСТРАЦИОНО ТЕЛО"),
        Field("Број предмета", facts.case_number),
        Field("Службени број службеника", "" if facts.is_blank else facts.clerk),
        Space(2),
        Paragraph("Службеник својим потписом потврђује пријем захтева и започиње деблокаду личне карте."),
        left=Signature("датум и време пријема"),
        right=Signature("потпис службеника"),
    )


FORM = Form(key="obrazac_2", code="O2", name="Образац 2", title=TITLE, edition="1", build=build)
