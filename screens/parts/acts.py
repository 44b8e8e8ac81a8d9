"""The acts of the write, named, with a bar: what is done, what goes on, what comes."""

from __future__ import annotations

import time
from collections.abc import Sequence

from kiosk.enrolment.interface import Stage
from kiosk.texts import N_, Texts
from screens.parts.ink import Ink
from screens.parts.lines import Lines

NAMES: dict[Stage, str] = {
    Stage.KEYS: N_("Два пара кључева прављена у чипу"),
    Stage.REQUESTS: N_("Захтеви за сертификат потписани у чипу"),
    Stage.CERTIFICATES: N_("Сертификати од сертификационог тела"),
    Stage.WRITE: N_("Упис сертификата у чип"),
    Stage.READ_BACK: N_("Поновно читање и провера"),
    Stage.TIDY: N_("Стари кључеви уклоњени"),
}
WEIGHTS: dict[Stage, int] = {
    Stage.KEYS: 50,
    Stage.REQUESTS: 10,
    Stage.CERTIFICATES: 15,
    Stage.WRITE: 10,
    Stage.READ_BACK: 10,
    Stage.TIDY: 5,
}
"""Shares of the usual time on a real chip."""
BAR = 40


class Acts:
    """Acts in their order, with the seconds each took."""

    def __init__(self, stages: Sequence[Stage]) -> None:
        self.stages = tuple(stages)
        self.is_pin_accepted = False
        self._begun: dict[Stage, float] = {}
        self._took: dict[Stage, float] = {}

    def pin_accepted(self) -> None:
        """The card has taken the PIN."""
        self.is_pin_accepted = True

    def begin(self, stage: Stage) -> None:
        """This act goes on now."""
        self._begun[stage] = time.monotonic()

    def finish(self, stage: Stage) -> None:
        """This act is done."""
        self._took[stage] = time.monotonic() - self._begun.get(stage, time.monotonic())

    @property
    def percent(self) -> int:
        """How far the work has come."""
        total = sum(WEIGHTS[stage] for stage in self.stages)
        return round(100 * sum(WEIGHTS[stage] for stage in self._took) / total) if total else 0

    def write(self, lines: Lines, texts: Texts) -> None:
        """Marks, names and seconds, and the bar."""
        lines.text(texts("НЕ ВАДИТЕ КАРТУ ИЗ ЧИТАЧА"), Ink.DANGER)
        lines.blank()
        self._line(lines, "√" if self.is_pin_accepted else "►", texts("ПИН проверен на картици"), "")
        for stage in self.stages:
            mark = "√" if stage in self._took else "►" if stage in self._begun else " "
            seconds = f"{self._took[stage]:.1f} s".replace(".", ",") if stage in self._took else ""
            self._line(lines, mark, texts(NAMES[stage]), seconds or ("…" if mark == "►" else ""))
        lines.blank()
        if self.stages:
            done = BAR * self.percent // 100
            lines.add(("█" * done, Ink.DONE), ("░" * (BAR - done), Ink.PLAIN), (f" {self.percent:3} %", Ink.STRONG))
            lines.blank()
        lines.text(texts("Ако нестане струје: предмет се наставља од последње означене ставке."))

    def _line(self, lines: Lines, mark: str, name: str, seconds: str) -> None:
        ink = {"√": Ink.DONE, "►": Ink.NOW}.get(mark, Ink.PLAIN)
        room = lines.width - 10
        lines.add(
            (f" {mark} ", ink),
            (name[:room].ljust(room), Ink.PLAIN if mark != "►" else Ink.STRONG),
            (f"{seconds:>7}", Ink.PLAIN),
        )
