"""Образац 1: the request to issue or renew a certificate. Our template; the ministry's own text is not public."""

from __future__ import annotations

from collections.abc import Iterator

from kiosk.documents.citizen import identity
from kiosk.documents.facts import FormFacts
from kiosk.documents.fields import Field, Option, YesNo
from kiosk.documents.form import Form
from kiosk.documents.model import Block, Paragraph, Section, Space, note, title, together
from kiosk.documents.signatures import Signature, signed

TITLE = "Захтев за пружање услуге издавања и обнављања квалификованих електронских сертификата"
STATEMENT = (
    "Изјављујем да су наведени подаци тачни и да сам упознат/а са Општим условима пружања услуге издавања "
    "квалификованих електронских сертификата."
)


def build(facts: FormFacts) -> Iterator[Block]:
    """The request, with the chosen number circled and the citizen's data from the card."""
    yield title(TITLE.upper())
    yield note("(заокружити број испред изабране опције)")
    yield Space(1)
    yield Option(1, "Издавање сертификата", facts.option == 1)
    yield Option(2, "Обнављање сертификата", facts.option == 2)
    yield Space(2)
    first, *rest = identity(facts.citizen)
    yield together(Section("I  ПОДАЦИ О КОРИСНИКУ"), first)
    yield from rest
    wish = None if facts.email is None else bool(facts.email)
    yield Field("Е-mail", facts.email or "")
    yield YesNo("Потребно је у сертификат уписати е-mail (заокружити)", wish)
    yield Space(2.5)
    yield signed(
        Paragraph(STATEMENT),
        left=Signature("место и датум", over="" if facts.is_blank else f"{facts.place}, {facts.day}"),
        right=Signature("својеручни потпис корисника"),
    )
    yield Space(3)
    yield signed(
        Section("II  ПОПУЊАВА РЕГИСТРАЦИОНО ТЕЛО"),
        Field("Број предмета", facts.case_number),
        Field("Службени број службеника", "" if facts.is_blank else facts.clerk),
        left=Signature("датум и време пријема"),
        right=Signature("потпис службеника"),
    )


FORM = Form(key="obrazac_1", code="O1", name="Образац 1", title=TITLE, edition="1", build=build)
