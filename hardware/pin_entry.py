"""Where a PIN comes from: one interface for pin pads, keypads, the citizen's terminal and training."""

from __future__ import annotations

import os
import sys
import termios
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from hardware.errors import PinEntryCancelled, PinEntryFault, Unsupported
from hardware.interface import PinMethod, PinObserver, PinPolicy, PinRequest, PinState
from hardware.pin import Pin, ProtectedPath
from hardware.pin_keys import Key, KeyReader
from hardware.settings import DeviceSettings


class PinEntry(Protocol):
    """Lets the citizen enter one PIN."""

    @property
    def method(self) -> PinMethod: ...

    def collect(self, request: PinRequest, policy: PinPolicy, observer: PinObserver) -> Pin | ProtectedPath:
        """Wait for one whole entry. The caller owns the `Pin` and clears it (`with`).

        Raises `PinEntryCancelled`, `PinEntryExpired`, `PinEntryFault`; none of them has spent a try.
        """

    def cancel(self) -> None:
        """End the entry under way with `PinEntryCancelled`; nothing happens when there is none. From any thread."""


def pin_entry_for(settings: DeviceSettings) -> PinEntry:
    """The PIN entry this desk is set up for. Raises `Unsupported` for a method without a driver in this build."""
    if settings.pin_method is not PinMethod.TRAINING:
        raise Unsupported(f"pin method {settings.pin_method.value}")
    return TrainingPinEntry(settings.pin_fd)


class TrainingPinEntry:
    """Reads the citizen's keys from a file descriptor: digits, Enter, Backspace (clears all), Esc or F12 (cancels).

    With no descriptor every entry raises `PinEntryFault`.
    """

    method = PinMethod.TRAINING

    def __init__(self, fd: int | None) -> None:
        self._fd = fd
        self._wake_read, self._wake_write = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        self._under_way = threading.Lock()

    def collect(self, request: PinRequest, policy: PinPolicy, observer: PinObserver) -> Pin:
        """Wait for one whole entry; see `PinEntry`."""
        if self._fd is None:
            raise PinEntryFault("no descriptor to read the training PIN from")
        with self._under_way, _quiet_terminal(self._fd):
            self._forget_old_cancels()
            observer.pin_requested(request)
            observer.pin_state(PinState.WAITING)
            return _collect(KeyReader(self._fd, self._wake_read), policy, observer)

    def cancel(self) -> None:
        """End the entry under way; see `PinEntry`."""
        if self._under_way.locked():
            os.write(self._wake_write, b"x")

    def _forget_old_cancels(self) -> None:
        try:
            while os.read(self._wake_read, 64):
                pass
        except BlockingIOError:
            return


def _collect(keys: KeyReader, policy: PinPolicy, observer: PinObserver) -> Pin:
    pin = Pin()
    try:
        while (key := keys.next(policy.timeout_s)) is not Key.ENTER or len(pin) < policy.min_length:
            _press(key, pin, policy, observer)
    except BaseException:
        pin.clear()
        raise
    finally:
        keys.wipe()
    return pin


def _press(key: int | Key, pin: Pin, policy: PinPolicy, observer: PinObserver) -> None:
    if key is Key.CANCEL:
        raise PinEntryCancelled
    if key is Key.CLEAR or key is Key.ENTER:
        pin.clear()
        observer.dots(0)
        observer.pin_state(PinState.TOO_SHORT if key is Key.ENTER else PinState.WAITING)
    elif isinstance(key, int) and len(pin) < policy.max_length:
        pin.append(key)
        observer.dots(len(pin))
        if len(pin) == 1:
            observer.pin_state(PinState.UNDER_WAY)


LFLAG = 3
"""Index of the local modes in what `termios.tcgetattr` returns."""


@contextmanager
def _quiet_terminal(fd: int) -> Iterator[None]:
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
