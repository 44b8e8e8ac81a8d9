"""What a pin pad reader says it can do: PC/SC part 10 (supplement, revision 2.02.09), §2.2 and §2.6."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, IntEnum

from hardware.errors import NoPinPad

GET_FEATURE_REQUEST = 0x42000D48
"""Control code that every driver with features answers; pcsc-lite's numbering."""
PROPERTIES = struct.Struct("<HBB")


class PadFeature(IntEnum):
    """Tags in the answer to the feature request. The value that comes with each is its control code."""

    VERIFY_PIN_START = 0x01
    VERIFY_PIN_FINISH = 0x02
    MODIFY_PIN_START = 0x03
    MODIFY_PIN_FINISH = 0x04
    GET_KEY_PRESSED = 0x05
    VERIFY_PIN_DIRECT = 0x06
    MODIFY_PIN_DIRECT = 0x07
    IFD_PIN_PROPERTIES = 0x0A
    ABORT = 0x0B
    GET_TLV_PROPERTIES = 0x12


class Property(IntEnum):
    """Tags in the answer to GET_TLV_PROPERTIES; their values are little-endian numbers."""

    LCD_LAYOUT = 1
    ENTRY_VALIDATION_CONDITION = 2
    TIMEOUT_2 = 3
    MIN_PIN_SIZE = 6
    MAX_PIN_SIZE = 7


class PadFault(Enum):
    """Why the reader's keys cannot be used, in words for a technician."""

    NO_KEYS = "the reader has no keys for a PIN, or its driver does not tell of them"
    NO_MODIFY = "the reader cannot take a new PIN on its keys"
    NO_CONFIRM_KEY = "the reader ends an entry without its confirmation key; the card's PINs have no fixed length"
    LENGTHS = "the reader takes no PIN of the lengths this card uses"
    MALFORMED = "the reader's driver tells its features in a way that cannot be read"
    REFUSED = "the reader's driver refused how it was asked for the PIN"
    NOT_BY_MODULE = "the token's module cannot use the reader's keys"

    def error(self) -> NoPinPad:
        """The exception for it."""
        return NoPinPad(self.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class PadProperties:
    """How the reader takes a PIN; a length of 0 is one it does not tell."""

    lcd_layout: int = 0
    """0xLLCC: lines and characters of its display; 0 is no display."""
    conditions: int = 0
    """Bits of what may end an entry: 1 full length, 2 confirmation key, 4 time; 0 is not told."""
    has_second_timeout: bool = False
    """Whether the time after the first key counts apart from the time before it."""
    min_length: int = 0
    max_length: int = 0

    @property
    def has_display(self) -> bool:
        """Whether it can show its own messages."""
        return self.lcd_layout != 0


def features_in(answer: bytes) -> dict[int, int]:
    """Feature tags and their control codes (big-endian, as the supplement has them). Raises `NoPinPad`."""
    return {tag: int.from_bytes(value, "big") for tag, value in _entries(answer) if len(value) == 4}


def told_by_tlv(answer: bytes) -> PadProperties:
    """The properties in an answer to GET_TLV_PROPERTIES. Raises `NoPinPad`."""
    told = {tag: int.from_bytes(value, "little") for tag, value in _entries(answer)}
    return PadProperties(
        lcd_layout=told.get(Property.LCD_LAYOUT, 0),
        conditions=told.get(Property.ENTRY_VALIDATION_CONDITION, 0),
        has_second_timeout=bool(told.get(Property.TIMEOUT_2, 0)),
        min_length=told.get(Property.MIN_PIN_SIZE, 0),
        max_length=told.get(Property.MAX_PIN_SIZE, 0),
    )


def told_by_structure(answer: bytes) -> PadProperties:
    """The properties in an answer to IFD_PIN_PROPERTIES, which knows no lengths. Raises `NoPinPad`."""
    if len(answer) < PROPERTIES.size:
        raise PadFault.MALFORMED.error()
    layout, conditions, second = PROPERTIES.unpack_from(answer)
    return PadProperties(lcd_layout=layout, conditions=conditions, has_second_timeout=bool(second))


def _entries(answer: bytes) -> Iterator[tuple[int, bytes]]:
    while answer:
        if len(answer) < 2 or len(answer) < 2 + answer[1]:
            raise PadFault.MALFORMED.error()
        yield answer[0], answer[2 : 2 + answer[1]]
        answer = answer[2 + answer[1] :]
