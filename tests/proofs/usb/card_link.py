"""Puts a card into the machine's USB reader: QEMU's end of it speaks the VSCard protocol of libcacard."""

from __future__ import annotations

import socket
import struct
import threading

from hardware.training.card import VirtualCard

INIT, READER_ADD, ATR, APDU = 1, 3, 5, 7
HEAD = struct.Struct(">III")
"""Kind of message, reader, length of what follows."""
MAGIC_AND_VERSION = struct.pack(">III", 0x56534344, 2, 0)
NO_READER = 0xFFFFFFFF
READER = 0


class CardLink:
    """A card beside the machine; answers commands in a thread of its own until it is told to fall silent."""

    def __init__(self, port: int, card: VirtualCard) -> None:
        self._card = card
        self._link = socket.create_connection(("127.0.0.1", port), timeout=30)
        self._link.settimeout(None)
        self._link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._send(INIT, NO_READER, MAGIC_AND_VERSION)
        self._send(READER_ADD, NO_READER, b"TEST reader")
        self._answering = threading.Lock()
        self._is_silent = False
        threading.Thread(target=self._answer_all, daemon=True).start()

    def insert(self) -> None:
        """The card goes in."""
        self._send(ATR, READER, self._card.atr)

    def fall_silent(self) -> None:
        """Answer no more: the reader is about to be pulled out, and QEMU falls over an answer for a reader it lost."""
        with self._answering:
            self._is_silent = True

    def close(self) -> None:
        """End the link."""
        self._link.close()

    def _send(self, kind: int, reader: int, content: bytes) -> None:
        self._link.sendall(HEAD.pack(kind, reader, len(content)) + content)

    def _answer_all(self) -> None:
        try:
            while True:
                kind, _, length = HEAD.unpack(self._receive(HEAD.size))
                content = self._receive(length)
                with self._answering:
                    if kind == APDU and not self._is_silent:
                        self._send(APDU, READER, self._card.transmit(content))
        except OSError:
            return

    def _receive(self, count: int) -> bytes:
        received = b""
        while len(received) < count:
            piece = self._link.recv(count - len(received))
            if not piece:
                raise ConnectionError
            received += piece
        return received
