"""A serial PIN pad at the other end of a pseudo-terminal."""

from __future__ import annotations

import os
import pty
import tty
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

ENTER, CANCEL = b"\r", b"\x1b"


@dataclass(frozen=True)
class SerialPad:
    """The pad, with the citizen's fingers on it."""

    path: str
    """What the kiosk opens."""
    _fd: int

    def type(self, keys: bytes) -> None:
        os.write(self._fd, keys)


@contextmanager
def serial_pad() -> Iterator[SerialPad]:
    """Plug one in."""
    pad, line = pty.openpty()
    tty.setraw(line)
    try:
        yield SerialPad(os.ttyname(line), pad)
    finally:
        os.close(pad)
        os.close(line)
