"""One life of the device host, seen from the screen process: start, call, and learn of its end."""

from __future__ import annotations

import itertools
import os
import queue
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from hardware.errors import CardHangs, HostLost, HsmHangs
from hardware.interface import PinObserver, SlotObserver
from hardware.lane import Lane
from hardware.messages import BadMessage, Call, Failure, Message, Note, Result, raised, receive, send
from hardware.settings import DeviceSettings

T = TypeVar("T")
PROGRAM = "hardware.host"
END_S = 2.0
"""How long the host may take to end after its socket was closed."""
Answers = queue.SimpleQueue[Result | Failure | Note | None]


class HostProcess:
    """A running device host. When it ends, every waiting call raises `HostLost`, and so does every later one."""

    def __init__(self, settings: DeviceSettings, log: Path | None, on_loss: Callable[[HostProcess], None]) -> None:
        """Start it and wait until its devices are set up. Raises what setting them up raised.

        `on_loss` is called from a thread of ours when it ends without being asked to.
        """
        self._on_loss = on_loss
        self._began = time.monotonic()
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._pending: dict[int, Answers] = {}
        self._watchers: dict[int, SlotObserver] = {}
        self._notes = Lane("slot notes")
        self._lost = threading.Event()
        self._peer, theirs = socket.socketpair()
        with theirs:
            self._process = _start(settings, theirs, log)
        try:
            self._greet(settings)
        except BaseException:
            self.close()
            raise
        threading.Thread(target=self._listen, name="device host", daemon=True).start()

    @property
    def is_lost(self) -> bool:
        """Whether it has ended, or is being ended."""
        return self._lost.is_set()

    @property
    def age_s(self) -> float:
        """Seconds since its start."""
        return time.monotonic() - self._began

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def call(self, target: int, method: str, *arguments: Any, observer: PinObserver | None = None) -> Any:
        """Make a call and wait for its value; `observer` is told meanwhile, in this thread.

        Raises `HostLost`, and every error of the device layer as the type it had there.
        """
        return self._call(next(self._numbers), target, method, *arguments, observer=observer)

    def watch(self, observer: SlotObserver) -> int:
        """Begin to tell `observer` of changes at the reader, from a thread of its own; the number ends it."""
        number = next(self._numbers)
        self._watchers[number] = observer
        self._call(number, 0, "watch")
        return number

    def unwatch(self, number: int) -> None:
        """Stop telling."""
        self._watchers.pop(number, None)
        self._call(next(self._numbers), 0, "unwatch", number)

    def close(self) -> None:
        """End the process: gently, by closing its socket, then by force."""
        self._lose()
        with suppress(OSError):  # the host may have closed first
            self._peer.shutdown(socket.SHUT_RDWR)
        try:
            self._process.wait(END_S)
        except subprocess.TimeoutExpired:
            self._kill()
        self._notes.close()

    def _greet(self, settings: DeviceSettings) -> None:
        try:
            send(self._peer, settings)
            greeting = receive(self._peer)
        except OSError:
            raise HostLost from None
        if isinstance(greeting, Failure):
            raise raised(greeting)
        if greeting is None:
            raise HostLost

    def _call(self, number: int, target: int, method: str, *arguments: Any, observer: PinObserver | None = None) -> Any:
        answers: Answers = queue.SimpleQueue()
        with self._lock:
            if self.is_lost:
                raise HostLost
            self._pending[number] = answers
        try:
            self._send(Call(number=number, target=target, method=method, arguments=arguments))
            return self._await(answers, observer)
        finally:
            with self._lock:
                self._pending.pop(number, None)

    def _send(self, message: Message) -> None:
        try:
            with self._writing:
                send(self._peer, message)
        except OSError:
            # We may learn it before the thread that listens does; the next use must not get this host again.
            self._lose()
            raise HostLost from None

    def _await(self, answers: Answers, observer: PinObserver | None) -> Any:
        while isinstance(answer := answers.get(), Note):
            if observer is not None:
                pin_event(observer, answer)
        if answer is None:
            raise HostLost
        if isinstance(answer, Result):
            return answer.value
        error = raised(answer)
        if isinstance(error, CardHangs | HsmHangs):
            # A thread of the host is stuck in a driver and may never come back: the next use gets a fresh host.
            self._kill()
        raise error

    def _listen(self) -> None:
        try:
            while (message := receive(self._peer)) is not None:
                self._dispatch(message)
        except BadMessage:
            self._kill()
        finally:
            self._lose()
            self._process.wait()
            self._peer.close()
            self._on_loss(self)

    def _dispatch(self, message: Result | Failure | Note) -> None:
        if isinstance(message, Note) and message.event == "slot_changed":
            if (observer := self._watchers.get(message.number)) is not None:
                told = self._notes.submit(lambda: observer.slot_changed(message.argument))
                told.add_done_callback(lambda done: done.result())
            return
        with self._lock:
            answers = self._pending.get(message.number)
        if answers is not None:
            answers.put(message)

    def _lose(self) -> None:
        with self._lock:
            self._lost.set()
            waiting = tuple(self._pending.values())
        for answers in waiting:
            answers.put(None)

    def _kill(self) -> None:
        self._lost.set()
        self._process.kill()
        self._process.wait()


def pin_event(observer: PinObserver, note: Note) -> None:
    """Tell a `PinObserver` what a note says."""
    tell: dict[str, Callable[[Any], None]] = {
        "pin_requested": observer.pin_requested,
        "pin_state": observer.pin_state,
        "dots": observer.dots,
    }
    tell[note.event](note.argument)


def _start(settings: DeviceSettings, theirs: socket.socket, log: Path | None) -> subprocess.Popen[bytes]:
    """Start the host away from this terminal: in a session of its own, no standard streams, errors to the log."""
    root = Path(__file__).resolve().parent.parent
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    passed = [theirs.fileno()] + ([settings.pin_fd] if settings.pin_fd is not None else [])
    with open(log or os.devnull, "ab") as errors:
        return subprocess.Popen(  # noqa: S603  # our own interpreter and our own module
            [sys.executable, "-P", "-m", PROGRAM, str(theirs.fileno())],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            pass_fds=passed,
            start_new_session=True,
            env={**environment, "PYTHONPATH": str(root)},
        )
