"""Потврда о промени статуса: what the citizen takes home after a change of status. Ours; not a published form."""

from __future__ import annotations

from collections.abc import Iterator

from kiosk.documents.citizen import PERSONAL_NUMBER_DIGITS
from kiosk.documents.facts import FormFacts
from kiosk.documents.fields import Field, Option, comb
from kiosk.documents.form import Form
from kiosk.documents.model import Block, Paragraph, Section, Space, note, title, together
from kiosk.documents.signatures import Signature, signed

TITLE = "Потврда о промени статуса сертификата"
SAID = {
    "revoke": "Сертификати су опозвани",
    "hold": "Сертификати су суспендовани",
    "release": "Сертификати су поново активирани",
}


def build(facts: FormFacts) -> Iterator[Block]:
    """Which certificates, what has become of them, and since when."""
    c, status = facts.citizen, facts.status
    yield title(TITLE.upper())
    yield note("(предаје се кориснику)")
    yield Space(2)
    yield Field("Број предмета", facts.case_number)
    yield Field("Корисник (презиме и име)", c.full_name if c else "")
    yield comb("ЈМБГ", c.personal_number if c else "", PERSONAL_NUMBER_DIGITS)
    yield Space(4)
    options = [
        Option(number, SAID[action], status is not None and status.action == action)
        for number, action in enumerate(facts.status_options, start=1)
    ]
    yield together(Section("I  ШТА ЈЕ СПРОВЕДЕНО"), Space(1), *options, Space(1))
    for serial in status.serials if status else ("", ""):
        yield Field("Серијски број", serial)
    yield Space(4)
    yield together(Section("II  ВРЕМЕ"), Field("Захтев примљен", status.received if status else ""))
    yield Field("Промена важи од", status.in_effect if status else "")
    yield Space(5)
    yield signed(
        Paragraph("Сертификационо тело је спровело промену статуса наведених сертификата."),
        left=Signature("место и датум", over="" if facts.is_blank else f"{facts.place}, {facts.day}"),
        right=Signature("потпис службеника", over="" if facts.is_blank else facts.clerk),
    )


FORM = Form(
    key="status_confirmation",
    code="PS",
    name="Потврда о промени статуса",
    title=TITLE,
    edition="1",
    build=build,
)
