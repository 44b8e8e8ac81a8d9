"""The one widget of most screens: it paints given lines as they are, so a screen is laid out in one step."""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget

from screens.parts.ink import Ink
from screens.parts.lines import Line, padded


class Page(Widget):
    """A full screen of lines."""

    def __init__(self) -> None:
        super().__init__()
        self._lines: Sequence[Line] = ()
        self._ground = Ink.PLAIN

    def show(self, lines: Sequence[Line], ground: Ink = Ink.PLAIN) -> None:
        """Paint these lines; what is beyond them is `ground`. Only lines that changed are sent to the terminal."""
        self._lines, self._ground = lines, ground
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """One line as Textual paints it."""
        line = self._lines[y] if y < len(self._lines) else ()
        pieces = padded(line, self.size.width, self._ground)
        return Strip([Segment(text, ink.style) for text, ink in pieces], self.size.width)
