"""The parts of a form that are filled in: boxes, numbers to circle, boxes to tick."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.documents.model import Block
from kiosk.documents.page import COLUMN, LEFT, Sheet

LABEL = 56.0
VALUE = COLUMN - LABEL
ROW = 7.4
LINE = 4.8
CELL = 5.6


@dataclass(frozen=True, slots=True)
class Field:
    """A labelled box that grows with its text. The value is somebody's and keeps its spelling."""

    label: str
    value: str = ""

    def _label(self, sheet: Sheet) -> list[str]:
        return sheet.lines(sheet.write(self.label), LABEL - 4, "", 9)

    def _value(self, sheet: Sheet) -> list[str]:
        value = sheet.spell(self.value)
        return sheet.lines(value, VALUE - 4, "B", 10) if value else []

    def height(self, sheet: Sheet) -> float:
        return ROW + LINE * (max(1, len(self._label(sheet)), len(self._value(sheet))) - 1)

    def draw(self, sheet: Sheet, y: float) -> None:
        frame(sheet, y, self.height(sheet))
        for number, line in enumerate(self._label(sheet)):
            sheet.line_of(line, LEFT + 2, y + 1.2 + LINE * number, LABEL - 4, style="", size=9, align="L")
        for number, line in enumerate(self._value(sheet)):
            sheet.line_of(line, LEFT + LABEL + 2, y + 1.2 + LINE * number, VALUE - 4, style="B", size=10, align="L")


def frame(sheet: Sheet, y: float, height: float) -> None:
    """The two boxes of one row: label and value."""
    sheet.pdf.set_line_width(0.2)
    sheet.pdf.rect(LEFT, y, LABEL, height)
    sheet.pdf.rect(LEFT + LABEL, y, VALUE, height)


@dataclass(frozen=True, slots=True)
class Comb:
    """A labelled row of little boxes, one for each character."""

    label: str
    value: str
    cells: int

    def height(self, sheet: Sheet) -> float:
        return ROW

    def draw(self, sheet: Sheet, y: float) -> None:
        frame(sheet, y, ROW)
        sheet.line_of(sheet.write(self.label), LEFT + 2, y + 1.2, LABEL - 4, style="", size=9, align="L")
        value = sheet.spell(self.value).ljust(self.cells)
        sheet.pdf.set_line_width(0.15)
        for number, character in enumerate(value):
            x = LEFT + LABEL + 2 + CELL * number
            sheet.pdf.rect(x, y + 0.9, CELL, ROW - 1.8)
            sheet.line_of(character, x, y + 1.2, CELL, style="B", size=10, align="C")


def comb(label: str, value: str, cells: int) -> Block:
    """A comb of that many boxes; a plain field where the value needs more."""
    return Comb(label, value, cells) if len(value) <= cells else Field(label, value)


@dataclass(frozen=True, slots=True)
class Option:
    """A numbered option; `is_circled` draws the ring round its number."""

    number: int
    text: str
    is_circled: bool

    def height(self, sheet: Sheet) -> float:
        return 8.2

    def draw(self, sheet: Sheet, y: float) -> None:
        x = LEFT + 34
        sheet.line_of(f"{self.number}.", x, y + 1.5, 10, style="B", size=11, align="C")
        style = "B" if self.is_circled else ""
        sheet.line_of(sheet.write(self.text), x + 13, y + 1.5, COLUMN - 47, style=style, size=10.5, align="L")
        if self.is_circled:
            ring(sheet, x + 1.5, y + 0.6, 7, 7)


def ring(sheet: Sheet, x: float, y: float, width: float, height: float) -> None:
    """A ring as drawn with a pen."""
    sheet.pdf.set_line_width(0.55)
    sheet.pdf.ellipse(x, y, width, height)
    sheet.pdf.set_line_width(0.2)


@dataclass(frozen=True, slots=True)
class YesNo:
    """A labelled choice ДА / НЕ; `chosen` is circled, `None` leaves it to the pen."""

    text: str
    chosen: bool | None

    def height(self, sheet: Sheet) -> float:
        return ROW

    def draw(self, sheet: Sheet, y: float) -> None:
        sheet.pdf.set_line_width(0.2)
        sheet.pdf.rect(LEFT, y, COLUMN, ROW)
        sheet.line_of(sheet.write(self.text), LEFT + 2, y + 1.2, 122, style="", size=9, align="L")
        for number, (word, answer) in enumerate((("ДА", True), ("НЕ", False))):
            x = LEFT + 130 + 18 * number
            sheet.line_of(sheet.write(word), x, y + 1.2, 12, style="B", size=10.5, align="C")
            if self.chosen is answer:
                ring(sheet, x, y + 0.5, 12, ROW - 1)


@dataclass(frozen=True, slots=True)
class CheckBox:
    """An empty box to tick by hand, and what it stands for."""

    text: str

    def _lines(self, sheet: Sheet) -> list[str]:
        return sheet.lines(sheet.write(self.text), COLUMN - 16, "", 10)

    def height(self, sheet: Sheet) -> float:
        return 3.6 + LINE * len(self._lines(sheet))

    def draw(self, sheet: Sheet, y: float) -> None:
        sheet.pdf.set_line_width(0.3)
        sheet.pdf.rect(LEFT + 4, y + 1.9, 4.2, 4.2)
        for number, line in enumerate(self._lines(sheet)):
            sheet.line_of(line, LEFT + 13, y + 1.5 + LINE * number, COLUMN - 16, style="", size=10, align="L")
