"""Lines of a screen: pieces of text in their inks, wrapped to a width."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable

from screens.parts.ink import Ink

Piece = tuple[str, Ink]
Line = tuple[Piece, ...]

LABEL_WIDTH = 16


def width_of(line: Line) -> int:
    """Cells the line takes; every character of the kiosk's font is one cell wide."""
    return sum(len(text) for text, _ in line)


def padded(line: Line, width: int, ink: Ink = Ink.PLAIN) -> Line:
    """The line cut or filled up to exactly `width` cells."""
    pieces: list[Piece] = []
    left = width
    for text, piece_ink in line:
        pieces.append((text[:left], piece_ink))
        left -= len(pieces[-1][0])
    return (*pieces, (" " * left, ink)) if left else tuple(pieces)


def shortened(text: str, width: int) -> str:
    """The text, or its beginning and «…» where it does not fit."""
    return text if len(text) <= width else text[: width - 1] + "…"


class Lines:
    """Gathers lines of one width."""

    def __init__(self, width: int) -> None:
        self.width = width
        self.lines: list[Line] = []

    def blank(self, count: int = 1) -> None:
        """Leave lines empty."""
        self.lines.extend(() for _ in range(count))

    def add(self, *pieces: Piece) -> None:
        """One line as given."""
        self.lines.append(pieces)

    def text(self, text: str, ink: Ink = Ink.PLAIN, *, indent: int = 0, hanging: int = 0) -> None:
        """A paragraph, wrapped; `hanging` indents its further lines."""
        wrapped = textwrap.wrap(
            text,
            self.width,
            initial_indent=" " * indent,
            subsequent_indent=" " * (indent + hanging),
            break_on_hyphens=False,
        )
        self.lines.extend(((line, ink),) for line in wrapped or [""])

    def heading(self, text: str) -> None:
        """A title over what follows."""
        self.text(text, Ink.HEADING)

    def field(self, label: str, value: str, ink: Ink = Ink.STRONG, *, label_width: int = LABEL_WIDTH) -> None:
        """A label and its value; a long value goes on below itself."""
        label_width = max(label_width, len(label) + 1)
        room = self.width - label_width
        for number, part in enumerate(textwrap.wrap(value, room) or [""]):
            self.add(((label if number == 0 else "").ljust(label_width), Ink.PLAIN), (part, ink))

    def choice(self, digit: str, text: str, ink: Ink = Ink.PLAIN) -> None:
        """What a digit does."""
        for number, part in enumerate(textwrap.wrap(text, self.width - 5) or [""]):
            self.add((f" {digit if number == 0 else '':>2}  ", Ink.STRONG), (part, ink))

    def check(self, digit: str, ticked: bool, text: str, *, is_here: bool = False) -> None:
        """An item to be ticked by its digit."""
        mark = "[x]" if ticked else "[ ]"
        for number, part in enumerate(textwrap.wrap(text, self.width - 9) or [""]):
            head = f"{'►' if is_here else ' '}{digit:>2} {mark} " if number == 0 else " " * 8
            self.add((head, Ink.DONE if ticked else Ink.STRONG), (part, Ink.PLAIN if ticked else Ink.STRONG))

    def rule(self) -> None:
        """A thin line across."""
        self.add(("─" * self.width, Ink.RULE))

    def shorten(self, height: int) -> None:
        """Leave out what is below `height` lines; «…» says so."""
        if len(self.lines) > height:
            *before, (text, ink) = self.lines[height - 1]
            self.lines[height - 1 :] = [(*before, (text[: self.width - width_of(tuple(before)) - 1] + "…", ink))]

    def extend(self, lines: Iterable[Line]) -> None:
        """Lines made elsewhere."""
        self.lines.extend(lines)
