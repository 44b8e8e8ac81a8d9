"""F1: the published words of the step, and what the keys mean."""

from __future__ import annotations

from collections.abc import Callable

from kiosk.texts import N_
from screens.parts.ink import Ink
from screens.parts.lines import Lines
from screens.scroll_screen import ScrollScreen

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


class HelpScreen(ScrollScreen[None]):
    """Any of Esc, Enter, F1 closes it."""

    KEYS = (11,)

    def __init__(self, topics: Callable[[], list[tuple[str, str]]], source: Callable[[], str]) -> None:
        super().__init__()
        self.topics = topics
        self.source = source

    def title_text(self) -> str:
        """Help."""
        return self.t("ПОМОЋ")

    def write(self, lines: Lines) -> None:
        """The topics, then the keys."""
        for heading, paragraph in self.topics():
            lines.heading(heading)
            lines.text(paragraph)
            lines.blank()
        lines.heading(self.t("Тастери"))
        for key, meaning in KEYS_SAID:
            lines.field(f"  {key}", self.t(meaning), Ink.PLAIN, label_width=10)

    def status(self) -> str:
        """Where the words come from."""
        return self.source()

    def hint(self) -> str:
        """How to read on and how to leave."""
        return self.t("↑↓ PgUp PgDn текст · Esc = назад")

    def press_escape(self) -> None:
        """Back to where the clerk was."""
        self.dismiss(None)

    press_enter = press_escape
    press_f1 = press_escape
