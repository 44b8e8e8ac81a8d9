"""Short command and response APDUs (ISO 7816-3 §12, ISO 7816-4 §5), and how one is exchanged for the other."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass

from hardware.errors import CardFault, MalformedCardData
from hardware.interface import Transmit

MAX_DATA = 255
MAX_LE = 256
OK = 0x9000
GET_RESPONSE = 0xC0
MAX_ROUNDS = 260
"""More than any file of these cards needs; a card that promises more for ever is faulty."""


@dataclass(frozen=True, slots=True, repr=False)
class Command:
    """A short command APDU. `le` counts the expected bytes, 1 to 256; `None` when the command asks for none."""

    cla: int
    ins: int
    p1: int
    p2: int
    data: bytes = b""
    le: int | None = None

    def encode(self) -> bytes:
        """The bytes that go to the card (cases 1 to 4). Raises `ValueError` when a field does not fit."""
        if len(self.data) > MAX_DATA or not (self.le is None or 1 <= self.le <= MAX_LE):
            raise ValueError("too long for a short APDU")
        body = bytes((len(self.data),)) + self.data if self.data else b""
        tail = b"" if self.le is None else bytes((self.le % MAX_LE,))
        return bytes((self.cla, self.ins, self.p1, self.p2)) + body + tail

    @classmethod
    def decode(cls, raw: bytes) -> Command:
        """Take a short APDU apart. Raises `ValueError` when its lengths do not agree."""
        if len(raw) < 4:
            raise ValueError("shorter than a header")
        cla, ins, p1, p2 = raw[:4]
        body = raw[4:]
        if len(body) <= 1:
            return cls(cla, ins, p1, p2, b"", (body[0] or MAX_LE) if body else None)
        data, tail = body[1 : 1 + body[0]], body[1 + body[0] :]
        if not data or len(data) != body[0] or len(tail) > 1:
            raise ValueError("lengths do not agree")
        return cls(cla, ins, p1, p2, data, (tail[0] or MAX_LE) if tail else None)

    def __repr__(self) -> str:
        """Header and length only: the data may be a PIN."""
        return f"Command({self.cla:02X} {self.ins:02X} {self.p1:02X} {self.p2:02X}, {len(self.data)} bytes)"


@dataclass(frozen=True, slots=True, repr=False)
class Response:
    """A response APDU: data and status word."""

    data: bytes
    sw: int

    @classmethod
    def decode(cls, raw: bytes) -> Response:
        """Split data from status word. Raises `MalformedCardData` when there is no status word."""
        if len(raw) < 2:
            raise MalformedCardData("response")
        return cls(raw[:-2], int.from_bytes(raw[-2:], "big"))

    def encode(self) -> bytes:
        """The bytes that come from the card."""
        return self.data + self.sw.to_bytes(2, "big")

    def __repr__(self) -> str:
        return f"Response({len(self.data)} bytes, {self.sw:04X})"


def exchange(transmit: Transmit, command: Command) -> Response:
    """Send a command and collect its whole answer; `61xx` and `6Cxx` of T=0 are followed (ISO 7816-3 §10.3.3).

    Raises `MalformedCardData` for an answer without status word, `CardFault` when the card promises data for ever.
    """
    response = Response.decode(transmit(command.encode()))
    collected = b""
    for _ in range(MAX_ROUNDS):
        collected += response.data
        kind, length = response.sw >> 8, (response.sw & 0xFF) or MAX_LE
        if kind == 0x6C:
            command = Command(command.cla, command.ins, command.p1, command.p2, command.data, length)
        elif kind == 0x61:
            command = Command(0x00, GET_RESPONSE, 0x00, 0x00, b"", length)
        else:
            return Response(collected, response.sw)
        response = Response.decode(transmit(command.encode()))
    raise CardFault(command.ins, response.sw)


def wipe(buffer: bytearray) -> None:
    """Overwrite a buffer with zeros, in place."""
    if buffer:
        ctypes.memset(ctypes.addressof((ctypes.c_char * len(buffer)).from_buffer(buffer)), 0, len(buffer))


def transmit_and_wipe(transmit: Transmit, buffer: bytearray) -> bytes:
    """Send a command that holds a secret and overwrite it, whatever happens; the answer as it came."""
    try:
        return transmit(buffer)
    finally:
        wipe(buffer)
