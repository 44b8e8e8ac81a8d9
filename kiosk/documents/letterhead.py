"""What stands on every page around the text: whose form it is, which form, which page, and the code."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.documents import qr
from kiosk.documents.facts import FormFacts
from kiosk.documents.page import BOTTOM, COLUMN, LEFT, RIGHT, Sheet

CODE_SIDE = 20.0
TOP = 12.0
FIRST_TEXT, NEXT_TEXT = 44.0, 37.0
"""Where the text begins on the first page, and on the others."""
STATE = ("РЕПУБЛИКА СРБИЈА", "МИНИСТАРСТВО УНУТРАШЊИХ ПОСЛОВА", "СЕРТИФИКАЦИОНО ТЕЛО")
MARKING = "узорак – није званични образац МУП-а"


@dataclass(frozen=True, slots=True, kw_only=True)
class Letterhead:
    """Draws head and foot of each page of one form."""

    code: str
    """The form in the QR code: `O1`."""
    name: str
    title: str
    facts: FormFacts

    def draw(self, sheet: Sheet, page: int, pages: int) -> None:
        """Head, code and foot of page `page` of `pages`."""
        if page == 1:
            self._state(sheet)
        else:
            self._running_title(sheet)
        self._corner(sheet, page)
        self._foot(sheet, page, pages)

    def _state(self, sheet: Sheet) -> None:
        for number, line in enumerate(STATE):
            sheet.line_of(sheet.write(line), LEFT, TOP - 1 + 5 * number, 110, style="B", size=9.5, align="L")
        office = f"Регистрационо тело {self.facts.office_name}, број {self.facts.office_number}"
        text = sheet.write(office)
        for number, line in enumerate(sheet.lines(text, 105, "", 9)[:2]):
            sheet.line_of(line, LEFT, TOP + 14.5 + 4.2 * number, 105, style="", size=9, align="L")

    def _running_title(self, sheet: Sheet) -> None:
        for number, line in enumerate(sheet.lines(sheet.write(self.title), 100, "I", 9)):
            sheet.line_of(line, LEFT, TOP + 4.5 * number, 100, style="I", size=9, align="L")

    def _corner(self, sheet: Sheet, page: int) -> None:
        facts = self.facts
        edge = RIGHT - CODE_SIDE
        lines = [sheet.write(self.name)] + ([sheet.write(f"примерак {facts.copy}")] if facts.copy else [])
        for number, line in enumerate(lines):
            style = "" if number else "B"
            sheet.line_of(line, edge - 44, TOP - 1 + 5 * number, 41, style=style, size=9.5, align="R")
        draw_code(
            sheet,
            qr.payload(code=self.code, copy=facts.copy, page=page, case_number=facts.case_number),
            edge,
            TOP,
        )

    def _foot(self, sheet: Sheet, page: int, pages: int) -> None:
        facts = self.facts
        sheet.pdf.set_line_width(0.15)
        sheet.pdf.line(LEFT, BOTTOM + 4, RIGHT, BOTTOM + 4)
        case = f" · предмет {facts.case_number}" if facts.case_number else ""
        left = sheet.write(f"{self.name} · верзија {facts.edition}{case}")
        sheet.line_of(left, LEFT, BOTTOM + 4.6, COLUMN, style="", size=7.5, align="L")
        sheet.line_of(sheet.write(f"страна {page}/{pages}"), LEFT, BOTTOM + 4.6, COLUMN, style="", size=7.5, align="R")
        if facts.head_code:
            journal = sheet.write(f"дневник {facts.head_code}")
            sheet.line_of(journal, LEFT, BOTTOM + 8.4, COLUMN, style="", size=7.5, align="L")
        sheet.line_of(sheet.write(MARKING), LEFT, BOTTOM + 8.4, COLUMN, style="I", size=7.5, align="C")


def draw_code(sheet: Sheet, text: str, x: float, y: float) -> None:
    """The QR code of `text`, 20 mm wide, as vector bars with its corner at (x, y)."""
    side, dark = qr.bars(text)
    module = CODE_SIDE / side
    sheet.pdf.set_fill_color(0)
    for column, row, length in dark:
        sheet.pdf.rect(x + column * module, y + row * module, length * module, module, style="F")
