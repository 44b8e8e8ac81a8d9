"""Watches one reader over everything that can happen to it, its service included."""

from __future__ import annotations

import threading
import time

from hardware.errors import HardwareError, NoReader
from hardware.interface import SlotObserver, SlotState
from hardware.pcsc_readers import ReaderChoice
from hardware.pcsc_service import (
    STATE_UNAWARE,
    reader_names,
    service_context,
    slot_state,
    state_of,
    wait_for_change,
)

WAIT_S = 0.5
"""Longest wait in one call, so that the end of a watch and new readers are noticed."""
RETRY_S = 0.2
"""Pause before the service or the reader is looked for again."""
DRIVER_PATIENCE_S = 3.0
"""How long a reader may be on USB before the service has it; only then is it one without a driver."""
COUNTER_SHIFT = 16


class SlotWatch:
    """A thread that tells an observer of every change, beginning with the present state."""

    def __init__(self, choice: ReaderChoice, observer: SlotObserver) -> None:
        self._choice = choice
        self._observer = observer
        self._stop = threading.Event()
        self._told: SlotState | None = None
        self._driverless_since: float | None = None
        self._thread = threading.Thread(target=self._run, name="reader watch", daemon=True)

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def stop(self) -> None:
        """Stop; returns when the observer will not be called again, at most a moment later."""
        self._stop.set()
        if threading.current_thread() is not self._thread:
            self._thread.join(4 * WAIT_S)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                with service_context() as context:
                    self._follow(context)
            except HardwareError as error:
                self._tell(self._patient(state_of(error)))
                self._stop.wait(RETRY_S)

    def _patient(self, state: SlotState) -> SlotState:
        """A reader that has just been plugged in is not called one without a driver."""
        now = time.monotonic()
        if state is not SlotState.NO_DRIVER:
            self._driverless_since = None
            return state
        self._driverless_since = self._driverless_since or now
        return state if now - self._driverless_since >= DRIVER_PATIENCE_S else SlotState.NO_READER

    def _follow(self, context: int) -> None:
        """Follow one reader while it is there."""
        reader = self._choice.among(reader_names(context))
        self._driverless_since = None
        known = STATE_UNAWARE
        while not self._stop.is_set():
            word = wait_for_change(context, reader, known, WAIT_S)
            self._take(known, word)
            if slot_state(word) is SlotState.NO_READER:
                raise NoReader
            known = word

    def _take(self, known: int, word: int) -> None:
        """Tell the new state; a card swapped between two looks is told as taken out and put in."""
        state = slot_state(word)
        moved = known != STATE_UNAWARE and word >> COUNTER_SHIFT != known >> COUNTER_SHIFT
        if moved and state is SlotState.CARD and self._told is SlotState.CARD:
            self._tell(SlotState.EMPTY)
        self._tell(state)

    def _tell(self, state: SlotState) -> None:
        if state is not self._told and not self._stop.is_set():
            self._told = state
            self._observer.slot_changed(state)
