"""The tty of the citizen's terminal: raw while the program runs, and left as it was found, with nothing on it."""

from __future__ import annotations

import fcntl
import os
import select
import struct
import sys
import termios
import time
from types import TracebackType
from typing import Any, Self

from hardware.errors import PinEntryFault

IFLAG, OFLAG, CFLAG, LFLAG, ISPEED, OSPEED, CONTROL = range(7)
"""Places in what `termios.tcgetattr` returns."""
USUAL_SIZE = (80, 24)
"""Of a serial terminal, whose line does not tell."""
BEGIN = b"\x1b%G\x1b[0m\x1b[2J\x1b[3J\x1b[H\x1b[?25l\x1b>"
"""UTF-8, no attributes, an empty screen without scrollback, no cursor, digits on the number block: console_codes(4)."""
END = b"\x1b[0m\x1b[2J\x1b[3J\x1b[H\x1b[?25h"
STUCK_S = 3.0
"""How long the line may take no bytes: a screen at 9600 baud takes less than two seconds."""
BELL_PAUSE_S = 0.2
KDGKBLED, KDSKBLED, NUM_LOCK = 0x4B64, 0x4B65, 0x02


class HungUp(PinEntryFault):
    """The terminal is unplugged, hung up, or takes nothing more."""


class Tty:
    """Keys from descriptor 0, the screen on descriptor 1; use as a context manager. Raises `HungUp`."""

    def __init__(self, keys: int = 0, screen: int = 1) -> None:
        self.keys = keys
        self._screen = screen
        self._modes: list[Any] = []
        self._blocks = True

    def __enter__(self) -> Self:
        self._modes = termios.tcgetattr(self.keys)
        self._blocks = os.get_blocking(self._screen)
        termios.tcsetattr(self.keys, termios.TCSAFLUSH, _raw(self._modes))
        # A line that stands still (flow control, a pulled plug) must not hold the program up.
        os.set_blocking(self._screen, False)
        _light_num_lock(self.keys)
        self.write(BEGIN)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.write(END)
            os.set_blocking(self._screen, self._blocks)
            termios.tcsetattr(self.keys, termios.TCSAFLUSH, self._modes)
        except (HungUp, OSError, termios.error):
            note("the terminal is gone; there is no mode left to restore")

    def write(self, data: bytes) -> None:
        """Write it all."""
        left = memoryview(data)
        end = time.monotonic() + STUCK_S
        while left:
            try:
                left = left[os.write(self._screen, left) :]
            except BlockingIOError:
                self._wait_until_writable(end)
            except OSError as error:
                raise HungUp(os.strerror(error.errno or 0)) from None

    def bell(self, times: int) -> None:
        """Ring so many times, one after the other."""
        for ring in range(times):
            if ring:
                time.sleep(BELL_PAUSE_S)
            self.write(b"\a")

    def forget_keys(self) -> None:
        """Throw away what was typed and not read."""
        try:
            termios.tcflush(self.keys, termios.TCIFLUSH)
        except termios.error as error:
            raise HungUp(str(error.args[-1])) from None

    def size(self) -> tuple[int, int]:
        """Columns and rows, asked anew: the terminal's own word, whatever the environment says."""
        try:
            rows, columns, _, _ = struct.unpack("HHHH", fcntl.ioctl(self._screen, termios.TIOCGWINSZ, b"\0" * 8))
        except OSError as error:
            raise HungUp(os.strerror(error.errno or 0)) from None
        return (columns, rows) if columns and rows else USUAL_SIZE

    def _wait_until_writable(self, end: float) -> None:
        poll = select.poll()
        poll.register(self._screen, select.POLLOUT)
        if not poll.poll(max(0.0, end - time.monotonic()) * 1000):
            termios.tcflush(self._screen, termios.TCOFLUSH)
            raise HungUp("the terminal takes nothing more")


def note(text: str) -> None:
    """A line for the log of the service; never onto the citizen's screen."""
    if not os.isatty(2):
        print(text, file=sys.stderr, flush=True)


def _raw(modes: list[Any]) -> list[Any]:
    """No echo, no signals, byte by byte; no XOFF either, or Ctrl-S would stop the screen for good."""
    modes = list(modes)
    modes[IFLAG] &= ~(termios.ICRNL | termios.INLCR | termios.IGNCR | termios.ISTRIP | termios.BRKINT | termios.INPCK)
    modes[IFLAG] &= ~(termios.IXON | termios.IXOFF)
    modes[OFLAG] &= ~termios.OPOST
    modes[LFLAG] &= ~(termios.ECHO | termios.ECHONL | termios.ICANON | termios.ISIG | termios.IEXTEN)
    modes[CONTROL] = list(modes[CONTROL])
    modes[CONTROL][termios.VMIN], modes[CONTROL][termios.VTIME] = 1, 0
    return modes


def _light_num_lock(keys: int) -> None:
    """On a Linux console without num-lock the number block would send arrows; other terminals have no such thing."""
    state = bytearray(1)
    try:
        fcntl.ioctl(keys, KDGKBLED, state)
        fcntl.ioctl(keys, KDSKBLED, state[0] | NUM_LOCK)
    except OSError:
        return
