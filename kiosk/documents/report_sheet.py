"""A report on paper: its days, bars, a table, and the hash of its data. Ours; not a published form."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kiosk.documents.errors import MissingGlyph
from kiosk.documents.facts import FormFacts, Script
from kiosk.documents.form import Form, draw
from kiosk.documents.model import Block, Centred, Section, Space, note, title, together
from kiosk.documents.page import COLUMN, LEFT, Sheet

CODE = "IZ"
NAME = "Извештај"
SIZE = 8.0
LINE = 3.9
GAP = 3.0
LABEL = 78.0
COUNT = 16.0
LEAST_LAST = 40.0
MOST_LETTERS = 900
REPLACED = "?"
"""In the place of a letter the typeface lacks: a list of many must not fail for one name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFacts:
    """What the sheet says; every text is as it is to be read, in its script and spelling."""

    title: str
    period: str
    remarks: tuple[str, ...]
    bars: tuple[tuple[str, tuple[tuple[str, int], ...]], ...]
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    sha256: str


def render_report(report: ReportFacts, facts: FormFacts, script: Script) -> bytes:
    """The report as PDF/A-2U; the same arguments give the same bytes. `facts` fill in head and foot of each page."""
    form = Form(
        key="report",
        code=CODE,
        name=NAME,
        title=report.title,
        edition=facts.edition,
        build=lambda facts: _blocks(report, facts),
    )
    return draw(form, facts, script)


def _blocks(report: ReportFacts, facts: FormFacts) -> Iterator[Block]:
    yield title(report.title.upper())
    yield note(report.period)
    yield note(f"на папиру {facts.day}, службеник {facts.clerk}")
    for remark in report.remarks:
        yield Centred(remark, size=9)
    for heading, counts in report.bars:
        yield Space(2)
        most = max((count for _, count in counts), default=0)
        bars = [Bar(label, count, most) for label, count in counts]
        yield together(Section(heading), Space(1), *bars[:1])
        yield from bars[1:]
    yield Space(3)
    yield from _table(report)
    yield Space(3)
    yield Digest(report.sha256)


def _table(report: ReportFacts) -> Iterator[Block]:
    columns = _Columns(report.head, report.rows)
    yield Row(columns, report.head, "B")
    for row in report.rows:
        # A block stays whole: a list of thousands of cases goes on in rows of its own.
        first, *rest = textwrap.wrap(row[-1], MOST_LETTERS, break_on_hyphens=False) or [""]
        yield Row(columns, (*row[:-1], first))
        yield from (Row(columns, ("",) * (len(row) - 1) + (part,)) for part in rest)


@dataclass(frozen=True, slots=True)
class Bar:
    """What is counted, how many, and a bar of which `most` fills the room."""

    label: str
    count: int
    most: int

    def _label(self, sheet: Sheet) -> list[str]:
        return sheet.lines(drawable(sheet, self.label), LABEL - 2, "", SIZE)

    def height(self, sheet: Sheet) -> float:
        return LINE * len(self._label(sheet)) + 0.6

    def draw(self, sheet: Sheet, y: float) -> None:
        for number, line in enumerate(self._label(sheet)):
            sheet.line_of(line, LEFT + 2, y + LINE * number - 0.6, LABEL - 2, style="", size=SIZE, align="L")
        sheet.line_of(str(self.count), LEFT + LABEL, y - 0.6, COUNT, style="B", size=SIZE, align="R")
        room = COLUMN - LABEL - COUNT - GAP
        if self.count and self.most:
            sheet.pdf.set_fill_color(110)
            left = LEFT + LABEL + COUNT + GAP
            sheet.pdf.rect(left, y + 0.5, room * self.count / self.most, LINE - 1.2, style="F")


class _Columns:
    """Widths of a table's columns: each but the last as wide as its widest cell."""

    def __init__(self, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        self._head = head
        self._rows = rows
        self._widths: list[float] = []

    def widths(self, sheet: Sheet) -> list[float]:
        """In millimetres; the last column gets what is left."""
        if not self._widths:
            wide = [self._widest(sheet, number) for number in range(len(self._head) - 1)]
            self._widths = [*wide, max(LEAST_LAST, COLUMN - sum(wide))]
        return self._widths

    def _widest(self, sheet: Sheet, number: int) -> float:
        # Measuring is slow and most cells are alike in length: only the longest ones are measured.
        longest = sorted({row[number] for row in self._rows}, key=len)[-20:]
        head = sheet.width(drawable(sheet, self._head[number]), "B", SIZE)
        return max([head, *(sheet.width(drawable(sheet, cell), "", SIZE) for cell in longest)]) + GAP


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table; its last cell may take several lines."""

    columns: _Columns
    cells: tuple[str, ...]
    style: str = ""

    def _last(self, sheet: Sheet) -> list[str]:
        text = drawable(sheet, self.cells[-1])
        return sheet.lines(text, self.columns.widths(sheet)[-1], self.style, SIZE) if text else [""]

    def height(self, sheet: Sheet) -> float:
        return LINE * len(self._last(sheet))

    def draw(self, sheet: Sheet, y: float) -> None:
        x = LEFT
        *widths, last = self.columns.widths(sheet)
        for cell, width in zip(self.cells, widths, strict=False):
            sheet.line_of(drawable(sheet, cell), x, y - 0.6, width, style=self.style, size=SIZE, align="L")
            x += width
        for number, line in enumerate(self._last(sheet)):
            sheet.line_of(line, x, y + LINE * number - 0.6, last, style=self.style, size=SIZE, align="L")


@dataclass(frozen=True, slots=True)
class Digest:
    """The hash of the data, in one line that can be read and compared."""

    sha256: str

    def height(self, sheet: Sheet) -> float:
        return 6.0

    def draw(self, sheet: Sheet, y: float) -> None:
        sheet.line_of(f"SHA-256 {self.sha256}", LEFT, y, COLUMN, style="", size=SIZE, align="L")


def drawable(sheet: Sheet, text: str) -> str:
    """The text in its own spelling, letters that the typeface lacks replaced."""
    try:
        return sheet.spell(text)
    except MissingGlyph as error:
        return drawable(sheet, text.replace(error.character, REPLACED))
