"""What the citizen's terminal shows: blocks of phrases, fitted into whatever screen there is, by their rank."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum

from hardware.citizen_phrases import Phrase, Words
from hardware.citizen_tty import Tty

DOT = ("▄██▄", "████", "▀██▀")
SMALL_DOT = "*"
DOTS_WIDTH, DOTS_HEIGHT = 48, 16
"""From this size of screen on the dots are big."""
BETWEEN = "  ·  "


class Style(Enum):
    """SGR parameters (ECMA-48 §8.3.117) that a terminal without colours has too."""

    PLAIN = "0"
    TITLE = "0;1;7"
    STRONG = "0;1"
    WARNING = "0;7;1"
    """Looks like a title there, and is a member of its own: a screen with colours tells them apart."""


@dataclass(frozen=True, slots=True)
class Block:
    """Phrases that stand together: in each language one after the other, the languages side by side if they fit.

    The lowest ranks stay when the screen is too small for all.
    """

    rank: int
    phrases: tuple[Phrase, ...]
    style: Style = Style.PLAIN
    values: dict[str, object] = field(default_factory=dict)

    def lines(self, languages: Sequence[Words], width: int) -> list[str]:
        """What it takes in rows."""
        said = [self.said(words) for words in languages]
        beside = BETWEEN.join(said)
        if len(beside) <= width:
            return [beside]
        return [line for text in said for line in textwrap.wrap(text, width)]

    def said(self, words: Words) -> str:
        """Its text in one language."""
        return " ".join(words[phrase].format(**self.values) for phrase in self.phrases)


@dataclass(frozen=True, slots=True)
class Dots:
    """One dot for each digit, never a place for one that is not there."""

    count: int
    rank: int = 0

    def lines(self, width: int, height: int) -> list[str]:
        """What it takes in rows; as many without a digit as with eight."""
        if width < DOTS_WIDTH or height < DOTS_HEIGHT:
            return [" ".join(SMALL_DOT * self.count)]
        return ["  ".join([row] * self.count) for row in DOT]


@dataclass(frozen=True, slots=True)
class Fixed:
    """A row that is the same in every language."""

    rank: int
    text: str

    def lines(self, width: int) -> list[str]:
        """What it takes in rows."""
        return textwrap.wrap(self.text, width)


Shown = Block | Dots | Fixed
Line = tuple[str, Style]


def compose(blocks: Iterable[Shown], languages: Sequence[Words], width: int, height: int) -> list[Line]:
    """The rows of the screen, each centred; blank rows between the blocks where there is room for them."""
    drawn = [(block.rank, at, _drawn(block, languages, width, height)) for at, block in enumerate(blocks)]
    chosen: dict[int, list[Line]] = {}
    left = height
    for _, at, lines in sorted(drawn, key=lambda one: one[:2]):
        if len(lines) <= left:
            chosen[at] = lines
            left -= len(lines)
    return _spread([chosen[at] for at in sorted(chosen)], left)


def _drawn(block: Shown, languages: Sequence[Words], width: int, height: int) -> list[Line]:
    if isinstance(block, Dots):
        return [(text.center(width).rstrip(), Style.STRONG) for text in block.lines(width, height)]
    if isinstance(block, Fixed):
        return [(text.center(width).rstrip(), Style.PLAIN) for text in block.lines(width)]
    texts = [text.center(width) for text in block.lines(languages, width)]
    # A row in reverse video is filled to its end; of the others no blank is sent over a slow line.
    is_bar = block.style in (Style.TITLE, Style.WARNING)
    return [(text if is_bar else text.rstrip(), block.style) for text in texts]


def _spread(blocks: list[list[Line]], spare: int) -> list[Line]:
    """Blank rows go between the blocks one by one, the uppermost first."""
    rows: list[Line] = []
    for number, block in enumerate(blocks):
        if number and number <= spare:
            rows.append(("", Style.PLAIN))
        rows += block
    return rows


class Painter:
    """Writes only the rows that have changed: a serial line has 960 characters a second."""

    def __init__(self, tty: Tty) -> None:
        self._tty = tty
        self._size = (0, 0)
        self._shown: list[Line] = []

    def paint(self, blocks: Iterable[Shown], languages: Sequence[Words]) -> None:
        """Show these blocks. The cursor rests at the first row: a braille display must not count the dots."""
        width, height = size = self._tty.size()
        lines = compose(blocks, languages, width, height)
        lines += [("", Style.PLAIN)] * (height - len(lines))
        written = "".join(_row(at, line) for at, line in enumerate(lines, 1) if self._is_new(at, line, size))
        if size != self._size:
            written = "\x1b[0m\x1b[2J" + written
        self._size, self._shown = size, lines
        if written:
            self._tty.write((written + "\x1b[0m\x1b[H").encode())

    def _is_new(self, row: int, line: Line, size: tuple[int, int]) -> bool:
        return size != self._size or self._shown[row - 1] != line


def _row(row: int, line: Line) -> str:
    text, style = line
    return f"\x1b[{row};1H\x1b[0m\x1b[K\x1b[{style.value}m{text}"
