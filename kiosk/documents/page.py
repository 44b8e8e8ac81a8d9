"""The paper: A4, four faces of Noto Serif with Serbian letter forms, and text that is never cut."""

from __future__ import annotations

import unicodedata
from datetime import UTC, date, datetime, time
from importlib.resources import files
from typing import TYPE_CHECKING

from kiosk.documents.errors import MissingGlyph
from kiosk.documents.facts import Script
from kiosk.documents.xmp import packet

if TYPE_CHECKING:
    from fpdf.fonts import TTFFont

WIDTH, HEIGHT = 210.0, 297.0
LEFT, RIGHT = 22.0, 190.0
COLUMN = RIGHT - LEFT
BOTTOM = 275.0
"""Where the footer begins; all lengths are millimetres."""
FAMILY = "serif"
FACES = {"": "Regular", "B": "Bold", "I": "Italic", "BI": "BoldItalic"}
FILLERS = "¤§¶ªº¿¡¥"
"""Letters no form uses; see `Sheet.finish`."""
MINISTRY = "Министарство унутрашњих послова"


class Sheet:
    """Draws text and lines on A4 pages. Coordinates and sizes are millimetres, font sizes points."""

    def __init__(self, *, title: str, day: date, script: Script, fillers: str = "") -> None:
        # The library takes longer to load than a screen to appear; the forms are listed long before one is drawn.
        from fpdf import FPDF

        self.script = script
        self.pdf = pdf = FPDF("P", "mm", "A4", enforce_compliance="PDF/A-2U")
        pdf.set_auto_page_break(False)
        pdf.set_margin(0)
        pdf.c_margin = 0
        # Otherwise `{nb}` in somebody's address would be replaced by the number of pages.
        pdf.alias_nb_pages(None)  # type: ignore[arg-type]  # the library's own way of turning it off
        pdf.set_creation_date(datetime.combine(day, time(), UTC))
        pdf.set_lang(script.language_tag)
        pdf.set_title(script.write(title))
        pdf.set_xmp_metadata(
            packet(title=script.write(title), creator=script.write(MINISTRY), language=script.language_tag, day=day)
        )
        self._add_faces(fillers)
        # The library measures text on a page only.
        pdf.add_page()

    def _add_faces(self, fillers: str) -> None:
        folder = files("kiosk.documents") / "fonts"
        for style, face in FACES.items():
            self.pdf.add_font(FAMILY, style, str(folder / f"NotoSerif-{face}.ttf"))
        self._letters = frozenset.intersection(*(frozenset(font.cmap) for font in self._fonts()))
        for font in self._fonts():
            for letter in fillers:
                font.subset.pick(ord(letter))

    def _fonts(self) -> list[TTFFont]:
        from fpdf.fonts import TTFFont

        return [font for font in self.pdf.fonts.values() if isinstance(font, TTFFont)]

    def write(self, template: str) -> str:
        """A form's own text in the sheet's script. Raises `MissingGlyph`."""
        return self._drawable(self.script.write(template))

    def spell(self, value: str) -> str:
        """Somebody's data in their own spelling, composed (NFC), in one line. Raises `MissingGlyph`."""
        return self._drawable(" ".join(unicodedata.normalize("NFC", value).split()))

    def _drawable(self, text: str) -> str:
        for character in text:
            if ord(character) not in self._letters and character != "\n":
                raise MissingGlyph(character)
        return text

    def font(self, style: str, size: float) -> None:
        """Choose face and size (points) for what is drawn next."""
        self.pdf.set_font(FAMILY, style, size)

    def lines(self, text: str, width: float, style: str, size: float) -> list[str]:
        """The text broken into lines of that width; a word that is wider is broken too."""
        self.font(style, size)
        broken = self.pdf.multi_cell(width, 5, text, align="L", dry_run=True, output="LINES")
        assert isinstance(broken, list)  # noqa: S101  # narrows the library's union; LINES was asked for
        return [str(line) for line in broken]

    def width(self, text: str, style: str, size: float) -> float:
        """How wide one line of this text is."""
        self.font(style, size)
        return float(self.pdf.get_string_width(text))

    def line_of(self, text: str, x: float, y: float, width: float, *, style: str, size: float, align: str) -> None:
        """One line of text, 5 mm high, in a box at (x, y)."""
        self.font(style, size)
        self.pdf.set_xy(x, y)
        self.pdf.cell(width, 5, text, align=align)

    def paragraph_height(self, text: str, *, size: float, leading: float) -> float:
        """Height of a justified paragraph over the column; `**bold**` and `__italic__` are understood."""
        self.font("", size)
        height = self.pdf.multi_cell(COLUMN, leading, text, align="J", markdown=True, dry_run=True, output="HEIGHT")
        assert isinstance(height, float | int)  # noqa: S101  # narrows the library's union; HEIGHT was asked for
        return float(height)

    def paragraph(self, text: str, y: float, *, size: float, leading: float) -> None:
        """A justified paragraph over the column; `**bold**` and `__italic__` are understood."""
        self.font("", size)
        self.pdf.set_xy(LEFT, y)
        self.pdf.multi_cell(COLUMN, leading, text, align="J", markdown=True)

    def finish(self) -> bytes:
        """The document's bytes."""
        for font in self._fonts():
            # The writer maps glyph 0 to U+0000, which PDF/A-2U 6.2.11.7.2 forbids. It is never drawn.
            glyphs = font.subset._char_id_per_glyph
            for glyph in [g for g in glyphs if g is not None and g.unicode == (0,)]:
                del glyphs[glyph]
        return bytes(self.pdf.output())


def is_ambiguous(pdf: bytes) -> bool:
    """True where a stream ends in CR before the LF that closes it: some readers then count its length one short."""
    return b"\r\nendstream" in pdf
