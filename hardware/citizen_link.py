"""The host's end of the line to the citizen's terminal: one thread that listens, lets one terminal in, and hears it."""

from __future__ import annotations

import select
import socket
import sys
import threading
import time
from pathlib import Path

from hardware.citizen_asked import Asked, event_of
from hardware.citizen_faults import CitizenTerminalFault
from hardware.citizen_receiver import Receiver, wipe
from hardware.citizen_socket import Listener, is_ours, user_of
from hardware.citizen_wire import DIALECT, Ask, Kind, Plain, Said, Show, frame, kind_of
from hardware.errors import PinEntryCancelled, PinEntryFault, PinError
from hardware.interface import PinState
from hardware.pin_keys import Wake

LOOK_EVERY_S = 0.5
HELLO_S = 2.0
"""How long somebody who was let in may take to say who they are."""
TURN_AWAY_S = 0.2


class Terminal:
    """A program that was let in."""

    def __init__(self, peer: socket.socket) -> None:
        self.peer = peer
        self.receiver = Receiver(peer)
        self.is_greeted = False
        self.since = time.monotonic()

    def say(self, said: Said) -> None:
        """Send one frame. Raises `OSError`."""
        self.peer.sendmsg([frame(said)])


class CitizenLink:
    """Listens on `path` and keeps at most one terminal; all methods may be called from any thread."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.RLock()
        self._listener: Listener | None = None
        self._fault: PinEntryFault | None = None
        self._terminal: Terminal | None = None
        self._entry: Asked | None = None
        self._given_up = 0
        """The number of the last entry that the host itself ended: an answer to it may still be on its way."""
        self._wake = Wake()
        self._is_closed = False
        self._noted = ""
        self._listen()
        self._thread = threading.Thread(target=self._run, name="citizen's terminal", daemon=True)
        self._thread.start()

    # --- what the entry does ------------------------------------------------------------------------------------------

    def begin(self, ask: Ask) -> Asked:
        """Ask the terminal now, or as soon as there is one."""
        entry = Asked(ask)
        with self._lock:
            self._entry = entry
            self._ask()
        return entry

    def end(self, entry: Asked) -> None:
        """Forget an entry, however it ended; the terminal is told if it did not end it itself."""
        with self._lock:
            if self._entry is entry:
                self._give_up()
            entry.clear()

    def cancel(self) -> None:
        """End the entry under way with `PinEntryCancelled`; nothing happens when there is none."""
        with self._lock:
            if self._entry is not None:
                self._entry.put(PinEntryCancelled())
                self._give_up()

    def show(self, outcome: PinState | PinError) -> None:
        """Tell the citizen how it went, if the terminal is there."""
        with self._lock:
            self._say(Show(outcome=outcome))

    def absence(self) -> PinEntryFault:
        """Why no terminal is there."""
        with self._lock:
            return self._fault or CitizenTerminalFault.NOT_CONNECTED.error()

    def drop(self, reason: CitizenTerminalFault) -> None:
        """Let go of the terminal; an entry under way ends with that reason."""
        with self._lock:
            if self._terminal is not None:
                self._terminal.peer.close()
                self._terminal = None
                self._note(f"dropped: {reason.value}")
            if self._entry is not None and self._entry.is_asked:
                self._entry.put(reason.error())
                self._entry = None
        self._wake.set()

    def close(self) -> None:
        """End the entry under way, and stop listening."""
        self.cancel()
        self._is_closed = True
        self._wake.set()
        self._thread.join()
        with self._lock:
            for held in self._held():
                held.close()
            self._terminal = self._listener = None

    def _held(self) -> list[socket.socket | Listener]:
        peers = [self._terminal.peer] if self._terminal is not None else []
        return [*peers, *([self._listener] if self._listener is not None else [])]

    def _ask(self) -> None:
        entry = self._entry
        if entry is not None and not entry.is_asked and self._terminal is not None and self._terminal.is_greeted:
            entry.is_asked = True
            self._say(entry.ask)

    def _give_up(self) -> None:
        if self._entry is not None:
            entry, self._entry = self._entry, None
            self._given_up = entry.ask.entry
            if entry.is_asked:
                self._say(Plain(kind=Kind.CANCEL, entry=entry.ask.entry))

    def _say(self, said: Said) -> None:
        if self._terminal is None or not self._terminal.is_greeted:
            return
        try:
            self._terminal.say(said)
        except TimeoutError:
            self.drop(CitizenTerminalFault.SILENT)
        except OSError:
            self.drop(CitizenTerminalFault.GONE)

    # --- the thread ---------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        while not self._is_closed:
            ready = self._wait()
            with self._lock:
                self._wake.clear()
                self._listen()
                self._knock(ready)
                self._hear(ready)

    def _wait(self) -> set[int]:
        poll = select.poll()
        with self._lock:
            descriptors = [self._wake.fd, *(one.fileno() for one in self._held())]
        for descriptor in descriptors:
            poll.register(descriptor, select.POLLIN)
        return {descriptor for descriptor, _ in poll.poll(LOOK_EVERY_S * 1000)}

    def _listen(self) -> None:
        if self._listener is not None:
            return
        try:
            self._listener, self._fault = Listener(self._path), None
        except PinEntryFault as fault:
            if self._fault is None:
                self._note(str(fault))
            self._fault = fault  # the next entry says it

    def _knock(self, ready: set[int]) -> None:
        if self._listener is None or self._listener.fileno() not in ready:
            return
        try:
            peer = self._listener.accept()
        except OSError as error:
            self._note(str(error.strerror))
            return
        self._let_in(peer)

    def _let_in(self, peer: socket.socket) -> None:
        if not is_ours(peer):
            self._note(f"user {user_of(peer)} was refused")
            peer.close()
        elif self._terminal is not None:
            self._note("a second one was refused")
            with peer:
                _turn_away(peer)
        else:
            self._terminal = Terminal(peer)

    def _hear(self, ready: set[int]) -> None:
        terminal = self._terminal
        if terminal is None:
            return
        if terminal.peer.fileno() in ready:
            self._take_frame(terminal)
        elif not terminal.is_greeted and time.monotonic() > terminal.since + HELLO_S:
            self.drop(CitizenTerminalFault.SILENT)

    def _take_frame(self, terminal: Terminal) -> None:
        try:
            if not terminal.receiver.receive():
                self.drop(CitizenTerminalFault.GONE)
            elif terminal.is_greeted:
                self._take(terminal.receiver.frame)
            else:
                self._greet(terminal)
        except PinEntryFault as fault:
            self.drop(CitizenTerminalFault(str(fault)))
        except OSError:
            self.drop(CitizenTerminalFault.GONE)
        finally:
            wipe(terminal.receiver.frame)

    def _greet(self, terminal: Terminal) -> None:
        if kind_of(terminal.receiver.frame) != (Kind.HELLO, DIALECT):
            raise CitizenTerminalFault.OTHER_VERSION.error()
        terminal.say(Plain(kind=Kind.WELCOME, entry=DIALECT))
        terminal.is_greeted = True
        self._note("connected")
        self._ask()

    def _take(self, received: bytearray) -> None:
        kind, number = kind_of(received)
        entry = self._entry
        if entry is None or not entry.is_asked or entry.ask.entry != number:
            if number == 0 or number != self._given_up:
                raise CitizenTerminalFault.OUT_OF_ORDER.error()
            return  # it crossed our cancel on the way; the digits of such a frame are overwritten unread
        event = event_of(kind, received, entry.ask)
        if not isinstance(event, PinState):
            self._entry = None
        entry.put(event)

    def _note(self, text: str) -> None:
        """A line for the log; once, however often somebody tries."""
        if text != self._noted:
            self._noted = text
            print(f"citizen's terminal: {text}", file=sys.stderr)


def _turn_away(peer: socket.socket) -> None:
    """Hear the greeting out first: closed over an unread one, the socket would lose our answer."""
    peer.settimeout(TURN_AWAY_S)
    try:
        peer.sendmsg([frame(Plain(kind=Kind.TURNED_AWAY))])
        Receiver(peer).receive()
    except (OSError, PinEntryFault) as error:
        print(f"citizen's terminal: a second one left: {error}", file=sys.stderr)
