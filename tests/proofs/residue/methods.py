"""The ways a PIN may be entered, each with the citizen's fingers at it."""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tests.console.emulated_terminal import EmulatedTerminal
from tests.hardware.citizen_rig import CitizensTty
from tests.hardware.keypad_rig import keys
from tests.screens.serial_pad import CANCEL, ENTER, serial_pad
from tests.services.card_process import card_in_reader
from tests.services.pcscd import PrivatePcscd
from tests.services.pinpad.reader import DIRECT, STEPWISE, pin_pad

MARKED_CARD = """
import sys
from dataclasses import replace
from hardware.training.card import TrainingCard
from hardware.training.citizens import CITIZENS
from hardware.training.server import serve
serve(TrainingCard(replace(CITIZENS["jovana"], pin=sys.argv[2].encode()), None), "127.0.0.1", int(sys.argv[1]))
"""


class Written(Protocol):
    """A terminal that remembers what it was sent."""

    written: bytearray


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingers:
    """The citizen at a device that `settings` tell the kiosk of (lines of its table `devices`)."""

    settings: str
    digits: Callable[[str], None]
    enter: Callable[[], None]
    cancel: Callable[[], None]
    processes: tuple[int, ...] = ()
    """Of our own programs beside the station, which hold a PIN in passing."""
    terminals: tuple[Written, ...] = ()
    """What else the citizen looks at."""


@dataclass(slots=True, kw_only=True)
class Bench:
    """What a method stands on; the clerk's terminal is there only after the settings were written."""

    folder: Path
    service: PrivatePcscd
    reader: str
    pin: str
    """Of the card in the reader."""
    terminal: EmulatedTerminal | None = None

    def press(self, *named: str) -> None:
        """The clerk's keys."""
        assert self.terminal is not None
        self.terminal.press(*named)

    @contextmanager
    def card(self) -> Iterator[None]:
        """A card with that PIN in the reader, as a process of its own: it holds the PIN for good."""
        with card_in_reader([sys.executable, "-c", MARKED_CARD, str(self.service.ports[self.reader]), self.pin]):
            yield


Method = Callable[[Bench], AbstractContextManager[Fingers]]


@contextmanager
def training(bench: Bench) -> Iterator[Fingers]:
    """The clerk's own keyboard, lent to the citizen."""
    with bench.card():
        yield Fingers(
            settings='pin_method = "training"',
            digits=lambda digits: bench.press(*digits),
            enter=lambda: bench.press("enter"),
            cancel=lambda: bench.press("escape"),
        )


@contextmanager
def keypad(bench: Bench) -> Iterator[Fingers]:
    """A keypad whose events come over a socket: everything but the kernel's part."""
    path = bench.folder / "keypad"
    with socket.socket(socket.AF_UNIX) as listening, bench.card():
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
def serial(bench: Bench) -> Iterator[Fingers]:
    """A serial PIN pad at the other end of a pseudo-terminal."""
    with serial_pad() as pad, bench.card():
        yield Fingers(
            settings=f'pin_method = "keypad"\nserial_pinpad = "{pad.path}"',
            digits=lambda digits: pad.type(digits.encode()),
            enter=lambda: pad.type(ENTER),
            cancel=lambda: pad.type(CANCEL),
        )


@contextmanager
def terminal(bench: Bench) -> Iterator[Fingers]:
    """The citizen's own terminal, with the program that runs on it."""
    path = bench.folder / "citizen"
    with CitizensTty(path) as tty, bench.card():
        yield Fingers(
            settings=f'pin_method = "terminal"\ncitizen_socket = "{path}"',
            digits=tty.press,
            enter=lambda: tty.press("enter"),
            cancel=lambda: tty.press("escape"),
            processes=(tty.process.pid,),
            terminals=(tty,),
        )


def pinpad(features: bytes) -> Method:
    """A reader with keys of its own; what passes between it and the computer is kept in the folder that is searched."""

    @contextmanager
    def method(bench: Bench) -> Iterator[Fingers]:
        with pin_pad(bench.service, bench.reader, features, "training", "jovana", "", bench.pin) as pad:
            yield Fingers(
                settings='pin_method = "pinpad"',
                digits=pad.press,
                enter=lambda: pad.press("E"),
                cancel=lambda: pad.press("C"),
            )

    return method


METHODS: dict[str, Method] = {
    "training": training,
    "keypad": keypad,
    "serial": serial,
    "terminal": terminal,
    "pinpad": pinpad(DIRECT),
    "pinpad-stepwise": pinpad(STEPWISE),
}
