"""The citizen's part, the same on every form that has it."""

from __future__ import annotations

from kiosk.cases import Citizen
from kiosk.documents.facts import written
from kiosk.documents.fields import Field, comb
from kiosk.documents.model import Block

PERSONAL_NUMBER_DIGITS = 13
DOCUMENT_NUMBER_DIGITS = 9


def identity(citizen: Citizen | None) -> list[Block]:
    """Who it is and by which card; boxes to write in where there is no citizen."""
    c = citizen
    return [
        Field("Презиме", c.surname if c else ""),
        Field("Име", c.given_name if c else ""),
        Field("Име једног родитеља", c.parent_given_name if c else ""),
        comb("ЈМБГ", c.personal_number if c else "", PERSONAL_NUMBER_DIGITS),
        Field("Датум рођења", written(c.date_of_birth) if c else ""),
        Field("Место рођења", c.place_of_birth if c else ""),
        Field("Пребивалиште и адреса стана", c.residence if c else ""),
        *identity_card(citizen),
    ]


def identity_card(citizen: Citizen | None) -> list[Block]:
    """The card: number, issuer, last day."""
    c = citizen
    return [
        comb("Број личне карте", c.document_number if c else "", DOCUMENT_NUMBER_DIGITS),
        Field("Личну карту издаје", c.issuing_authority if c else ""),
        Field("Важи до", written(c.card_expiry) if c else ""),
    ]
