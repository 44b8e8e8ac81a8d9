"""The fields of the data applet's files, as values."""

from __future__ import annotations

from datetime import date
from typing import NoReturn

from hardware import tlv
from hardware.errors import MalformedCardData
from hardware.interface import CardDocument, CardHolder, DocumentType, Residence


class Fields:
    """The fields of one file, asked for by tag."""

    def __init__(self, content: bytes, where: str) -> None:
        self._fields = tlv.parse(content, where)
        self._where = where

    def text(self, tag: int) -> str:
        """As spelled on the chip; empty when missing."""
        return tlv.text(self._fields, tag, self._where)

    def digits(self, tag: int, length: int) -> str:
        """Exactly so many ASCII digits."""
        value = self.text(tag)
        if len(value) != length or not (value.isascii() and value.isdigit()):
            self.refuse(tag)
        return value

    def day(self, tag: int) -> date:
        """A date, DDMMYYYY."""
        value = self.digits(tag, 8)
        try:
            return date(int(value[4:]), int(value[2:4]), int(value[:2]))
        except ValueError:
            self.refuse(tag)

    def day_if_set(self, tag: int) -> date | None:
        """A date that may be missing."""
        return self.day(tag) if self.text(tag) else None

    def refuse(self, tag: int) -> NoReturn:
        """Raise `MalformedCardData` naming file and tag."""
        raise MalformedCardData(f"{self._where}/{tag}") from None


def document(fields: Fields, applet: DocumentType) -> CardDocument:
    """File 0F02. Without tag 1547 the applet tells the type."""
    kind = fields.text(1547)
    if kind and kind not in {known.value for known in DocumentType}:
        fields.refuse(1547)
    return CardDocument(
        document_number=fields.digits(1546, 9),
        document_type=DocumentType(kind) if kind else applet,
        serial_number=fields.text(1548),
        issuing_date=fields.day(1549),
        expiry_date=fields.day(1550),
        issuing_authority=fields.text(1551),
    )


def holder(fields: Fields) -> CardHolder:
    """File 0F03. Somebody with one name only has one of the two fields."""
    if not fields.text(1559) and not fields.text(1560):
        fields.refuse(1559)
    return CardHolder(
        personal_number=fields.digits(1558, 13),
        surname=fields.text(1559),
        given_name=fields.text(1560),
        parent_given_name=fields.text(1561),
        sex=fields.text(1562),
        place_of_birth=fields.text(1563),
        community_of_birth=fields.text(1564),
        state_of_birth=fields.text(1565),
        date_of_birth=fields.day_if_set(1566),
        nationality=fields.text(1583),
    )


def residence(fields: Fields) -> Residence:
    """File 0F04."""
    return Residence(
        state=fields.text(1568),
        community=fields.text(1569),
        place=fields.text(1570),
        street=fields.text(1571),
        house_number=fields.text(1572),
        house_letter=fields.text(1573),
        entrance=fields.text(1574),
        floor=fields.text(1575),
        apartment=fields.text(1578),
    )
