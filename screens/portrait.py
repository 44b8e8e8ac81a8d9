"""F6: the portrait as large as the screen allows."""

from __future__ import annotations

from screens.frame import BODY_HEIGHT, WIDTH, FrameScreen
from screens.parts.ink import Ink
from screens.parts.lines import Line
from screens.parts.portrait import columns_for, portrait_lines


class PortraitScreen(FrameScreen[None]):
    """An aid: what counts is the person beside the printed card."""

    KEYS = (11,)

    def __init__(self, jpeg: bytes) -> None:
        super().__init__()
        self.picture = portrait_lines(jpeg, BODY_HEIGHT)

    def title_text(self) -> str:
        """What it is."""
        return self.t("Фотографија из чипа")

    def _body_lines(self) -> list[Line]:
        margin = (WIDTH - columns_for(BODY_HEIGHT)) // 2
        return [((" " * margin, Ink.PLAIN), *line) for line in self.picture]

    def status(self) -> str:
        """What decides."""
        return self.t("Помоћна слика: одлучује лице поред одштампане карте.")

    def hint(self) -> str:
        """The way back."""
        return self.t("Esc или F6 = назад")

    def press_escape(self) -> None:
        """Back."""
        self.dismiss(None)

    press_f6 = press_escape
    press_enter = press_escape
