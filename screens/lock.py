"""The locked desk: no personal fact on the screen."""

from __future__ import annotations

from collections.abc import Mapping

from textual.geometry import Offset

from hardware.interface import SlotState
from screens.frame import WIDTH, FrameScreen
from screens.parts.box import boxed
from screens.parts.ink import Ink
from screens.parts.lines import Line, Lines

BOX = 44


class LockScreen(FrameScreen[None]):
    """Replaces what was on the screen; begun cases stay as they are."""

    KEYS = (10, 11)

    def title_text(self) -> str:
        """The office only."""
        office = self.desk.config.office
        return self.t("Регистрационо тело {number} {name}", number=office.number, name=office.name)

    def _body_lines(self) -> list[Line]:
        inside = Lines(BOX - 4)
        inside.blank()
        inside.add((self.t("РАДНО МЕСТО ЈЕ ЗАКЉУЧАНО").center(BOX - 4), Ink.STRONG))
        inside.blank()
        inside.field(self.t("Службеник"), self.desk.clerk)
        inside.field(self.t("Отворени"), str(len(self.desk.open_cases())))
        inside.blank()
        inside.text(self.t("Enter - службеник се вратио"))
        inside.text(self.t("F10   - крај рада, програм се гаси"))
        margin = (WIDTH - BOX) // 2
        return [()] * 4 + [((" " * margin, Ink.PLAIN), *line) for line in boxed(inside, BOX)]

    def status(self) -> str:
        """A forgotten card is said."""
        if self.station.slot is SlotState.CARD:
            return self.t("Лични подаци нису на екрану. КАРТА ЈЕ ОСТАЛА У ЧИТАЧУ.")
        return self.t("Лични подаци нису на екрану.")

    def hint(self) -> str:
        """How to go on."""
        return self.t("Започети предмети остају. Enter = откључај")

    def caret(self) -> Offset:
        """At the words."""
        return Offset((WIDTH - BOX) // 2 + 2, 8)

    def key_names(self) -> Mapping[int, str]:
        """F10 a second time is the end."""
        return {**super().key_names(), 10: self.t("Крај")}

    def press_enter(self) -> None:
        """The clerk is back."""
        self.dismiss(None)

    def press_f10(self) -> None:
        """The end of the day; begun cases are on the list tomorrow."""
        self.app.exit()
