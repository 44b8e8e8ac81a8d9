"""What a pin pad is told to do, read as its firmware would: PIN_VERIFY and PIN_MODIFY of PC/SC part 10.

Written from the layout in pcsc-lite's `reader.h`, not from the code under test.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass

ASCII, RIGHT_JUSTIFIED, IN_BYTES = 0x02, 0x04, 0x80
CONFIRM, OLD = 0x01, 0x02


class Verify(ctypes.LittleEndianStructure):
    """`PIN_VERIFY_STRUCTURE` up to its data."""

    _pack_ = 1
    _fields_ = [
        ("timeout", ctypes.c_uint8),
        ("timeout2", ctypes.c_uint8),
        ("format", ctypes.c_uint8),
        ("block", ctypes.c_uint8),
        ("length_format", ctypes.c_uint8),
        ("longest", ctypes.c_uint8),
        ("shortest", ctypes.c_uint8),
        ("condition", ctypes.c_uint8),
        ("messages", ctypes.c_uint8),
        ("language", ctypes.c_uint16),
        ("message", ctypes.c_uint8),
        ("prologue", ctypes.c_uint8 * 3),
        ("data_length", ctypes.c_uint32),
    ]


class Modify(ctypes.LittleEndianStructure):
    """`PIN_MODIFY_STRUCTURE` up to its data."""

    _pack_ = 1
    _fields_ = [
        ("timeout", ctypes.c_uint8),
        ("timeout2", ctypes.c_uint8),
        ("format", ctypes.c_uint8),
        ("block", ctypes.c_uint8),
        ("length_format", ctypes.c_uint8),
        ("old_at", ctypes.c_uint8),
        ("new_at", ctypes.c_uint8),
        ("longest", ctypes.c_uint8),
        ("shortest", ctypes.c_uint8),
        ("confirm", ctypes.c_uint8),
        ("condition", ctypes.c_uint8),
        ("messages", ctypes.c_uint8),
        ("language", ctypes.c_uint16),
        ("message1", ctypes.c_uint8),
        ("message2", ctypes.c_uint8),
        ("message3", ctypes.c_uint8),
        ("prologue", ctypes.c_uint8 * 3),
        ("data_length", ctypes.c_uint32),
    ]


class BadOrder(Exception):
    """The structure is not one that firmware takes."""


@dataclass(frozen=True)
class Order:
    """One entry or several, and the command their digits go into."""

    head: Verify | Modify
    command: bytes
    places: tuple[int, ...]
    """Where in the command's data each PIN goes: the old one first."""
    is_confirmed: bool

    @property
    def entries(self) -> int:
        """How often the citizen types."""
        return len(self.places) + self.is_confirmed


def verify_order(raw: bytes) -> Order:
    """Raises `BadOrder`."""
    head = Verify.from_buffer_copy(raw.ljust(ctypes.sizeof(Verify), b"\0"))
    return Order(head, _command(raw, head), (head.format >> 3 & 0x0F,), False)


def modify_order(raw: bytes) -> Order:
    """Raises `BadOrder`."""
    head = Modify.from_buffer_copy(raw.ljust(ctypes.sizeof(Modify), b"\0"))
    places = (head.old_at, head.new_at) if head.confirm & OLD else (head.new_at,)
    return Order(head, _command(raw, head), places, bool(head.confirm & CONFIRM))


def _command(raw: bytes, head: Verify | Modify) -> bytes:
    command = raw[ctypes.sizeof(head) :]
    if len(command) != head.data_length or len(command) < 5 or head.format & 0x03 != ASCII:
        raise BadOrder
    if head.format & RIGHT_JUSTIFIED or head.shortest > head.longest or not head.condition & 0x02:
        raise BadOrder
    return command


def filled(order: Order, pins: list[bytes]) -> bytes:
    """The command with the digits in it."""
    command = bytearray(order.command)
    for place, pin in zip(order.places, pins, strict=True):
        command[5 + place : 5 + place + len(pin)] = pin
    return bytes(command)
