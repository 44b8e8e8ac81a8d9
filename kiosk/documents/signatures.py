"""Where a form is signed, and what keeps the signatures with the text they sign."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.documents.model import Block, Space, together
from kiosk.documents.page import LEFT, RIGHT, Sheet


@dataclass(frozen=True, slots=True)
class Signature:
    """One line to sign or write on: what goes over it, who under it, a heading above, and the place of a stamp."""

    under: str
    over: str = ""
    heading: str = ""
    has_stamp: bool = False


@dataclass(frozen=True, slots=True)
class Signatures:
    """Two lines side by side. Use `signed`, which keeps them with what is signed."""

    left: Signature | None
    right: Signature | None

    def height(self, sheet: Sheet) -> float:
        return self._rise() + 7

    def _rise(self) -> float:
        both = [s for s in (self.left, self.right) if s]
        return 13 + 6 * any(s.heading for s in both) + 14 * any(s.has_stamp for s in both)

    def draw(self, sheet: Sheet, y: float) -> None:
        for signature, x in ((self.left, LEFT), (self.right, RIGHT - 70)):
            if signature is not None:
                _sign(sheet, signature, x, y, y + self._rise())


def _sign(sheet: Sheet, signature: Signature, x: float, top: float, line: float) -> None:
    if signature.heading:
        sheet.line_of(sheet.write(signature.heading), x, top + 2, 70, style="B", size=9.5, align="C")
    if signature.has_stamp:
        _stamp_place(sheet, x + 35, line - 3)
    sheet.pdf.set_line_width(0.2)
    sheet.pdf.line(x, line, x + 70, line)
    if signature.over:
        sheet.line_of(sheet.write(signature.over), x, line - 5.2, 70, style="", size=9.5, align="C")
    sheet.line_of(sheet.write(signature.under), x, line + 0.4, 70, style="I", size=8, align="C")


def _stamp_place(sheet: Sheet, x: float, y: float) -> None:
    # The stamp goes over the signature, hence the ring crosses the line to be signed on.
    sheet.pdf.set_draw_color(150)
    sheet.pdf.set_dash_pattern(1, 1)
    sheet.pdf.ellipse(x - 15, y - 15, 30, 30)
    sheet.pdf.set_dash_pattern()
    sheet.pdf.set_draw_color(0)
    sheet.line_of(sheet.write("М.П."), x - 15, y - 11, 30, style="I", size=8, align="C")


def signed(*text: Block, left: Signature | None, right: Signature | None) -> Block:
    """Text and the signatures under it, on one page: a signature that stands alone signs nothing."""
    return together(*text, Space(2), Signatures(left, right))
