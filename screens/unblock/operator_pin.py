"""The clerk opens the office's HSM for this sitting; the device host reads the PIN from the terminal itself."""

from __future__ import annotations

from textual import on
from textual.geometry import Offset

from hardware.errors import HardwareError
from hardware.interface import PinRequest, PinState
from kiosk.texts import N_
from screens.frame import FrameScreen
from screens.input_handover import InputHandover
from screens.parts.box import boxed
from screens.parts.ink import Ink
from screens.parts.lines import Lines
from screens.pin_messages import Dots, StateChanged

SAID: dict[PinState, str] = {
    PinState.TOO_SHORT: N_("Најмање 4 цифре"),
    PinState.CHECKING: N_("Проверавам"),
    PinState.ACCEPTED: N_("ПИН је прихваћен"),
}
DOT = "●"


class OperatorPinScreen(FrameScreen[Exception]):
    """Dismisses with `None` when the HSM is open, else with the fault. No digit ever becomes a key of this screen."""

    KEYS: tuple[int, ...] = ()

    def __init__(self) -> None:
        super().__init__()
        self.count = 0
        self.said = ""
        self._handover: InputHandover | None = None

    def on_mount(self) -> None:
        """Let the screens' own input rest, and ask."""
        super().on_mount()
        self._handover = InputHandover(self.app)
        self._handover.hand_over()
        self.in_background(lambda: self.desk.open_key_session(self), lambda _: self._end(None), self._end)

    def on_unmount(self) -> None:
        """Keys are keys again, however it ended."""
        if self._handover is not None:
            self._handover.take_back()

    def _end(self, fault: Exception | None) -> None:
        if self._handover is not None:
            self._handover.take_back()
        self.dismiss(fault)

    # --- what the device layer tells, from another thread -------------------------------------------------------------

    def pin_requested(self, request: PinRequest) -> None:
        """See `PinObserver`."""

    def pin_state(self, state: PinState) -> None:
        """See `PinObserver`."""
        self.post_message(StateChanged(state))

    def dots(self, count: int) -> None:
        """See `PinObserver`."""
        self.post_message(Dots(count))

    @on(StateChanged)
    def _state_changed(self, message: StateChanged) -> None:
        self.said = SAID.get(message.state, "")
        self.paint()

    @on(Dots)
    def _dots(self, message: Dots) -> None:
        self.count = message.count
        self.paint()

    # --- what it says -------------------------------------------------------------------------------------------------

    def title_text(self) -> str:
        """No case: this is between the clerk and the HSM."""
        return self.t("ОТКЉУЧАВАЊЕ HSM-а")

    def body(self, lines: Lines) -> None:
        """Whose PIN, and what for."""
        inside = Lines(lines.width - 4)
        inside.blank()
        inside.text(self.t("СЛУЖБЕНИК: УНЕСИТЕ ПИН ОПЕРАТЕРА HSM-а"), Ink.STRONG)
        inside.blank()
        inside.field(self.t("ПИН"), DOT * self.count or "_")
        inside.text(self.t(self.said) if self.said else "")
        inside.blank()
        inside.text(self.t("Ово није ПИН корисника. HSM одговара на изазов карте уместо кључа који овде нико нема."))
        inside.text(self.t("HSM остаје откључан док не закључате радно место (F10) или угасите програм."))
        lines.blank()
        lines.extend(boxed(inside, lines.width))

    def status(self) -> str:
        """Where the digits go."""
        return self.t("Само цифре, 4 до 16. Екран их не прима, и нигде се не бележе.")

    def hint(self) -> str:
        """The keys of the entry."""
        return self.t("Enter = потврди · Backspace = обриши све · Esc или F12 = откажи")

    def caret(self) -> Offset:
        """Away from the dots."""
        return Offset(0, 0)

    # --- keys: only where there is no terminal to hand over -----------------------------------------------------------

    def press_escape(self) -> None:
        """Cancel the entry."""
        try:
            self.desk.cancel_pin_entry()
        except HardwareError as fault:
            self.on_fault(fault)

    def press_f12(self) -> None:
        """As Esc."""
        self.press_escape()
