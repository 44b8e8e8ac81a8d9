"""The pieces a form's text is made of. Each knows its height beforehand, so what belongs together stays so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from kiosk.documents.page import COLUMN, LEFT, Sheet


class Block(Protocol):
    """A piece of a form over the whole column; never split between pages."""

    def height(self, sheet: Sheet) -> float:
        """How much room it takes, mm."""

    def draw(self, sheet: Sheet, y: float) -> None:
        """Draw it with its upper edge at `y`."""


@dataclass(frozen=True, slots=True)
class Space:
    """Empty room."""

    amount: float

    def height(self, sheet: Sheet) -> float:
        return self.amount

    def draw(self, sheet: Sheet, y: float) -> None:
        return


@dataclass(frozen=True, slots=True)
class Centred:
    """Centred lines: titles, and the notes under them."""

    text: str
    style: str = "B"
    size: float = 10
    leading: float = 5

    def _lines(self, sheet: Sheet) -> list[str]:
        return sheet.lines(sheet.write(self.text), COLUMN - 16, self.style, self.size)

    def height(self, sheet: Sheet) -> float:
        return self.leading * len(self._lines(sheet))

    def draw(self, sheet: Sheet, y: float) -> None:
        for number, line in enumerate(self._lines(sheet)):
            top = y + number * self.leading
            sheet.line_of(line, LEFT, top, COLUMN, style=self.style, size=self.size, align="C")


def title(text: str) -> Block:
    """A form's title."""
    return Centred(text, size=12.5, leading=6)


def note(text: str) -> Block:
    """A small remark in the middle."""
    return Centred(text, style="I", size=8.5, leading=4.4)


@dataclass(frozen=True, slots=True)
class Section:
    """The heading of a part of a form, on a grey band."""

    text: str

    def height(self, sheet: Sheet) -> float:
        return 7.2

    def draw(self, sheet: Sheet, y: float) -> None:
        sheet.pdf.set_fill_color(228)
        sheet.pdf.set_line_width(0.2)
        sheet.pdf.rect(LEFT, y, COLUMN, 7.2, style="DF")
        sheet.line_of(sheet.write(self.text), LEFT + 2, y + 1.1, COLUMN - 4, style="B", size=9.5, align="L")


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Justified text of the form itself; `**bold**` and `__italic__`. Never somebody's data."""

    text: str
    size: float = 9.5
    leading: float = 4.7
    after: float = 1.2

    def height(self, sheet: Sheet) -> float:
        text = sheet.write(self.text)
        return sheet.paragraph_height(text, size=self.size, leading=self.leading) + self.after

    def draw(self, sheet: Sheet, y: float) -> None:
        sheet.paragraph(sheet.write(self.text), y, size=self.size, leading=self.leading)


@dataclass(frozen=True, slots=True)
class Together:
    """Blocks that must share a page, such as a signature and the text that is signed."""

    blocks: tuple[Block, ...]

    def height(self, sheet: Sheet) -> float:
        return sum(block.height(sheet) for block in self.blocks)

    def draw(self, sheet: Sheet, y: float) -> None:
        for block in self.blocks:
            block.draw(sheet, y)
            y += block.height(sheet)


def together(*blocks: Block) -> Block:
    """These blocks on one page."""
    return Together(blocks)


@dataclass(frozen=True, slots=True)
class Article:
    """A numbered article: its heading stays with its first paragraph."""

    heading: str
    paragraphs: tuple[str, ...]
    subtitle: str = ""

    def blocks(self) -> tuple[Block, ...]:
        """The article as blocks, each of which stays whole."""
        subtitle = (Centred(self.subtitle, style="BI", size=9.5),) if self.subtitle else ()
        heading = Centred(self.heading, size=9.5)
        first, *rest = self.paragraphs
        head = together(Space(1.6), *subtitle, heading, Space(0.6), Paragraph(first))
        return (head, *(Paragraph(text) for text in rest))
