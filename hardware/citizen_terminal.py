"""The citizen's own terminal, as the device host uses it: it asks there, and gets one PIN or a reason why not."""

from __future__ import annotations

import itertools
import queue
import threading
from pathlib import Path

from hardware.citizen_asked import Asked, Event
from hardware.citizen_faults import CitizenTerminalFault
from hardware.citizen_link import CitizenLink
from hardware.citizen_wire import Ask
from hardware.errors import PinError
from hardware.interface import PinMethod, PinObserver, PinPolicy, PinPrompt, PinState
from hardware.pin import Pin

CONNECT_S = 3.0
"""How long a terminal may take to come (back); `kiosk citizen` tries twice a second."""
SILENT_S = 5.0
"""A terminal that was asked reports once a second; one that does not has been stopped, or stands still."""


class CitizenTerminal:
    """Takes a PIN from `kiosk citizen`, which comes to the socket at `path`.

    Every entry raises `PinEntryFault` with the text of a `CitizenTerminalFault` while no terminal is there, and when it
    goes away under way.
    """

    method = PinMethod.TERMINAL

    def __init__(self, path: Path, *, is_training: bool = False) -> None:
        self._is_training = is_training
        self._numbers = itertools.count(1)
        self._under_way = threading.Lock()
        self._link = CitizenLink(path)

    def collect(self, prompt: PinPrompt, policy: PinPolicy, observer: PinObserver) -> Pin:
        """Wait for one whole entry; see `PinEntry`. The observer is told as soon as the terminal shows the question."""
        with self._under_way:
            entry = self._link.begin(self._ask(prompt, policy))
            try:
                return self._follow(entry, _Clerk(prompt, observer))
            finally:
                self._link.end(entry)

    def show(self, outcome: PinState | PinError) -> None:
        """Tell the citizen how it went; see `PinEntry`."""
        self._link.show(outcome)

    def cancel(self) -> None:
        """End the entry under way; see `PinEntry`."""
        self._link.cancel()

    def close(self) -> None:
        """End the entry under way, and stop listening: the terminal says that it is not in service."""
        self._link.close()

    def _ask(self, prompt: PinPrompt, policy: PinPolicy) -> Ask:
        return Ask(
            entry=next(self._numbers),
            request=prompt.request,
            fewest=policy.min_length,
            most=policy.max_length,
            timeout_s=policy.timeout_s,
            warn_s=policy.warn_s,
            tries_left=prompt.tries_left,
            refused=prompt.refused,
            is_training=self._is_training,
        )

    def _follow(self, entry: Asked, clerk: _Clerk) -> Pin:
        while True:
            event = self._next(entry)
            if isinstance(event, Pin):
                return event
            if isinstance(event, PinError):
                raise event
            if event is not None:
                clerk.told(event)

    def _next(self, entry: Asked) -> Event | None:
        was_asked = entry.is_asked
        try:
            return entry.next(SILENT_S if was_asked else CONNECT_S)
        except queue.Empty:
            if was_asked:
                self._link.drop(CitizenTerminalFault.SILENT)
            elif not entry.is_asked:
                raise self._link.absence() from None
            return None


class _Clerk:
    """Passes on how it goes, each state once: how often it is reported means nothing, and count and time are not."""

    def __init__(self, prompt: PinPrompt, observer: PinObserver) -> None:
        self._prompt = prompt
        self._observer = observer
        self._last: PinState | None = None

    def told(self, state: PinState) -> None:
        """The terminal has reported this state."""
        if self._last is None:
            self._observer.pin_requested(self._prompt.request)
            self._observer.pin_state(self._prompt.first_state)
        # What the citizen was told at the question stands until the first digit.
        elif state is not self._last:
            self._observer.pin_state(state)
        self._last = state
