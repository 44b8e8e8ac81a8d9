"""unblock/1: the citizen hands over Образац 2, with 1 (keep the PIN) or 2 (change it) circled."""

from __future__ import annotations

from kiosk.cases import Case
from kiosk.procedures.evidence import UnblockRequested
from kiosk.texts import N_
from screens.bodies.checklist import ChecklistScreen
from screens.parts.ink import Ink
from screens.parts.lines import Lines
from screens.unblock.keep_pin import CHANGE, KeepPinScreen

IDENTITY = 2
KEEP = 9


class UnblockRequestScreen(ChecklistScreen[UnblockRequested]):
    """With the change of the PIN circled: no published command keeps the old one."""

    ITEMS = (
        N_("Заокружен је број 2: ПРОМЕНА ПИН-а"),
        N_("Захтев је својеручно потписан"),
        N_("Лице је упоређено са картом и са фотографијом из чипа"),
    )

    def __init__(self, case: Case) -> None:
        super().__init__(case)
        self.keep_was_circled = False

    def on_mount(self) -> None:
        """The person was compared just now, if the card is still the one that was compared."""
        if self.station.compared == self.case.citizen.document_number:
            self.ticked.add(IDENTITY)
        super().on_mount()

    def body(self, lines: Lines) -> None:
        """The items."""
        lines.text(self.t("Корисник лично предаје Образац 2 (деблокада):"), Ink.STRONG)
        lines.blank()
        self.write_items(lines)
        if self.keep_was_circled:
            lines.text(self.t("Прво је био заокружен број 1; корисник је пристао на промену."), indent=9)
        else:
            lines.choice(str(KEEP), self.t("Заокружен је број 1: ЗАДРЖАВАЊЕ ПИН-а"))
        if self.case.parent_id is not None:
            lines.blank()
            lines.text(self.t("После деблокаде се наставља предмет {case}.", case=self.case.parent_id))

    def press_digit(self, digit: int) -> None:
        """Tick, or say that the citizen wants to keep the PIN."""
        if digit != KEEP:
            super().press_digit(digit)
        elif not self.keep_was_circled:
            self.app.push_screen(KeepPinScreen(self.case), self._told)

    def _told(self, answer: str | None) -> None:
        if answer == CHANGE:
            self.keep_was_circled = True
            self.ticked.discard(0)
            self.paint()
        else:
            self.abandon(answer)

    def evidence(self) -> UnblockRequested:
        """What the paper says, and that it first said something else."""
        return UnblockRequested(
            pin_choice="change", is_signed=True, identity_compared=True, keep_was_circled=self.keep_was_circled
        )


SCREEN = UnblockRequestScreen
