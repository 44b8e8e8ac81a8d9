"""The citizen's step: the citizen alone types the PIN, then the clerk sees the chip being written, act by act."""

from __future__ import annotations

import time
from collections.abc import Mapping
from enum import Enum, auto
from typing import TypeVar

from textual import on
from textual.geometry import Offset

from hardware.errors import HardwareError, PinBlocked, WrongPin
from hardware.interface import PinMethod, PinRequest, PinState, SlotState
from kiosk.cases import Case, Suspended
from kiosk.desk import FAULTS
from kiosk.enrolment.interface import Stage
from kiosk.procedures.evidence import ActivationDataRequired, Evidence
from kiosk.texts import N_
from screens.citizen_cues import CitizenCues
from screens.citizen_view import CitizenView, citizen_lines
from screens.entry_elsewhere import write_under_way, write_wrong
from screens.fault import Choice, FaultScreen
from screens.input_handover import InputHandover
from screens.parts.acts import Acts
from screens.parts.lines import Line, Lines
from screens.pin_messages import Dots, Requested, StageBegun, StageFinished, StateChanged
from screens.step_screen import SET_ASIDE, StepScreen, UnblockFirst

E = TypeVar("E", bound=Evidence)


class Phase(Enum):
    """Whose screen it is at the moment."""

    STARTING = auto()
    CITIZEN = auto()
    WRONG = auto()
    WORKING = auto()


class PinEntryScreen(StepScreen[E]):
    """Watches the entry and the acts that follow from a thread of its own. Digits never come near it."""

    KEYS: tuple[int, ...] = (1,)

    def __init__(self, case: Case) -> None:
        super().__init__(case)
        self.phase = Phase.STARTING
        required = [e for e in case.evidence.values() if isinstance(e, ActivationDataRequired)]
        self.view = CitizenView(tries_left=required[-1].tries_left if required else None, is_training=False)
        self.cues: CitizenCues | None = None
        self.method = required[-1].pin_method if required else PinMethod.TRAINING.value
        self.acts = Acts(self.stages())
        self.handover: InputHandover | None = None
        self._ends_at = 0.0

    def stages(self) -> tuple[Stage, ...]:
        """The acts that follow the entry."""
        return ()

    def run(self) -> E:
        """The blocking call of this step. Raises any of `FAULTS`."""
        raise NotImplementedError

    # --- the entry ----------------------------------------------------------------------------------------------------

    def on_mount(self) -> None:
        """The clerk has handed the keys over by going to this step."""
        super().on_mount()
        self.handover = InputHandover(self.app)
        self.view.is_training, self.view.policy = self.desk.is_training, self.desk.policy()
        self.cues = CitizenCues(self.station, self.view, rings=self.shares_screen)
        self.set_interval(1.0, self._tick)
        self.ask()

    def on_unmount(self) -> None:
        """Keys belong to the clerk again, however the step ended."""
        self._take_back()
        if self.cues is not None:
            self.cues.end()

    def ask(self) -> None:
        """Hand the keys to the citizen and begin. A PIN is never presented again by itself: somebody chose this."""
        if self.is_busy:
            return
        self.phase = Phase.STARTING
        self.view.begin()
        self.acts = Acts(self.stages())
        if self.handover is not None and self.method == PinMethod.TRAINING.value:
            self.handover.hand_over()
        self.in_background(self.run, self._finished, self._failed)
        self.paint()

    @property
    def shares_screen(self) -> bool:
        """Whether the citizen looks at this very screen, which then speaks to the citizen."""
        return self.desk.shares_screen(PinMethod(self.method))

    def _take_back(self) -> None:
        if self.handover is not None:
            self.handover.take_back()

    def _tick(self) -> None:
        if self.phase is Phase.CITIZEN:
            self.view.seconds = max(0, round(self._ends_at - time.monotonic()))
            if self.cues is not None and self.view.state is not PinState.CHECKING:
                self.cues.tick()
        if self.phase in (Phase.CITIZEN, Phase.WORKING):
            self.paint()

    def _restart_clock(self) -> None:
        self.view.seconds = self.desk.policy().timeout_s
        self._ends_at = time.monotonic() + self.view.seconds

    # --- what the device layer and the enrolment tell, from another thread --------------------------------------------

    def pin_requested(self, request: PinRequest) -> None:
        """See `PinObserver`."""
        self.post_message(Requested(request))

    def pin_state(self, state: PinState) -> None:
        """See `PinObserver`."""
        self.post_message(StateChanged(state))

    def dots(self, count: int) -> None:
        """See `PinObserver`."""
        self.post_message(Dots(count))

    def stage_begun(self, stage: Stage) -> None:
        """See `EnrolmentObserver`."""
        self.post_message(StageBegun(stage))

    def stage_finished(self, stage: Stage) -> None:
        """See `EnrolmentObserver`."""
        self.post_message(StageFinished(stage))

    # --- the same, in the screen's own time ---------------------------------------------------------------------------

    @on(Requested)
    def _requested(self, message: Requested) -> None:
        self.phase = Phase.CITIZEN
        self.view.ask_for(message.request)
        if self.cues is not None:
            self.cues.requested()
        self._restart_clock()
        self.paint()

    @on(StateChanged)
    def _state_changed(self, message: StateChanged) -> None:
        self.view.state = message.state
        if self.cues is not None:
            self.cues.state(message.state)
        if message.state is PinState.ACCEPTED:
            self.phase = Phase.WORKING
            self.acts.pin_accepted()
            self._take_back()
        self.paint()

    @on(Dots)
    def _dots(self, message: Dots) -> None:
        self.view.dots = message.count
        self._restart_clock()
        if self.cues is not None:
            self.cues.key()
        self.paint()

    @on(StageBegun)
    def _begun(self, message: StageBegun) -> None:
        self.acts.begin(message.stage)
        self.paint()

    @on(StageFinished)
    def _stage_done(self, message: StageFinished) -> None:
        self.acts.finish(message.stage)
        self.paint()

    # --- how it ends --------------------------------------------------------------------------------------------------

    def _finished(self, evidence: E) -> None:
        self._take_back()
        self.complete(evidence)

    def _failed(self, fault: Exception) -> None:
        self._take_back()
        if isinstance(fault, WrongPin):
            self._wrong(fault)
            return
        self.phase = Phase.STARTING
        can_abandon = self.desk.can_cancel(self.case)
        self.app.push_screen(
            FaultScreen(fault, self.case, can_abandon=can_abandon), lambda choice: self._go_on(fault, choice)
        )

    def _wrong(self, fault: WrongPin) -> None:
        self.phase = Phase.WRONG
        self.view.wrong(fault.tries_left)
        if self.cues is not None:
            self.cues.wrong(fault)
        try:
            self.desk.record_fault(self.case, fault)
        except FAULTS as second:
            self.on_fault(second)

    def _go_on(self, fault: Exception, choice: Choice | None) -> None:
        if choice is Choice.GO_ON and isinstance(fault, PinBlocked) and self.case.procedure_key != "unblock":
            self.end(UnblockFirst())
        elif choice is Choice.GO_ON:
            self.ask()
        elif choice is Choice.ABANDON:
            self.press_f12()
        else:
            self.end(Suspended(SET_ASIDE))

    # --- what it says -------------------------------------------------------------------------------------------------

    def layout_lines(self) -> list[Line]:
        """The citizen's own look while the citizen is at it."""
        if self.phase in (Phase.CITIZEN, Phase.WRONG) and self.shares_screen:
            return citizen_lines(self.view)
        return super().layout_lines()

    def body(self, lines: Lines) -> None:
        """For the clerk."""
        match self.phase:
            case Phase.WORKING:
                self.acts.write(lines, self.station.texts)
            case Phase.CITIZEN:
                write_under_way(lines, self.view, self.station.texts, PinMethod(self.method))
            case Phase.WRONG:
                write_wrong(lines, self.view, self.station.texts)
            case Phase.STARTING:
                lines.blank()
                lines.heading(self.t("Припремам унос ПИН-а…") if self.is_busy else self.t("Унос је прекинут."))

    def status(self) -> str:
        """What goes on."""
        match self.phase:
            case Phase.WORKING:
                return self.t("НЕ ВАДИТЕ КАРТУ. Следећи корак се отвара сам.")
            case Phase.CITIZEN:
                return self.t("Број цифара и сам ПИН се не приказују и не бележе.")
        return ""

    def hint(self) -> str:
        """Nothing to press while the chip is written."""
        return self.t("F12 = откажи унос") if self.phase is Phase.CITIZEN else ""

    def caret(self) -> Offset:
        """Away from the dots: a braille display must not count them."""
        return Offset(0, 0)

    def slot_changed(self, state: SlotState) -> None:
        """An entry for a card that is gone has no sense."""
        if state is not SlotState.CARD and self.phase is Phase.CITIZEN:
            self._cancel()
        super().slot_changed(state)

    # --- keys ---------------------------------------------------------------------------------------------------------

    def press_digit(self, digit: int) -> None:
        """No digit means anything here."""

    def press_enter(self) -> None:
        """After a wrong PIN: another try, unless it may be the last; that needs F5."""
        if self.phase is Phase.WRONG and not self.view.is_last_try:
            self.ask()

    def press_f5(self) -> None:
        """Another try with open eyes: it may block the card."""
        if self.phase is Phase.WRONG:
            self.ask()

    def press_escape(self) -> None:
        """As F12."""
        self.press_f12()

    def press_f12(self) -> None:
        """Cancel the entry; after it, abandon or set the case aside."""
        match self.phase:
            case Phase.CITIZEN:
                self._cancel()
            case Phase.WRONG:
                self.end(Suspended(SET_ASIDE))
            case Phase.STARTING:
                super().press_f12()

    def press_f3(self) -> None:
        """To the list, when nobody is typing and nothing is written."""
        if self.phase in (Phase.WRONG, Phase.STARTING):
            super().press_f3()

    def press_f1(self) -> None:
        """The citizen is not to be talked over."""
        if self.phase is not Phase.CITIZEN:
            super().press_f1()

    def key_names(self) -> Mapping[int, str]:
        """None while the citizen types."""
        return {} if self.phase is Phase.CITIZEN else super().key_names()

    def press_f11(self) -> None:
        """Citizen mode speaks all languages at once."""
        if self.phase is not Phase.CITIZEN:
            super().press_f11()

    def _cancel(self) -> None:
        try:
            self.desk.cancel_pin_entry()
        except HardwareError as fault:
            self.announce(N_("Унос се није дао отказати; извадите карту."))
            self.log.warning(type(fault).__name__)
