"""What the screens learn of an entry on a pin pad, key by key where the pad tells of keys."""

from __future__ import annotations

import threading

from hardware.interface import PinObserver, PinRequest, PinState
from hardware.pin_collect import ClerksScreen
from hardware.pinpad_reader import ENTER

DIGIT, ALL_CLEARED = 0x2B, 0x0A


class PadProgress:
    """Follows one order of the pad through its entries; the clerk's screen learns neither digits nor their number."""

    def __init__(self, observer: PinObserver, requests: tuple[PinRequest, ...], cancelled: threading.Event) -> None:
        self._observer = observer
        self._requests = list(requests)
        self._cancelled = cancelled
        self._is_aborted = False
        self._screen = ClerksScreen(observer)

    def begin(self, refused: PinState | None = None) -> None:
        """The citizen is asked for the next PIN; `refused` says why the one before did not do."""
        self._screen = ClerksScreen(self._observer)
        self._observer.pin_requested(self._requests.pop(0))
        self._observer.pin_state(refused or PinState.WAITING)

    def key(self, code: int) -> None:
        """See `PadWatcher`."""
        self._screen.pause_over()
        if code == DIGIT:
            self._screen.typed(1)
        elif code == ALL_CLEARED:
            self._screen.cleared(PinState.WAITING)
        elif code == ENTER and self._requests:
            self.begin()
        elif code == ENTER:
            self._observer.pin_state(PinState.CHECKING)

    def wants_abort(self) -> bool:
        """See `PadWatcher`."""
        wants = self._cancelled.is_set() and not self._is_aborted
        self._is_aborted = self._is_aborted or wants
        return wants
