"""A form: its names, its text as blocks, and the way from blocks to pages to bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from kiosk.documents.errors import TooLong
from kiosk.documents.facts import FormFacts, Script
from kiosk.documents.letterhead import FIRST_TEXT, NEXT_TEXT, Letterhead
from kiosk.documents.model import Block
from kiosk.documents.page import BOTTOM, FILLERS, Sheet, is_ambiguous


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One form of ours; its text is a template of ours, not the ministry's."""

    key: str
    code: str
    """How the QR code on each page names it."""
    name: str
    """Short name, Serbian Cyrillic: `Образац 1`."""
    title: str
    """Full title, Serbian Cyrillic."""
    edition: str
    build: Callable[[FormFacts], Iterable[Block]]


def draw(form: Form, facts: FormFacts, script: Script) -> bytes:
    """The form as PDF/A-2U; the same arguments give the same bytes. Raises `MissingGlyph`, `TooLong`."""
    pdf = _draw_with("", form, facts, script)
    for count in range(1, len(FILLERS) + 1):
        if not is_ambiguous(pdf):
            break
        # An unused letter more in the fonts changes every stream, and so the byte it ends with.
        pdf = _draw_with(FILLERS[:count], form, facts, script)
    return pdf


def _draw_with(fillers: str, form: Form, facts: FormFacts, script: Script) -> bytes:
    sheet = Sheet(title=form.title, day=facts.printed_on, script=script, fillers=fillers)
    letterhead = Letterhead(code=form.code, name=form.name, title=form.title, facts=facts)
    pages = paginate(form, facts, sheet)
    for number, blocks in enumerate(pages, start=1):
        if number > 1:
            sheet.pdf.add_page()
        letterhead.draw(sheet, number, len(pages))
        for block, y in blocks:
            block.draw(sheet, y)
    return sheet.finish()


def paginate(form: Form, facts: FormFacts, sheet: Sheet) -> list[list[tuple[Block, float]]]:
    """Each page's blocks with their upper edges; a block that does not fit goes to the next page whole.

    Raises `TooLong` when a block does not fit on any page.
    """
    pages: list[list[tuple[Block, float]]] = [[]]
    y = FIRST_TEXT
    for block in form.build(facts):
        height = block.height(sheet)
        if height > BOTTOM - NEXT_TEXT:
            raise TooLong(form.key)
        if y + height > BOTTOM and pages[-1]:
            pages.append([])
            y = NEXT_TEXT
        pages[-1].append((block, y))
        y += height
    return pages
