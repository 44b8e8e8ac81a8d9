"""status_change/1: the citizen hands over Образац 3, with a number circled."""

from __future__ import annotations

from kiosk.cases import Case
from kiosk.procedures.evidence import StatusChangeRequested
from kiosk.texts import N_
from screens.bodies.checklist import ChecklistScreen
from screens.parts.ink import Ink
from screens.parts.lines import Lines
from screens.parts.status_words import ACTIONS

IDENTITY = 1
OPTIONS = 3


class StatusRequestScreen(ChecklistScreen[StatusChangeRequested]):
    """The digits 1 to 3 are the numbers on the form; the others tick."""

    FIRST_DIGIT = OPTIONS + 1
    ITEMS = (
        N_("Захтев је својеручно потписан"),
        N_("Идентитет корисника је утврђен"),
    )

    def __init__(self, case: Case) -> None:
        super().__init__(case)
        earlier = case.evidence.get(case.at)
        self.circled = earlier.circled_option if isinstance(earlier, StatusChangeRequested) else 0

    def on_mount(self) -> None:
        """The identity was established just now."""
        if self.station.compared == self.case.citizen.document_number:
            self.ticked.add(IDENTITY)
        super().on_mount()

    def body(self, lines: Lines) -> None:
        """What is circled, then the items."""
        lines.text(self.t("Корисник лично предаје Образац 3. Шта је заокружено?"), Ink.STRONG)
        lines.blank()
        for number, action in enumerate(self.desk.status_changes.actions, start=1):
            mark = "(●)" if number == self.circled else "( )"
            lines.add((f"  {number} {mark} ", Ink.STRONG), (self.t(ACTIONS[action]), Ink.PLAIN))
        lines.blank()
        self.write_items(lines)
        lines.blank()
        lines.text(self.t("F7 штампа Образац 3 са подацима корисника; број заокружује корисник."))

    def remaining(self) -> list[int]:
        """A number must be circled; 1 stands for it."""
        return [*([] if self.circled else [1]), *super().remaining()]

    def press_digit(self, digit: int) -> None:
        """What is circled, or a tick."""
        if 1 <= digit <= OPTIONS:
            self.circled = digit
        else:
            super().press_digit(digit)

    def evidence(self) -> StatusChangeRequested:
        """What the paper says, and what that means here."""
        action = self.desk.status_changes.actions[self.circled - 1]
        return StatusChangeRequested(
            circled_option=self.circled, action=action.value, is_signed=True, identity_compared=True
        )


SCREEN = StatusRequestScreen
