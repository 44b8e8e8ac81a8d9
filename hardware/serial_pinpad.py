"""A PIN pad on a serial line, with a line protocol of our own: no pad's protocol was published to us.

8 data bits, no parity, 1 stop bit, no flow control. The pad sends one byte for each key: `0` to `9`; CR, LF or `#` for
Enter; BS, DEL or `*` for correction, which clears all digits; ESC for cancel. Any other byte means nothing. It is sent
nothing, or on request `*` or BEL for each digit that was taken.
"""

from __future__ import annotations

import fcntl
import os
import termios
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from hardware.errors import PinError, Unsupported
from hardware.interface import PinMethod, PinObserver, PinPolicy, PinPrompt, PinState
from hardware.keypad_faults import KeypadFault, reason_of
from hardware.pin import Pin
from hardware.pin_collect import Progress, collect_pin, progress_for
from hardware.pin_keys import KEYS, Key, Wake, wait_for_any

PAD_KEYS = KEYS | {ord("#"): Key.ENTER, ord("*"): Key.CLEAR, 0x1B: Key.CANCEL}
FEEDBACK = {"": b"", "star": b"*", "beep": b"\a"}
IFLAG, OFLAG, CFLAG, LFLAG, ISPEED, OSPEED, CONTROL = range(7)
"""Places in what `termios.tcgetattr` returns."""


class SerialPinPad:
    """Takes a PIN from the pad at `path`, which is opened for each entry. Raises `Unsupported` for odd settings."""

    method = PinMethod.KEYPAD

    def __init__(self, path: str, baud: int = 9600, feedback: str = "", *, one_screen: bool = False) -> None:
        if feedback not in FEEDBACK:
            raise Unsupported(f"serial_feedback {feedback}; known are star and beep")
        self._path = path
        self._speed = _speed(baud)
        self._feedback = FEEDBACK[feedback]
        self._one_screen = one_screen
        self._wake = Wake()
        self._under_way = threading.Lock()

    def collect(self, prompt: PinPrompt, policy: PinPolicy, observer: PinObserver) -> Pin:
        """Wait for one whole entry; see `PinEntry`. Keys pressed before it are forgotten."""
        with self._under_way, _open_line(self._path, self._speed) as line:
            self._wake.clear()
            observer.pin_requested(prompt.request)
            observer.pin_state(prompt.first_state)
            told = _AnsweredPad(progress_for(observer, one_screen=self._one_screen), line, self._feedback)
            return collect_pin(PadReader(line, self._wake.fd), policy, told)

    def show(self, outcome: PinState | PinError) -> None:
        """It has no display; the screens say it."""

    def cancel(self) -> None:
        """End the entry under way; see `PinEntry`."""
        if self._under_way.locked():
            self._wake.set()

    def close(self) -> None:
        """End the entry under way, and with it the use of the line."""
        self.cancel()


class PadReader:
    """Reads one byte at a time into one preallocated byte, overwritten after each. A `KeySource`."""

    def __init__(self, line: int, wake: int) -> None:
        self._line = line
        self._wake = wake
        self._byte = bytearray(1)

    def next(self, seconds: float) -> int | Key | None:
        """Wait for a key; see `KeySource`."""
        if not wait_for_any((self._line,), self._wake, seconds):
            return None
        try:
            if os.readv(self._line, [self._byte]) == 0:
                raise KeypadFault.UNPLUGGED.error()
            byte = self._byte[0]
            return byte if 0x30 <= byte <= 0x39 else PAD_KEYS.get(byte, Key.OTHER)
        except BlockingIOError:
            return None
        except OSError as error:
            raise reason_of(error).error() from None
        finally:
            self.wipe()

    def wipe(self) -> None:
        """Overwrite the last byte."""
        self._byte[0] = 0


class _AnsweredPad:
    """Sends the pad the same byte for every digit, beside what the screens are told. A `Progress`."""

    def __init__(self, told: Progress, line: int, feedback: bytes) -> None:
        self._told = told
        self._line = line
        self._feedback = feedback

    def typed(self, count: int) -> None:
        self._told.typed(count)
        try:
            os.write(self._line, self._feedback)
        except BlockingIOError:
            return  # a pad that takes no more stars still sends digits
        except OSError as error:
            raise reason_of(error).error() from None

    def cleared(self, state: PinState) -> None:
        self._told.cleared(state)

    def pause_s(self) -> float:
        return self._told.pause_s()

    def pause_over(self) -> None:
        self._told.pause_over()


@contextmanager
def _open_line(path: str, speed: int) -> Iterator[int]:
    line = _opened(path)
    try:
        try:
            fcntl.ioctl(line, termios.TIOCEXCL)
            termios.tcsetattr(line, termios.TCSAFLUSH, _line_modes(termios.tcgetattr(line), speed))
        except termios.error as error:
            raise reason_of(OSError(*error.args)).error() from None
        except OSError as error:
            raise reason_of(error).error() from None
        yield line
    finally:
        os.close(line)


def _opened(path: str) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise reason_of(error).error() from None


def _line_modes(modes: list[Any], speed: int) -> list[Any]:
    """8N1, raw, no echo, no flow control, modem lines ignored."""
    modes = list(modes)
    modes[IFLAG] = modes[OFLAG] = modes[LFLAG] = 0
    modes[CFLAG] = termios.CS8 | termios.CREAD | termios.CLOCAL
    modes[ISPEED] = modes[OSPEED] = speed
    modes[CONTROL] = list(modes[CONTROL])
    modes[CONTROL][termios.VMIN], modes[CONTROL][termios.VTIME] = 1, 0
    return modes


def _speed(baud: int) -> int:
    speed = getattr(termios, f"B{baud}", None)
    if not isinstance(speed, int):
        raise Unsupported(f"serial_baud {baud}")
    return speed
