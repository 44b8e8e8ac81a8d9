"""The PIN of an authority's token, typed by its custodian at the terminal: any characters, no echo, never a `str`."""

from __future__ import annotations

import os
import select
import termios
import tty
from collections.abc import Iterator
from contextlib import contextmanager

from hardware.errors import PinEntryCancelled, PinEntryFault
from hardware.pin import CAPACITY, Pin

ENTER = frozenset(b"\r\n")
CLEAR = frozenset(b"\x7f\x08\x15")
CANCEL = frozenset(b"\x03\x04\x1b")
LFLAG = 3


def ask_token_pin(fd: int, gone: int, prompt: str) -> Pin:
    """Read characters from `fd` until Enter, or the end of a file; Backspace clears all, Esc and Ctrl-C cancel.

    A terminal is shown `prompt` and echoes nothing. The caller owns the `Pin`. Raises `PinEntryCancelled`, also when
    the peer at `gone` leaves meanwhile, and `PinEntryFault`.
    """
    pin = Pin()
    try:
        with _silent(fd, prompt):
            while _take(_next(fd, gone), pin):
                pass
    except BaseException:
        pin.clear()
        raise
    return pin


def _next(fd: int, gone: int) -> bytes:
    """One byte; empty at the end of a file."""
    waiting = select.poll()
    waiting.register(fd, select.POLLIN)
    waiting.register(gone, select.POLLIN)
    ready = {descriptor for descriptor, _ in waiting.poll()}
    if gone in ready:
        raise PinEntryCancelled
    try:
        return os.read(fd, 1)
    except OSError as error:
        raise PinEntryFault(f"the PIN cannot be read: {error.strerror}") from None


def _take(typed: bytes, pin: Pin) -> bool:
    """Whether the entry goes on."""
    key = typed[0] if typed else None
    if key is None or key in ENTER:
        if not len(pin):
            raise PinEntryCancelled
        return False
    if key in CANCEL:
        raise PinEntryCancelled
    if key in CLEAR:
        pin.clear()
    elif len(pin) == CAPACITY:
        # Cut off silently, it would be presented, be wrong, and cost a try.
        raise PinEntryFault(f"a PIN of more than {CAPACITY} characters")
    else:
        pin.append(key)
    return True


@contextmanager
def _silent(fd: int, prompt: str) -> Iterator[None]:
    """On a terminal: the prompt, then no echo and no signals; what was typed before or after is thrown away."""
    if not os.isatty(fd):
        yield
        return
    before = termios.tcgetattr(fd)
    tty.setcbreak(fd, termios.TCSAFLUSH)
    modes = termios.tcgetattr(fd)
    modes[LFLAG] &= ~termios.ISIG
    termios.tcsetattr(fd, termios.TCSAFLUSH, modes)
    os.write(fd, prompt.encode())
    try:
        yield
    finally:
        termios.tcsetattr(fd, termios.TCSAFLUSH, before)
        os.write(fd, b"\n")
