"""Where a PIN comes from: one interface for pin pads, keypads, the citizen's terminal and training."""

from __future__ import annotations

import os
import sys
import termios
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from hardware.errors import PinEntryFault, PinError, Unsupported
from hardware.interface import PinMethod, PinObserver, PinPolicy, PinPrompt, PinState
from hardware.pin import Pin, ProtectedPath
from hardware.pin_collect import SharedScreen, collect_pin
from hardware.pin_keys import KeyReader, Wake
from hardware.settings import TRAINING, DeviceSettings


class PinEntry(Protocol):
    """Lets the citizen enter one PIN."""

    @property
    def method(self) -> PinMethod: ...

    def collect(self, prompt: PinPrompt, policy: PinPolicy, observer: PinObserver) -> Pin | ProtectedPath:
        """Wait for one whole entry. The caller owns the `Pin` and clears it (`with`).

        Raises `PinEntryCancelled`, `PinEntryExpired`, `PinEntryFault`; none of them has spent a try.
        """

    def show(self, outcome: PinState | PinError) -> None:
        """Tell the citizen how it went, where the device has a display of its own; elsewhere the screens do."""

    def cancel(self) -> None:
        """End the entry under way with `PinEntryCancelled`; nothing happens when there is none. From any thread."""

    def close(self) -> None:
        """End the entry under way and let go of the device."""


def pin_entry_for(settings: DeviceSettings) -> PinEntry:
    """The PIN entry this desk is set up for; a keypad is held from now on, even while nobody is asked for a PIN.

    Raises `Unsupported` for a method without a driver in this build, and for a keypad that the settings do not name.
    """
    if settings.pin_method is PinMethod.TRAINING:
        return TrainingPinEntry(settings.pin_fd)
    if settings.pin_method is PinMethod.KEYPAD:
        return _keypad_entry(settings)
    if settings.pin_method is PinMethod.TERMINAL:
        return _citizens_terminal(settings)
    if settings.pin_method is PinMethod.PINPAD:
        from hardware.pinpad import PinPads

        return PinPads()
    raise Unsupported(f"pin method {settings.pin_method.value}")


def _keypad_entry(settings: DeviceSettings) -> PinEntry:
    """The driver is imported here: training and card commands do without it."""
    if bool(settings.keypad) == bool(settings.serial_pinpad):
        raise Unsupported("pin method keypad: name either keypad or serial_pinpad in the settings")
    if settings.serial_pinpad:
        from hardware.serial_pinpad import SerialPinPad

        return SerialPinPad(
            settings.serial_pinpad, settings.serial_baud, settings.serial_feedback, one_screen=settings.one_screen
        )
    from hardware.keypad import KeypadEntry

    return KeypadEntry(settings.keypad, one_screen=settings.one_screen)


def _citizens_terminal(settings: DeviceSettings) -> PinEntry:
    if settings.citizen_socket is None:
        raise Unsupported("pin method terminal: name citizen_socket in the settings")
    from hardware.citizen_terminal import CitizenTerminal

    return CitizenTerminal(settings.citizen_socket, is_training=settings.reader == TRAINING)


class TrainingPinEntry:
    """Reads the citizen's keys from a file descriptor: digits, Enter, Backspace (clears all), Esc or F12 (cancels).

    With no descriptor every entry raises `PinEntryFault`.
    """

    method = PinMethod.TRAINING

    def __init__(self, fd: int | None) -> None:
        self._fd = fd
        self._wake = Wake()
        self._under_way = threading.Lock()

    def collect(self, prompt: PinPrompt, policy: PinPolicy, observer: PinObserver) -> Pin:
        """Wait for one whole entry; see `PinEntry`."""
        if self._fd is None:
            raise PinEntryFault("no descriptor to read the training PIN from")
        with self._under_way, quiet_terminal(self._fd):
            self._wake.clear()
            observer.pin_requested(prompt.request)
            observer.pin_state(prompt.first_state)
            return collect_pin(KeyReader(self._fd, self._wake.fd), policy, SharedScreen(observer))

    def show(self, outcome: PinState | PinError) -> None:
        """The screens say it."""

    def cancel(self) -> None:
        """End the entry under way; see `PinEntry`."""
        if self._under_way.locked():
            self._wake.set()

    def close(self) -> None:
        """End the entry under way; the descriptor belongs to whoever opened it."""
        self.cancel()


LFLAG = 3
"""Index of the local modes in what `termios.tcgetattr` returns."""


@contextmanager
def quiet_terminal(fd: int) -> Iterator[None]:
    """On a terminal: no echo, no signals, byte by byte; keys typed before or after the entry are thrown away."""
    if not os.isatty(fd):
        yield
        return
    before = termios.tcgetattr(fd)
    termios.tcsetattr(fd, termios.TCSAFLUSH, _raw(before))
    try:
        yield
    finally:
        try:
            termios.tcsetattr(fd, termios.TCSAFLUSH, before)
        except termios.error as error:
            # The terminal was hung up under way: the entry has its own error, and there is no mode left to restore.
            print(f"terminal mode not restored: {error}", file=sys.stderr)


def _raw(modes: list[Any]) -> list[Any]:
    quiet = list(modes)
    quiet[LFLAG] &= ~(termios.ECHO | termios.ECHONL | termios.ICANON | termios.ISIG | termios.IEXTEN)
    return quiet
