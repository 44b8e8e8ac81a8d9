"""A second clerk consents by service number: asked at more than one screen, in the same way."""

from __future__ import annotations

from typing import Any

from textual.widgets import Input

from kiosk.texts import N_
from screens.frame import BODY_TOP, FrameScreen
from screens.parts.field import field, place
from screens.parts.ink import Ink
from screens.parts.lines import Lines

LONGEST = 8
GAP = 3
"""Cells between the words and the field."""


class SecondClerk:
    """The field for the number; whoever owns it says what is consented to."""

    def __init__(self, screen: FrameScreen[Any], left: int) -> None:
        """`left`: the column where the lines of that screen begin."""
        self._screen = screen
        self._left = left
        self._box: Input | None = None

    @property
    def is_asked(self) -> bool:
        """Whether the field is there."""
        return self._box is not None

    def ask(self) -> None:
        """Show the field and put the cursor into it."""
        if self._box is None:
            self._box = field(self._left, BODY_TOP, LONGEST + 2, max_length=LONGEST)
            self._screen.mount(self._box)
        self._box.focus()

    def write(self, lines: Lines) -> None:
        """The words, with the field behind them; nothing before it is asked."""
        if self._box is not None:
            said = self._screen.t("Службени број другог службеника")
            lines.text(said, Ink.STRONG)
            place(self._box, self._left + len(said) + GAP, BODY_TOP + len(lines.lines) - 1)

    def number(self, event: Input.Submitted) -> str | None:
        """The number that was typed; `None`, and said so, when it is nobody's or that of the clerk at the desk."""
        event.stop()
        second = event.value.strip()
        if second.isascii() and second.isalnum() and second != self._screen.desk.clerk:
            return second
        self._screen.announce(N_("Потребан је службени број ДРУГОГ службеника."))
        return None
