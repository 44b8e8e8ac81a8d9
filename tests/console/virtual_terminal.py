"""A real Linux console, driven by key codes and read back cell by cell; see console_codes(4) and vcs(4)."""

from __future__ import annotations

import fcntl
import os
import signal
import stat
import struct
import subprocess
import termios
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

NUMBER = 7
VCS_MAJOR = 7
UNICODE_MINOR, ATTRIBUTE_MINOR = 64, 128
COLUMNS, ROWS = 80, 25

KEYS = {
    "enter": "\r",
    "escape": "\x1b",
    "tab": "\t",
    "space": " ",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "f1": "\x1b[[A",
    "f2": "\x1b[[B",
    "f3": "\x1b[[C",
    "f4": "\x1b[[D",
    "f5": "\x1b[[E",
    "f6": "\x1b[17~",
    "f7": "\x1b[18~",
    "f8": "\x1b[19~",
    "f9": "\x1b[20~",
    "f10": "\x1b[21~",
    "f11": "\x1b[23~",
    "f12": "\x1b[24~",
}
"""What the Linux console sends for a key."""


def console_is_here() -> bool:
    """True where a real console can be driven: a virtual terminal, root, and keys that may be pushed into it."""
    if os.geteuid() != 0 or not Path(f"/dev/tty{NUMBER}").exists():
        return False
    try:
        fd = os.open(f"/dev/tty{NUMBER}", os.O_RDWR | os.O_NOCTTY)
    except OSError:
        return False
    try:
        fcntl.ioctl(fd, termios.TIOCSTI, b"\n")
        termios.tcflush(fd, termios.TCIFLUSH)
    except OSError:
        return False
    finally:
        os.close(fd)
    return True


class VirtualTerminal:
    """One program on the console; the nodes that read the screen back are made in `folder`."""

    def __init__(self, command: Sequence[str], folder: Path, environment: dict[str, str]) -> None:
        self._unicode = _node(folder / "vcsu", UNICODE_MINOR + NUMBER)
        self._attributes = _node(folder / "vcsa", ATTRIBUTE_MINOR + NUMBER)
        self._tty = os.open(f"/dev/tty{NUMBER}", os.O_RDWR | os.O_NOCTTY)
        os.write(self._tty, b"\033c")
        self.process = subprocess.Popen(
            command,
            stdin=self._tty,
            stdout=self._tty,
            stderr=self._tty,
            start_new_session=True,
            preexec_fn=_take_terminal,
            env={**os.environ, "TERM": "linux", "LANG": "C.UTF-8", **environment},
        )

    def press(self, *keys: str) -> None:
        """Push keys by name, or text as it is."""
        for key in keys:
            self.push(KEYS.get(key, key).encode())

    def push(self, data: bytes) -> None:
        """Push raw bytes, as a keyboard would."""
        for byte in data:
            fcntl.ioctl(self._tty, termios.TIOCSTI, bytes((byte,)))

    def screen(self) -> list[str]:
        """The characters on the screen, row by row."""
        cells = self._unicode.read_bytes()
        text = [chr(value) for (value,) in struct.iter_unpack("=I", cells[: COLUMNS * ROWS * 4])]
        return ["".join(text[row * COLUMNS : (row + 1) * COLUMNS]).rstrip() for row in range(ROWS)]

    def cells(self) -> bytes:
        """Glyph and attribute of every cell, for a photograph."""
        return self._attributes.read_bytes()

    def wait_for(self, text: str, seconds: float = 30.0) -> list[str]:
        """The screen as soon as it shows `text`. Raises `TimeoutError` with the screen as it was."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            screen = self.screen()
            if any(text in line for line in screen):
                return screen
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise TimeoutError(f"no «{text}» on the console:\n" + "\n".join(self.screen()))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            os.kill(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        os.close(self._tty)
        # The program was the session's leader: its end hung the terminal up, so it is opened anew to be wiped.
        tty = os.open(f"/dev/tty{NUMBER}", os.O_RDWR | os.O_NOCTTY)
        os.write(tty, b"\033c\033[2J\033[3J")
        os.close(tty)


def _take_terminal() -> None:
    fcntl.ioctl(0, termios.TIOCSCTTY, 1)


def _node(path: Path, minor: int) -> Path:
    os.mknod(path, 0o600 | stat.S_IFCHR, os.makedev(VCS_MAJOR, minor))
    return path
