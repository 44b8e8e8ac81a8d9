"""The ways a PIN may be entered, each with the citizen's fingers at it."""

from __future__ import annotations

import os
import pty
import socket
import threading
import tty
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.console.emulated_terminal import EmulatedTerminal
from tests.hardware.keypad_rig import keys

Type = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingers:
    """The citizen at a device that `settings` tell the kiosk of (lines of its table `devices`)."""

    settings: str
    digits: Type
    enter: Callable[[], None]
    cancel: Callable[[], None]
    processes: tuple[int, ...] = ()
    """Of our own programs beside the station, which hold a PIN in passing."""
    terminals: tuple[EmulatedTerminal, ...] = ()
    """What else the citizen looks at."""


@dataclass(slots=True)
class Clerks:
    """The clerk's terminal, which is there only after the settings were written."""

    terminal: EmulatedTerminal | None = None
    folder: Path = field(default_factory=Path)

    def press(self, *named: str) -> None:
        assert self.terminal is not None
        self.terminal.press(*named)


Method = Callable[[Clerks], AbstractContextManager[Fingers]]


@contextmanager
def training(clerk: Clerks) -> Iterator[Fingers]:
    """The clerk's own keyboard, lent to the citizen."""
    yield Fingers(
        settings='pin_method = "training"',
        digits=lambda digits: clerk.press(*digits),
        enter=lambda: clerk.press("enter"),
        cancel=lambda: clerk.press("escape"),
    )


@contextmanager
def keypad(clerk: Clerks) -> Iterator[Fingers]:
    """A keypad whose events come over a socket: everything but the kernel's part."""
    path = clerk.folder / "keypad"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen()
        node = _Accepted(listening)
        yield Fingers(
            settings=f'pin_method = "keypad"\nkeypad = "{path}"',
            digits=lambda digits: node.send(keys(digits)),
            enter=lambda: node.send(keys("kp_enter")),
            cancel=lambda: node.send(keys("esc")),
        )
        node.close()


class _Accepted:
    """The newest connection to a listening socket: a host that is started again connects again."""

    def __init__(self, listening: socket.socket) -> None:
        self._listening = listening
        self._peers: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def send(self, data: bytes) -> None:
        self._peers[-1].sendall(data)

    def close(self) -> None:
        for peer in self._peers:
            peer.close()

    def _accept(self) -> None:
        while True:
            try:
                self._peers.append(self._listening.accept()[0])
            except OSError:  # closed: the proof is over
                return


@contextmanager
def serial(clerk: Clerks) -> Iterator[Fingers]:
    """A serial PIN pad at the other end of a pseudo-terminal."""
    del clerk
    pad, line = pty.openpty()
    tty.setraw(line)
    try:
        yield Fingers(
            settings=f'pin_method = "keypad"\nserial_pinpad = "{os.ttyname(line)}"',
            digits=lambda digits: _write(pad, digits.encode()),
            enter=lambda: _write(pad, b"\r"),
            cancel=lambda: _write(pad, b"\x1b"),
        )
    finally:
        os.close(pad)
        os.close(line)


def _write(fd: int, data: bytes) -> None:
    os.write(fd, data)


METHODS: dict[str, Method] = {"training": training, "keypad": keypad, "serial": serial}
