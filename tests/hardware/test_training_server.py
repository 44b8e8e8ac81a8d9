from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest

from hardware.training.card import ATR, VirtualCard
from hardware.training.faults import FaultyCard
from hardware.training.server import serve
from tests.hardware.cards import card_of

SELECT = bytes.fromhex("00A404000BF381000002534552494401")


class Reader:
    """The reader's side of the protocol: length, then body, in two writes, as vpcd does."""

    def __init__(self, card: VirtualCard) -> None:
        self.stop = threading.Event()
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
            self.thread = threading.Thread(target=serve, args=(card, "127.0.0.1", port, self.stop))
            self.thread.start()
            self.link, _ = listener.accept()
        self.link.settimeout(5)

    def tell(self, message: bytes) -> None:
        self.link.sendall(len(message).to_bytes(2, "big"))
        self.link.sendall(message)

    def ask(self, message: bytes) -> bytes:
        self.tell(message)
        length = int.from_bytes(self._exactly(2), "big")
        return self._exactly(length)

    def _exactly(self, count: int) -> bytes:
        received = b""
        while len(received) < count:
            piece = self.link.recv(count - len(received))
            if not piece:
                raise EOFError
            received += piece
        return received

    def close(self) -> None:
        self.link.close()
        self.stop.set()
        self.thread.join(5)
        assert not self.thread.is_alive()


@pytest.fixture
def reader() -> Iterator[Reader]:
    reader = Reader(card_of("jovana"))
    yield reader
    reader.close()


def test_atr_power_and_commands(reader: Reader) -> None:
    assert reader.ask(b"\x04") == ATR
    reader.tell(b"\x01")
    assert reader.ask(SELECT) == b"\x90\x00"
    assert reader.ask(bytes.fromhex("00A40800020F0204"))[:2] == b"\x0f\x02"
    reader.tell(b"\x02")
    assert reader.ask(bytes.fromhex("00A40800020F0204")) == b"\x6a\x82"
    reader.tell(b"\x00")
    assert reader.ask(b"\x04") == ATR


def test_it_ends_when_the_reader_closes(reader: Reader) -> None:
    reader.link.close()
    reader.thread.join(5)
    assert not reader.thread.is_alive()


def test_it_ends_when_asked_to(reader: Reader) -> None:
    reader.stop.set()
    reader.thread.join(5)
    assert reader.link.recv(1) == b""


def test_a_removed_card_closes_the_link() -> None:
    reader = Reader(FaultyCard(card_of("jovana"), "remove@2"))
    try:
        assert reader.ask(SELECT) == b"\x90\x00"
        with pytest.raises((EOFError, ConnectionError)):
            reader.ask(SELECT)
    finally:
        reader.close()


def test_no_reader_is_an_os_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(OSError, match="refused"):
        serve(card_of("jovana"), "127.0.0.1", port)
