"""A step that is done when every item on its list is ticked."""

from __future__ import annotations

from typing import TypeVar

from textual.geometry import Offset

from kiosk.cases import Case
from kiosk.procedures.evidence import Evidence
from kiosk.texts import N_
from screens.parts.lines import Lines
from screens.parts.step_rail import WIDTH as RAIL
from screens.step_screen import StepScreen

E = TypeVar("E", bound=Evidence)


class ChecklistScreen(StepScreen[E]):
    """A digit ticks its item; arrows and Space do the same. Enter goes on only when all are ticked."""

    ITEMS: tuple[str, ...] = ()
    FIRST_DIGIT = 1
    """The digit of the first item."""
    KEEPS_TICKS = True
    """False where what was ticked has to be asked again each time."""

    def __init__(self, case: Case) -> None:
        super().__init__(case)
        # A step that was done once and is come back to, for a correction elsewhere, keeps its ticks.
        is_done = self.KEEPS_TICKS and case.at in case.evidence
        self.ticked: set[int] = set(range(len(self.items()))) if is_done else set()
        self.here = 0
        self._rows: list[int] = []

    def items(self) -> tuple[str, ...]:
        """Messages of the items, in order."""
        return self.ITEMS

    def evidence(self) -> E:
        """What the finished step records."""
        raise NotImplementedError

    def write_items(self, lines: Lines, first: int = 0, last: int | None = None) -> None:
        """The items from `first` up to `last`, each with its digit."""
        if first == 0:
            self._rows = []
        for number, item in list(enumerate(self.items()))[first:last]:
            self._rows.append(len(lines.lines))
            lines.check(
                str(number + self.FIRST_DIGIT), number in self.ticked, self.t(item), is_here=number == self.here
            )

    def remaining(self) -> list[int]:
        """Digits of the items that are not ticked."""
        return [number + self.FIRST_DIGIT for number in range(len(self.items())) if number not in self.ticked]

    def status(self) -> str:
        """What is missing."""
        if remaining := self.remaining():
            return self.t("Остало: {items}. Цифра означава ставку.", items=", ".join(map(str, remaining)))
        return self.t("Све је означено.")

    def hint(self) -> str:
        """What Enter does."""
        return self.t("Enter = све означено, даље · Esc = корак назад")

    def caret(self) -> Offset:
        """At the marked item."""
        return Offset(RAIL + 5, 2 + self._rows[self.here]) if self.here < len(self._rows) else super().caret()

    # --- keys ---------------------------------------------------------------------------------------------------------

    def press_digit(self, digit: int) -> None:
        """Tick, or take the tick back."""
        if 0 <= digit - self.FIRST_DIGIT < len(self.items()):
            self.here = digit - self.FIRST_DIGIT
            self.ticked ^= {self.here}

    def press_space(self) -> None:
        """Tick the marked item."""
        self.press_digit(self.here + self.FIRST_DIGIT)

    def press_up(self) -> None:
        """The item above."""
        self.here = max(0, self.here - 1)

    def press_down(self) -> None:
        """The item below."""
        self.here = min(len(self.items()) - 1, self.here + 1)

    def press_enter(self) -> None:
        """Go on, if nothing is missing."""
        if self.is_busy:
            return
        if remaining := self.remaining():
            self.here = max(0, remaining[0] - self.FIRST_DIGIT)
            self.announce(N_("Није све означено: остало {items}."), items=", ".join(map(str, remaining)))
        else:
            self.complete(self.evidence())
