"""The citizen's second keypad: a USB numeric keypad that this process alone hears, from its start to its end.

It is held even while nobody is asked for a PIN: else a citizen's early digit would fall into the clerk's form.
"""

from __future__ import annotations

import threading
import time
from typing import Protocol

from hardware.errors import PinEntryFault, PinError
from hardware.interface import PinMethod, PinObserver, PinPolicy, PinPrompt, PinState
from hardware.keypad_device import Keypad
from hardware.keypad_faults import KeypadFault
from hardware.keypad_keys import EventReader
from hardware.pin import Pin
from hardware.pin_collect import collect_pin, progress_for
from hardware.pin_keys import Wake

LOOK_EVERY_S = 0.02
"""How long a keypad that was just plugged in may be heard by the terminals, at most."""
TRY_EVERY_S = 0.2
"""How often a keypad that could not be taken is tried again: rights may come later, and another program may end."""


class Held(Protocol):
    """What the entry needs of a `Keypad`."""

    @property
    def descriptors(self) -> tuple[int, ...]: ...

    def hold(self) -> None: ...

    def has_changed(self) -> bool: ...

    def forget_keys(self) -> None: ...

    def release(self) -> None: ...


class KeypadEntry:
    """Takes a PIN from the keypad that `wanted` names: `/dev/input/by-id/…`, `…/by-path/…` or `VVVV:PPPP`.

    A keypad that is missing is taken as soon as it is plugged in. Every entry raises `PinEntryFault` with the text of
    a `KeypadFault` while it cannot be taken, and when it is unplugged under way.
    """

    method = PinMethod.KEYPAD

    def __init__(self, wanted: str, keypad: Held | None = None, *, one_screen: bool = False) -> None:
        self._keypad = keypad or Keypad(wanted)
        self._one_screen = one_screen
        self._wake = Wake()
        self._in_use = threading.Lock()
        self._closed = threading.Event()
        self._tried_at = 0.0
        self._take()
        self._guard = threading.Thread(target=self._keep, name="keypad guard", daemon=True)
        self._guard.start()

    def collect(self, prompt: PinPrompt, policy: PinPolicy, observer: PinObserver) -> Pin:
        """Wait for one whole entry; see `PinEntry`. Keys pressed before it are forgotten."""
        with self._in_use:
            if self._closed.is_set():
                raise KeypadFault.NOT_THERE.error()
            self._wake.clear()
            self._keypad.hold()
            self._keypad.forget_keys()
            observer.pin_requested(prompt.request)
            observer.pin_state(prompt.first_state)
            keys = EventReader(self._keypad.descriptors, self._wake.fd)
            return collect_pin(keys, policy, progress_for(observer, one_screen=self._one_screen))

    def show(self, outcome: PinState | PinError) -> None:
        """It has no display; the screens say it."""

    def cancel(self) -> None:
        """End the entry under way; see `PinEntry`."""
        if self._in_use.locked():
            self._wake.set()

    def close(self) -> None:
        """End the entry under way and give the keypad back."""
        self._closed.set()
        self._wake.set()
        self._guard.join()
        with self._in_use:
            self._keypad.release()

    def _keep(self) -> None:
        """Take the keypad again whenever it comes back. During an entry nothing is touched: it notices by itself."""
        while not self._closed.wait(LOOK_EVERY_S):
            if not self._in_use.acquire(blocking=False):
                continue
            try:
                self._look()
            finally:
                self._in_use.release()

    def _look(self) -> None:
        is_due = not self._keypad.descriptors and time.monotonic() >= self._tried_at + TRY_EVERY_S
        if self._keypad.has_changed() or is_due:
            self._take()

    def _take(self) -> None:
        self._tried_at = time.monotonic()
        try:
            self._keypad.hold()
        except PinEntryFault:
            return  # nobody is waiting for it; the next entry looks again and says why
