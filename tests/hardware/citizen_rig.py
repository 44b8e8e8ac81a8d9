"""The citizen's own terminal in tests: the real program on a pseudo-terminal, whose bytes `pyte` puts into cells."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import pyte

from hardware.citizen_terminal import CitizenTerminal
from hardware.interface import PinPolicy, PinPrompt, PinRequest, PinState
from hardware.pin import Pin

LIMIT_S = 10.0
DOT = "▄██▄"
READY = "PLEASE WAIT"
POLICY = PinPolicy(timeout_s=30)
CURRENT = PinPrompt(request=PinRequest.CURRENT, tries_left=3)
KEYS = {"enter": b"\r", "escape": b"\x1b", "backspace": b"\x7f", "f1": b"\x1b[[A", "f5": b"\x1b[15~", "up": b"\x1b[A"}


class CitizensTty:
    """A terminal of the citizen's with `kiosk citizen` on it, which it controls as on a desk."""

    def __init__(self, socket: Path, *arguments: str, columns: int = 80, rows: int = 24) -> None:
        self._cells = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._cells)
        self._lock = threading.Lock()
        self.written = bytearray()
        """Every byte the program has sent to its terminal."""
        self.master, self._slave = pty.openpty()
        fcntl.ioctl(self._slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.process = subprocess.Popen(
            [sys.executable, "-m", "kiosk", "citizen", "--socket", str(socket), *arguments],
            stdin=self._slave,
            stdout=self._slave,
            stderr=subprocess.PIPE,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 1),
        )
        threading.Thread(target=self._read, daemon=True).start()

    def press(self, *keys: str) -> None:
        """Press keys by name, or type text as it is."""
        for key in keys:
            os.write(self.master, KEYS.get(key, key.encode()))

    def screen(self) -> list[str]:
        """The characters on the screen, row by row."""
        with self._lock:
            return [line.rstrip() for line in self._cells.display]

    def shows(self, text: str) -> bool:
        """Whether some row has it."""
        return any(text in line for line in self.screen())

    def dots(self) -> int:
        """How many big dots are shown."""
        return max(line.count(DOT) for line in self.screen())

    def forget(self) -> None:
        """Begin anew to count what is written."""
        with self._lock:
            self.written.clear()

    def rings(self) -> int:
        """How often the bell has rung."""
        with self._lock:
            return self.written.count(b"\a")

    def modes(self) -> list[object]:
        """How the terminal is set up."""
        return termios.tcgetattr(self._slave)

    def echoes(self) -> bool:
        """Whether the terminal itself shows what is typed."""
        return bool(termios.tcgetattr(self._slave)[3] & termios.ECHO)

    def wait_for(self, text: str) -> None:
        """Until the screen shows `text`. Raises `TimeoutError` with the screen as it was."""
        self.until(lambda: self.shows(text), f"«{text}»")

    def until(self, holds: Callable[[], bool], what: str) -> None:
        """Until that holds. Raises `TimeoutError` with the screen as it was."""
        deadline = time.monotonic() + LIMIT_S
        while not holds():
            if time.monotonic() > deadline:
                raise TimeoutError(f"no {what} on the terminal:\n" + "\n".join(self.screen()))
            time.sleep(0.01)

    def enter(self, digits: str, asked: str) -> None:
        """Type a PIN when it is asked for, a dot for each digit, and Enter."""
        self.wait_for(asked)
        self.press(digits)
        self.until(lambda: self.dots() == len(digits), f"{len(digits)} dots")
        self.press("enter")

    def hang_up(self) -> None:
        """Pull the plug."""
        os.close(self._slave)
        os.close(self.master)
        self.master = self._slave = -1

    def end(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
        """End the program; its exit code, and what it left in the log."""
        self.process.send_signal(number)
        return self.process.wait(LIMIT_S), self.log()

    def log(self) -> str:
        """What the ended program wrote to standard error."""
        assert self.process.stderr is not None
        return self.process.stderr.read().decode()

    def _read(self) -> None:
        while (master := self.master) >= 0:
            try:
                if not select.select([master], [], [], 0.1)[0]:
                    continue
                data = os.read(master, 65536)
            except (OSError, ValueError):
                return
            with self._lock:
                self.written += data
                self._stream.feed(data)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        assert self.process.stderr is not None
        self.process.stderr.close()
        if self.master >= 0:
            self.hang_up()


@dataclass
class Clerk:
    """What the clerk's screen was told."""

    events: list[object] = field(default_factory=list)

    def pin_requested(self, request: PinRequest) -> None:
        self.events.append(request)

    def pin_state(self, state: PinState) -> None:
        self.events.append(state)

    def dots(self, count: int) -> None:
        self.events.append(count)


class Asking(threading.Thread):
    """An entry under way, beside the test that does what the citizen does."""

    def __init__(self, entry: CitizenTerminal, prompt: PinPrompt = CURRENT, policy: PinPolicy = POLICY) -> None:
        super().__init__(daemon=True)
        self._entry, self._prompt, self._policy = entry, prompt, policy
        self.clerk = Clerk()
        self._ended: Pin | BaseException | None = None
        self.start()

    def run(self) -> None:
        try:
            self._ended = self._entry.collect(self._prompt, self._policy, self.clerk)
        except BaseException as error:
            self._ended = error

    def digits(self) -> bytes:
        """The digits that came. Raises what the entry raised."""
        self.join(LIMIT_S)
        if isinstance(self._ended, BaseException):
            raise self._ended
        assert self._ended is not None, "the entry has not ended"
        with self._ended as pin:
            return bytes(pin.encode())
