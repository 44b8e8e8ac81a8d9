"""A screen to read: text of any length, scrolled with the arrows."""

from __future__ import annotations

from typing import TypeVar

from screens.frame import BODY_HEIGHT, FrameScreen
from screens.parts.ink import Ink
from screens.parts.lines import Line, Lines

R = TypeVar("R")

MARGIN = 3
WIDTH = 74


class ScrollScreen(FrameScreen[R]):
    """Arrows and paging scroll; Esc leaves."""

    def __init__(self) -> None:
        super().__init__()
        self.top = 0

    def write(self, lines: Lines) -> None:
        """All of the text, however long."""
        raise NotImplementedError

    def _body_lines(self) -> list[Line]:
        lines = Lines(WIDTH)
        lines.blank()
        self.write(lines)
        self.top = max(0, min(self.top, len(lines.lines) - BODY_HEIGHT))
        return [((" " * MARGIN, Ink.PLAIN), *line) for line in lines.lines[self.top :]]

    def press_up(self) -> None:
        """A line up."""
        self.top = max(0, self.top - 1)

    def press_down(self) -> None:
        """A line down."""
        self.top += 1

    def press_pageup(self) -> None:
        """A page up."""
        self.top = max(0, self.top - BODY_HEIGHT)

    def press_pagedown(self) -> None:
        """A page down."""
        self.top += BODY_HEIGHT
