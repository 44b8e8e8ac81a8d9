"""F1: the published words of the step, and what the keys mean."""

from __future__ import annotations

from collections.abc import Callable

from kiosk.texts import N_
from screens.frame import BODY_HEIGHT, FrameScreen
from screens.parts.ink import Ink
from screens.parts.lines import Line, Lines

KEYS_SAID: tuple[tuple[str, str], ...] = (
    ("Enter", N_("потврђује и иде даље")),
    ("Esc", N_("један корак назад; никад не брише")),
    ("1-9", N_("бира, или означава ставку")),
    ("F3", N_("на листу; предмет се одлаже")),
    ("F6", N_("фотографија преко целог екрана")),
    ("F7", N_("штампа папире овог корака")),
    ("F8", N_("тражи у архиви")),
    ("F10", N_("закључава радно место")),
    ("F11", N_("ћирилица, latinica, English")),
    ("F12", N_("прекида предмет, са разлогом")),
)


class HelpScreen(FrameScreen[None]):
    """Scrolls with the arrows; any of Esc, Enter, F1 closes it."""

    KEYS = (11,)

    def __init__(self, topics: Callable[[], list[tuple[str, str]]]) -> None:
        super().__init__()
        self.topics = topics
        self.top = 0

    def title_text(self) -> str:
        """Help."""
        return self.t("ПОМОЋ")

    def help_lines(self, lines: Lines) -> None:
        """All of it, however long."""
        for heading, paragraph in self.topics():
            lines.heading(heading)
            lines.text(paragraph)
            lines.blank()
        lines.heading(self.t("Тастери"))
        for key, meaning in KEYS_SAID:
            lines.field(f"  {key}", self.t(meaning), Ink.PLAIN, label_width=10)

    def _body_lines(self) -> list[Line]:
        lines = Lines(74)
        lines.blank()
        self.help_lines(lines)
        self.top = max(0, min(self.top, len(lines.lines) - BODY_HEIGHT))
        return [(("   ", Ink.PLAIN), *line) for line in lines.lines[self.top :]]

    def status(self) -> str:
        """Where the words come from."""
        return self.t("Текст поступка је наведен од речи до речи, како је објављен.") if self.topics() else ""

    def hint(self) -> str:
        """How to read on and how to leave."""
        return self.t("↑↓ PgUp PgDn текст · Esc = назад")

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

    def press_escape(self) -> None:
        """Back to where the clerk was."""
        self.dismiss(None)

    press_enter = press_escape
    press_f1 = press_escape
