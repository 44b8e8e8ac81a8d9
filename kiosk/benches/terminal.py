"""A full-screen program on a pseudo terminal of 80x25, timed from fork to frame and from key to repaint."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

START_LIMIT_S = 20.0


class NoFrame(Exception):
    """The program ended, or never showed what was waited for."""


class Terminal:
    """One run of a program; times are in milliseconds."""

    def __init__(self, command: Sequence[str]) -> None:
        self._seen = b""
        self._has_ended = False
        self._begun = time.perf_counter()
        self.pid, self._fd = pty.fork()
        if self.pid == 0:
            os.environ.update(TERM="linux", LANG="C.UTF-8")
            os.environ.pop("COLORTERM", None)
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 25, 80, 0, 0))
            os.execvp(command[0], list(command))  # noqa: S606  # the very program to be measured, no shell
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", 25, 80, 0, 0))

    def until(self, *marks: str) -> float:
        """Milliseconds from the fork until every mark was on the terminal. Raises `NoFrame`."""
        wanted = [mark.encode() for mark in marks]
        while not all(mark in self._seen for mark in wanted):
            if time.perf_counter() - self._begun > START_LIMIT_S or self._has_ended:
                raise NoFrame(", ".join(marks))
            self._read(1.0)
        return (time.perf_counter() - self._begun) * 1000

    def press(self, keys: bytes) -> float:
        """Milliseconds from the key to the first byte of the repaint it causes. Raises `NoFrame`."""
        while self._read(0.15):
            pass
        begun = time.perf_counter()
        os.write(self._fd, keys)
        if not self._read(1.0):
            raise NoFrame("repaint")
        return (time.perf_counter() - begun) * 1000

    def memory_mib(self) -> float:
        """Resident memory of the program and its children, in MiB."""
        return sum(_rss_kib(pid) for pid in (self.pid, *_children(self.pid))) / 1024

    def _read(self, seconds: float) -> bool:
        ready, _, _ = select.select([self._fd], [], [], seconds)
        if not ready:
            return False
        try:
            chunk = os.read(self._fd, 65536)
        except OSError:
            # Linux answers EIO on the master when the program has closed its end.
            chunk = b""
        self._seen += chunk
        self._has_ended = not chunk
        return bool(chunk)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.kill(self.pid, signal.SIGKILL)
        os.close(self._fd)
        os.waitpid(self.pid, 0)


def _rss_kib(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return next((int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:")), 0)


def _children(pid: int) -> list[int]:
    return [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8").split()]
