"""The station: walks an open case from screen to screen."""

from __future__ import annotations

import asyncio
import signal
import sys
from contextlib import ExitStack
from threading import Thread
from typing import Any

from textual import on
from textual.binding import Binding
from textual.geometry import Offset
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Input

from hardware.errors import HardwareError
from hardware.interface import SlotState
from kiosk.cases import Case, CaseStatus
from kiosk.desk import FAULTS, Desk
from kiosk.texts import Language, Texts
from screens.crash import CrashWithoutSecrets
from screens.fault import Choice, FaultScreen
from screens.frame import FrameScreen
from screens.home import HomeScreen
from screens.step_screen import GoBack, StepFinished, UnblockFirst, screen_for


class SlotChanged(Message):
    """A card came or went."""

    def __init__(self, state: SlotState) -> None:
        super().__init__()
        self.state = state


class KioskApp(CrashWithoutSecrets):
    """One desk's station, driven by function keys and digits."""

    CSS_PATH = "kiosk.tcss"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS = [
        Binding("ctrl+q", "nothing", show=False, priority=True),
        Binding("ctrl+c", "nothing", show=False, priority=True),
    ]

    def __init__(self, desk: Desk, *, language: Language = Language.CYRILLIC) -> None:
        super().__init__(ansi_color=True)
        self.desk = desk
        self.texts = Texts(language)
        self.slot = SlotState.EMPTY
        self.compared: str | None = None
        """Number of the document whose holder the clerk has compared; forgotten when the card leaves."""
        self._watch = ExitStack()

    def get_default_screen(self) -> Screen[Any]:
        """The list of cases lies under everything else."""
        return HomeScreen()

    def on_mount(self) -> None:
        """Watch the reader and the signals, and bring in what is heavy."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
            loop.add_signal_handler(number, self.exit)
        Thread(target=self._begin_watching, name="kiosk-slot-watch", daemon=True).start()
        self.call_after_refresh(lambda: Thread(target=_import_heavy, name="kiosk-imports", daemon=True).start())

    def on_unmount(self) -> None:
        """Leave reader and signals as they were."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
            loop.remove_signal_handler(number)
        self._watch.close()

    def action_nothing(self) -> None:
        """Control keys that Textual would act on."""

    # --- the reader ---------------------------------------------------------------------------------------------------

    def _begin_watching(self) -> None:
        try:
            self._watch.enter_context(self.desk.watch(self))
            self.slot_changed(self.desk.slot_state())
        except HardwareError:
            self.slot_changed(SlotState.NO_SERVICE)

    def slot_changed(self, state: SlotState) -> None:
        """Called from a thread of the device layer."""
        self.post_message(SlotChanged(state))

    @on(SlotChanged)
    def _tell_screens(self, message: SlotChanged) -> None:
        if message.state is self.slot:
            return
        self.slot = message.state
        if message.state is not SlotState.CARD:
            self.compared = None
        for screen in self.screen_stack:
            if isinstance(screen, FrameScreen):
                screen.slot_changed(message.state)

    # --- a case, step by step -----------------------------------------------------------------------------------------

    def walk(self, case: Case | None) -> None:
        """Show the step the case stands at; without an open case, the list."""
        if case is None or case.status is not CaseStatus.OPEN:
            self._to_list()
        elif len(self.screen_stack) > 1:
            self.switch_screen(screen_for(case))
        else:
            self.push_screen(screen_for(case))

    def go_on_with(self, case_id: str | None) -> None:
        """Take a case up where it can honestly go on."""
        if case_id is None:
            return
        try:
            case = self.desk.resume_case(case_id)
        except FAULTS as fault:
            self.push_screen(FaultScreen(fault, None, can_abandon=False))
        else:
            self.walk(case)

    def _to_list(self) -> None:
        while len(self.screen_stack) > 1:
            self.pop_screen()
        home = self.screen
        if isinstance(home, HomeScreen):
            home.reload()

    @on(StepFinished)
    def _step_finished(self, message: StepFinished) -> None:
        message.stop()
        try:
            case = self._after(message)
        except FAULTS as fault:
            self._ask_again(message, fault)
        else:
            self.walk(case)

    def _after(self, message: StepFinished) -> Case | None:
        case, result = message.case, message.result
        if isinstance(result, GoBack):
            return self.desk.go_back(case)
        if isinstance(result, UnblockFirst):
            return self.desk.unblock_first(case)
        after = self.desk.finish_step(case, result)
        return after if after.status is CaseStatus.OPEN else self.desk.next_case(after)

    def _ask_again(self, message: StepFinished, fault: Exception) -> None:
        """What the step recorded is kept here until the archive takes it, or the clerk goes back to the list."""

        def choose(choice: Choice | None) -> None:
            if choice is Choice.GO_ON:
                self._step_finished(message)
            else:
                self._to_list()

        self.push_screen(FaultScreen(fault, message.case, can_abandon=False), choose)

    # --- the whole desk -----------------------------------------------------------------------------------------------

    def switch_language(self) -> None:
        """Cyrillic, Latin, English, and round again; nothing ticked or typed is touched."""
        self.texts = self.texts.next()
        for screen in self.screen_stack:
            if isinstance(screen, FrameScreen):
                screen.paint()

    def lock(self) -> None:
        """Take every personal fact off the screen until a clerk comes back, and end the clerk's session in the HSM."""
        from screens.lock import LockScreen

        Thread(target=self._end_sitting, name="kiosk-end-sitting", daemon=True).start()
        self.push_screen(LockScreen())

    def _end_sitting(self) -> None:
        try:
            self.desk.end_sitting()
        except HardwareError as fault:
            print(f"the HSM was not locked: {type(fault).__name__}", file=sys.stderr)

    # --- the terminal -------------------------------------------------------------------------------------------------

    def _display(self, screen: Screen[Any], renderable: Any) -> None:
        """Put the terminal's cursor where the eye should be, then paint: braille displays and speech follow it."""
        top = self.screen
        focused = top.focused
        if isinstance(focused, Input):
            region = focused.content_region
            self.cursor_position = Offset(region.x + focused.cursor_position - focused.scroll_offset.x, region.y)
        elif isinstance(top, FrameScreen):
            self.cursor_position = top.caret()
        super()._display(screen, renderable)


def _import_heavy() -> None:
    """The libraries of later steps, so that the first printing does not wait for them."""
    import cryptography.x509
    import PIL.Image

    import kiosk.documents

    assert all((cryptography.x509, kiosk.documents, PIL.Image))  # noqa: S101  # imported for their side effect
