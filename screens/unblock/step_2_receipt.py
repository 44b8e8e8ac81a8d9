"""unblock/2: the clerk confirms the receipt by signature and starts the unblock."""

from __future__ import annotations

from textual.widgets import Input

from hardware.interface import PinStatus, SlotState
from kiosk.cases import Case
from kiosk.procedures.evidence import ReceiptConfirmed
from kiosk.texts import N_
from screens.bodies.checklist import ChecklistScreen
from screens.frame import CARD_IS_HELD
from screens.parts.ink import Ink
from screens.parts.lines import Lines
from screens.parts.second_clerk import SecondClerk
from screens.parts.step_rail import WIDTH as RAIL


class ReceiptScreen(ChecklistScreen[ReceiptConfirmed]):
    """The tries left are read before anything is changed."""

    ITEMS = (N_("Службеник је потписом потврдио пријем Захтева"),)

    def __init__(self, case: Case) -> None:
        super().__init__(case)
        self.pin: PinStatus | None = None
        self.second = SecondClerk(self, RAIL + 1)

    @property
    def needs_second_clerk(self) -> bool:
        """A setting of the office: whether the law asks for it could not be confirmed."""
        return self.desk.config.rules.unblock_needs_second_clerk

    def on_mount(self) -> None:
        """Look at the card."""
        super().on_mount()
        self.press_f2()

    def press_f2(self) -> None:
        """Read the tries; costs none."""
        if not self.is_busy:
            self.in_background(lambda: self.desk.pin_status(self.case), self._read, slow=CARD_IS_HELD)

    def _read(self, pin: PinStatus) -> None:
        self.pin = pin

    def slot_changed(self, state: SlotState) -> None:
        """A card that comes back is looked at."""
        self.pin = None
        if state is SlotState.CARD:
            self.press_f2()
        super().slot_changed(state)

    def body(self, lines: Lines) -> None:
        """State of the card, and the signature."""
        lines.text(self.t("Потврдите пријем Захтева својим потписом на папиру."), Ink.STRONG)
        lines.blank()
        lines.field(self.t("ПИН"), self._state())
        lines.blank()
        self.write_items(lines)
        lines.blank()
        if self.needs_second_clerk and not self.second.is_asked:
            lines.text(self.t("Деблокаду одобрава и други службеник, својим службеним бројем."))
        self.second.write(lines)

    def hint(self) -> str:
        """What Enter does."""
        if self.second.is_asked:
            return self.t("Enter = други службеник је сагласан · Esc = корак назад")
        return super().hint()

    def _state(self) -> str:
        if self.pin is None:
            return self.t("читам карту…") if self.is_busy else self.t("нема карте")
        if self.pin.is_blocked:
            return self.t("блокиран")
        if self.pin.tries_left is None:
            return self.t("карта не каже колико")
        return self.t("није блокиран, преостало {count}", count=self.pin.tries_left)

    def press_enter(self) -> None:
        """Only with the card in the reader; then the second clerk, where the office asks for one."""
        if self.pin is None:
            self.press_f2()
        elif self.needs_second_clerk and not self.remaining():
            self.second.ask()
        else:
            super().press_enter()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """The second clerk consents to this unblock; the same clerk twice does not."""
        second = self.second.number(event)
        if second is not None and self.pin is not None and not self.remaining():
            self.complete(self.evidence(second))

    def evidence(self, second_clerk: str | None = None) -> ReceiptConfirmed:
        """Signed; how the card stood; and who else consented."""
        tries = self.pin.tries_left if self.pin else None
        return ReceiptConfirmed(clerk_signed=True, tries_left_before=tries, second_clerk=second_clerk)


SCREEN = ReceiptScreen
