"""Plays a card to a virtual reader (vpcd and its like): each message has a 2-byte big-endian length before it."""

from __future__ import annotations

import socket
import threading

from hardware.errors import CardRemoved
from hardware.training.card import VirtualCard

POWER_OFF, POWER_ON, RESET, GET_ATR = 0, 1, 2, 4
LENGTH_BYTES = 2
LONGEST_POLL_S = 0.2


class LinkClosed(Exception):
    """The reader has closed the connection, or this side was asked to stop."""


def serve(card: VirtualCard, host: str = "127.0.0.1", port: int = 35963, stop: threading.Event | None = None) -> None:
    """Put the card into the reader that listens there, and answer until it closes the link or `stop` is set.

    Connecting is inserting, returning is taking out. Raises `OSError` when nobody listens.
    """
    with socket.create_connection((host, port)) as link:
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        link.settimeout(LONGEST_POLL_S)
        conversation = _Conversation(card, link, stop or threading.Event())
        try:
            while True:
                conversation.answer_one()
        except (LinkClosed, CardRemoved, ConnectionError):
            return


class _Conversation:
    """One card in one reader."""

    def __init__(self, card: VirtualCard, link: socket.socket, stop: threading.Event) -> None:
        self._card = card
        self._link = link
        self._stop = stop

    def answer_one(self) -> None:
        """Wait for a message and answer it, if it is one that has an answer."""
        length = int.from_bytes(self._receive(LENGTH_BYTES), "big")
        message = self._receive(length)
        if length == 1:
            self._control(message[0])
        elif length:
            self._send(self._card.transmit(message))

    def _control(self, code: int) -> None:
        if code == GET_ATR:
            self._send(self._card.atr)
        elif code == POWER_ON:
            self._card.power_on()
        elif code in (POWER_OFF, RESET):
            self._card.reset()

    def _receive(self, count: int) -> bytes:
        received = b""
        while len(received) < count:
            if self._stop.is_set():
                raise LinkClosed
            try:
                piece = self._link.recv(count - len(received))
            except TimeoutError:
                continue
            # The reader writes length and body apart; without this the acknowledgement waits 40 ms for each command.
            self._link.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
            if not piece:
                raise LinkClosed
            received += piece
        return received

    def _send(self, message: bytes) -> None:
        self._link.sendall(len(message).to_bytes(LENGTH_BYTES, "big") + message)
