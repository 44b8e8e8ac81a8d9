"""The program on the citizen's terminal: waits for the device host, asks what it asks, and hands one PIN over.

It holds a PIN for as long as the citizen types it. What is said comes from outside, in one language or several.
"""

from __future__ import annotations

import signal
import socket
import time
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import NoReturn

from hardware.citizen_entry import CitizenEntry
from hardware.citizen_keys import CitizenKeys
from hardware.citizen_phrases import ACCEPTED_RINGS, REFUSED_RINGS, Phrase, Words
from hardware.citizen_receiver import Receiver
from hardware.citizen_screen import Painter, Shown
from hardware.citizen_socket import connect, is_readable
from hardware.citizen_tty import HungUp, Tty, note
from hardware.citizen_views import checking, ended, out_of_service, resting
from hardware.citizen_wire import DIALECT, Ask, Kind, Plain, Said, Show, frame, read
from hardware.errors import PinEntryCancelled, PinEntryFault, PinError
from hardware.hardening import harden
from hardware.interface import PinState
from hardware.pin_keys import Wake

RETRY_S = 0.5
"""How often the device host is looked for."""
BUSY_S = 3.0
"""How long to keep away from a host that has another terminal."""
TICK_S = 1.0
SHOWN_S = 30.0
"""How long the outcome of an entry stays on the screen, when nothing follows."""
ENDING = (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)

Choice = tuple[Words, ...]


def run(path: Path, choices: Sequence[Choice]) -> NoReturn:
    """Serve on this terminal until SIGTERM or SIGHUP. `choices` are what the language key goes round.

    Raises `HungUp` when the terminal goes, and `PinEntryFault` when descriptor 0 or 1 is none.
    """
    harden()
    for number in ENDING:
        signal.signal(number, _end)
    with Tty() as tty:
        try:
            CitizenProgram(tty, path, choices).run()
        finally:
            for number in ENDING:
                # The terminal is given back in one piece; who is in a hurry has SIGKILL.
                signal.signal(number, signal.SIG_IGN)


def _end(number: int, where: FrameType | None) -> NoReturn:
    raise SystemExit(0)


class CitizenProgram:
    """The terminal between entries: connects, rests, says how it went."""

    def __init__(self, tty: Tty, path: Path, choices: Sequence[Choice]) -> None:
        self._tty = tty
        self._path = path
        self._choices = list(choices)
        self._painter = Painter(tty)
        self._blocks: list[Shown] = []
        self._stays_until = 0.0
        self._noted = ""
        self._never = Wake()

    def run(self) -> NoReturn:
        """Connect, and connect again."""
        while True:
            try:
                with connect(self._path) as host:
                    pause = self._serve(host)
            except HungUp:
                raise
            except (OSError, PinEntryFault) as fault:
                self._note(str(fault))
                self._out_of_service(Phrase.ASK_CLERK, RETRY_S)
            else:
                self._out_of_service(Phrase.ANOTHER_SCREEN if pause == BUSY_S else Phrase.ASK_CLERK, pause)

    # --- with a host --------------------------------------------------------------------------------------------------

    def _serve(self, host: socket.socket) -> float:
        """Until the host closes; how long to wait then. Raises `OSError`, `PinEntryFault` for an odd frame."""
        host.sendmsg([frame(Plain(kind=Kind.HELLO, entry=DIALECT))])
        receiver = Receiver(host)
        while True:
            self._rest(host)
            if not is_readable(host):
                self._tick()
                continue
            if not receiver.receive():
                return RETRY_S
            said = read(receiver.frame)
            if said == Plain(kind=Kind.TURNED_AWAY):
                return BUSY_S
            self._heed(host, said)

    def _heed(self, host: socket.socket, said: Said) -> None:
        match said:
            case Plain(kind=Kind.WELCOME):
                self._note("in service")
                self._show(resting())
            case Ask():
                self._enter(host, said)
            case Show(outcome=outcome):
                self._say(outcome)
            case Plain(kind=Kind.CANCEL):
                self._say(PinEntryCancelled())
            case _:
                self._note("the device host said what only a terminal says")

    def _enter(self, host: socket.socket, ask: Ask) -> None:
        entry = CitizenEntry(self._tty, host, ask, lambda blocks: self._show(blocks), self._next_language)
        if entry.run():
            self._show(checking())

    def _say(self, outcome: PinState | PinError) -> None:
        self._show(ended(outcome), SHOWN_S)
        if outcome is PinState.ACCEPTED:
            self._tty.bell(ACCEPTED_RINGS)
        elif isinstance(outcome, PinError) and not isinstance(outcome, PinEntryCancelled):
            self._tty.bell(REFUSED_RINGS)

    def _rest(self, host: socket.socket) -> None:
        """Until the host says something, or a tick has passed; keys are read and dropped, one by one."""
        keys = self._keys(host.fileno())
        try:
            keys.next(TICK_S)
        except PinEntryCancelled:
            return
        finally:
            keys.wipe()

    def _tick(self) -> None:
        if self._stays_until and time.monotonic() > self._stays_until:
            self._show(resting())
        else:
            self._paint()

    # --- without a host -----------------------------------------------------------------------------------------------

    def _out_of_service(self, reason: Phrase, seconds: float) -> None:
        self._show(out_of_service(reason))
        keys = self._keys(self._never.fd)
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            keys.next(left)
            keys.wipe()

    # --- the screen ---------------------------------------------------------------------------------------------------

    def _keys(self, wake: int) -> CitizenKeys:
        return CitizenKeys(self._tty.keys, wake, on_key=lambda: None, on_language=self._next_language)

    def _next_language(self) -> None:
        self._choices.append(self._choices.pop(0))
        self._paint()

    def _show(self, blocks: list[Shown], seconds: float = 0.0) -> None:
        self._blocks = blocks
        self._stays_until = time.monotonic() + seconds if seconds else 0.0
        self._paint()

    def _paint(self) -> None:
        self._painter.paint(self._blocks, self._choices[0])

    def _note(self, text: str) -> None:
        """Each thing once, not twice a second."""
        if text != self._noted:
            self._noted = text
            note(f"citizen's terminal: {text}")
