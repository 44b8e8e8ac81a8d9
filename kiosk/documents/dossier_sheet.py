"""Списак списа: the sheet on top of what is filed, with what was handed over. Ours; not a published form."""

from __future__ import annotations

from collections.abc import Iterator

from kiosk.documents.citizen import PERSONAL_NUMBER_DIGITS
from kiosk.documents.facts import FormFacts
from kiosk.documents.fields import CheckBox, Field, comb
from kiosk.documents.form import Form
from kiosk.documents.model import Block, Paragraph, Section, Space, note, title, together
from kiosk.documents.signatures import Signature, signed

TITLE = "Списак списа предмета"


def build(facts: FormFacts) -> Iterator[Block]:
    """Whose papers these are, and boxes to tick for each paper."""
    c = facts.citizen
    yield title(TITLE.upper())
    yield note("(ставља се преко списа који се одлажу на чување)")
    yield Space(2)
    yield Field("Број предмета", facts.case_number)
    yield Field("Број уговора", facts.contract_number or "")
    yield Field("Корисник (презиме и име)", c.full_name if c else "")
    yield comb("ЈМБГ", c.personal_number if c else "", PERSONAL_NUMBER_DIGITS)
    yield Field("Фасцикла")
    yield Space(4)
    yield together(Section("I  ОДЛАЖЕ СЕ НА ЧУВАЊЕ"), Space(1), *map(CheckBox, _filed()))
    yield Space(4)
    yield together(Section("II  ПРЕДАЈЕ СЕ КОРИСНИКУ"), Space(1), *map(CheckBox, _handed_over()))
    yield Space(5)
    yield signed(
        Paragraph("Означени списи су спојени и одложени на чување, а означено је предато кориснику."),
        left=Signature("место и датум", over="" if facts.is_blank else f"{facts.place}, {facts.day}"),
        right=Signature("потпис службеника", over="" if facts.is_blank else facts.clerk),
    )


def _filed() -> tuple[str, ...]:
    return (
        "Захтев за издавање или обнављање сертификата – Образац 1",
        "Захтев за деблокадом ПИН-а личне карте – Образац 2",
        "Захтев за променом статуса сертификата – Образац 3",
        "Општи услови издавања сертификата – један примерак",
        "Уговор – један примерак",
    )


def _handed_over() -> tuple[str, ...]:
    return (
        "Лична карта",
        "Потврда о промени статуса сертификата",
        "Општи услови издавања сертификата – један примерак",
        "Уговор – један примерак",
    )


FORM = Form(key="dossier_sheet", code="DS", name="Списак списа", title=TITLE, edition="1", build=build)
