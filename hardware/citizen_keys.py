"""The keys of the citizen's terminal, and the time they give."""

from __future__ import annotations

import time
from collections.abc import Callable

from hardware.citizen_tty import HungUp
from hardware.errors import PinEntryFault
from hardware.pin_keys import Key, KeyReader

NUMBER_BLOCK = {
    ord("+"): Key.CLEAR,
    ord("."): Key.CLEAR,
    ord(","): Key.CLEAR,
    ord("*"): Key.CLEAR,
    ord("#"): Key.ENTER,
    ord("-"): Key.CANCEL,
}
"""As on the USB keypad (`hardware/keypad_keys.py`) and the serial PIN pad."""
LANGUAGE = frozenset(b"\t/")


class CitizenKeys(KeyReader):
    """Tells digits, Enter, correction and cancel; the language key is told to `on_language`, all others are swallowed.

    `on_key` is told of every key, before it is acted on. Raises `HungUp` where a `KeyReader` raises `PinEntryFault`.
    """

    def __init__(self, source: int, wake: int, *, on_key: Callable[[], None], on_language: Callable[[], None]) -> None:
        super().__init__(source, wake)
        self._on_key = on_key
        self._on_language = on_language

    def next(self, seconds: float) -> int | Key | None:
        """Wait for a key; see `KeySource`."""
        try:
            key = super().next(seconds)
        except PinEntryFault as fault:
            raise HungUp(str(fault)) from None
        if key is None:
            return None
        self._on_key()
        if key is not Key.OTHER:
            return key
        if self._byte[0] in LANGUAGE:
            self._on_language()
        return NUMBER_BLOCK.get(self._byte[0], key)

    def _escape(self) -> Key:
        """The last byte of a control sequence is no key of its own."""
        key = super()._escape()
        self.wipe()
        return key


class Countdown:
    """The seconds that an entry has left."""

    def __init__(self, seconds: int, warn_at: int) -> None:
        self._seconds = seconds
        self._warn_at = warn_at
        self.restart()

    def restart(self) -> None:
        """A key was pressed: all the time again."""
        self._end = time.monotonic() + self._seconds

    @property
    def left(self) -> int:
        """Whole seconds."""
        return max(0, round(self._end - time.monotonic()))

    @property
    def is_short(self) -> bool:
        """Whether the citizen is to be warned."""
        return self.left <= self._warn_at
