"""Stands in for the Linux console where there is none: a pseudo-terminal whose bytes `pyte` puts into cells."""

from __future__ import annotations

import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Sequence
from fcntl import ioctl
from types import TracebackType
from typing import Self

import pyte

from tests.console.virtual_terminal import COLUMNS, KEYS, ROWS

COLOURS = {
    name: number for number, name in enumerate(("black", "blue", "green", "cyan", "red", "magenta", "brown", "white"))
}
"""pyte's names in the order of VGA attributes."""
BRIGHT = 8


class EmulatedTerminal:
    """The same face as `VirtualTerminal`; colours are those of its attributes."""

    def __init__(self, command: Sequence[str], environment: dict[str, str]) -> None:
        self._cells = pyte.Screen(COLUMNS, ROWS)
        self._stream = pyte.ByteStream(self._cells)
        self.written = bytearray()
        """Every byte the program has sent to its terminal."""
        self._master, slave = pty.openpty()
        ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        self.process = subprocess.Popen(
            command,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            env={**os.environ, "TERM": "linux", "LANG": "C.UTF-8", **environment},
        )
        os.close(slave)

    def press(self, *keys: str) -> None:
        """Push keys by name, or text as it is."""
        for key in keys:
            os.write(self._master, KEYS.get(key, key).encode())

    @property
    def echoes(self) -> bool:
        """Whether the terminal itself shows what is typed."""
        return bool(termios.tcgetattr(self._master)[3] & termios.ECHO)

    def screen(self) -> list[str]:
        """The characters on the screen, row by row."""
        self._read()
        return [line.rstrip() for line in self._cells.display]

    def cells(self) -> bytes:
        """Attributes in the layout of vcs(4); characters are left out."""
        self._read()
        attributes = bytearray((ROWS, COLUMNS, 0, 0))
        for row in range(ROWS):
            for column in range(COLUMNS):
                attributes += bytes((0, _attribute(self._cells.buffer[row][column])))
        return bytes(attributes)

    def wait_for(self, text: str, seconds: float = 30.0) -> list[str]:
        """The screen as soon as it shows `text`. Raises `TimeoutError` with the screen as it was."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            screen = self.screen()
            if any(text in line for line in screen):
                return screen
            if self.process.poll() is not None:
                break
            time.sleep(0.02)
        raise TimeoutError(f"no «{text}» on the terminal:\n" + "\n".join(self.screen()))

    def _read(self) -> None:
        while select.select([self._master], [], [], 0)[0]:
            try:
                data = os.read(self._master, 65536)
            except OSError:
                return
            self.written += data
            self._stream.feed(data)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            os.kill(self.process.pid, signal.SIGTERM)
            self.process.wait(5)
        os.close(self._master)


def _attribute(cell: pyte.screens.Char) -> int:
    ink, paper = _colour(cell.fg, COLOURS["white"]), _colour(cell.bg, COLOURS["black"])
    ink |= BRIGHT if cell.bold else 0
    if cell.reverse:
        ink, paper = paper, ink
    return (paper & 7) << 4 | ink


def _colour(name: str, usual: int) -> int:
    if name.startswith("bright"):
        # The terminal calls bright brown yellow.
        plain = name.removeprefix("bright").replace("yellow", "brown")
        return COLOURS.get(plain, usual) | BRIGHT
    return COLOURS.get(name, usual)
