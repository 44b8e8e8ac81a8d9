"""Between the kiosk that may die and the card that must live: one socket, a frame for each command and each answer."""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from enum import Enum
from typing import Any

from hardware.errors import CardRemoved
from hardware.interface import SlotObserver, SlotState
from hardware.training.card import ATR

HEAD = struct.Struct(">cI")


class Frame(Enum):
    """What a frame is."""

    COMMAND = b"C"
    ANSWER = b"A"
    REMOVED = b"X"
    """Instead of an answer: the card has left."""
    STAGE = b"S"
    """A stage of the enrolment is finished."""
    WRONG_PIN = b"W"
    CALLS = b"N"
    """How many calls went to a PKCS#11 module, in decimal."""
    RESULT = b"R"
    """JSON; the last frame of a kiosk that came to its end."""


def send(peer: socket.socket, kind: Frame, content: bytes = b"") -> None:
    """Write one frame."""
    peer.sendall(HEAD.pack(kind.value, len(content)) + content)


def receive(peer: socket.socket) -> tuple[Frame, bytes] | None:
    """Read one frame; `None` when the other side is gone."""
    head = _exactly(peer, HEAD.size)
    if head is None:
        return None
    kind, length = HEAD.unpack(head)
    content = _exactly(peer, length)
    return None if content is None else (Frame(kind), content)


def _exactly(peer: socket.socket, length: int) -> bytes | None:
    content = b""
    while len(content) < length:
        try:
            piece = peer.recv(length - len(content))
        except ConnectionResetError:
            return None
        if not piece:
            return None
        content += piece
    return content


class Line:
    """The kiosk's end."""

    def __init__(self, peer: socket.socket) -> None:
        self._peer = peer

    def exchange(self, command: bytes) -> bytes | None:
        """The card's answer; `None` when it has left."""
        send(self._peer, Frame.COMMAND, command)
        answer = receive(self._peer)
        assert answer is not None, "the card's side never ends first"
        return None if answer[0] is Frame.REMOVED else answer[1]

    def tell(self, kind: Frame, content: bytes = b"") -> None:
        """Let the proof know."""
        send(self._peer, kind, content)

    def finish(self, result: dict[str, Any]) -> None:
        """The kiosk has come to its end."""
        send(self._peer, Frame.RESULT, json.dumps(result).encode())


class LineSlot:
    """A `CardSlot` whose card is at the other end of the line; there is always one."""

    def __init__(self, line: Line) -> None:
        self._line = line

    def name(self) -> str:
        return "proof"

    def state(self) -> SlotState:
        return SlotState.CARD

    def connect(self) -> LineConnection:
        return LineConnection(self._line)

    @contextmanager
    def watch(self, observer: SlotObserver) -> Iterator[None]:
        observer.slot_changed(self.state())
        yield


class LineConnection:
    """A `CardConnection`; ends for good when its card leaves, as a connection of PC/SC does."""

    atr = ATR

    def __init__(self, line: Line) -> None:
        self._line = line
        self._has_ended = False

    def transmit(self, command: bytes | bytearray) -> bytes:
        answer = None if self._has_ended else self._line.exchange(bytes(command))
        if answer is None:
            self._has_ended = True
            raise CardRemoved
        return answer

    def transaction(self) -> AbstractContextManager[None]:
        return nullcontext()

    def close(self) -> None:
        self._has_ended = True
