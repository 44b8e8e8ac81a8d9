"""What each PC/SC return code means to us (pcsc-lite, `pcsclite.h`)."""

from __future__ import annotations

from collections.abc import Callable

from hardware.errors import (
    CardBusy,
    CardRemoved,
    HardwareError,
    NoCard,
    NoReader,
    NoService,
    ReaderUnavailable,
    WrongCard,
)

SUCCESS = 0
TIMEOUT = 0x8010000A
SHARING_VIOLATION = 0x8010000B
READER_UNAVAILABLE = 0x80100017
NO_SERVICE = 0x8010001D
SERVICE_STOPPED = 0x8010001E
UNKNOWN_READER = 0x80100009
NO_READERS = 0x8010002E

COMMON: dict[int, Callable[[], HardwareError]] = {
    SHARING_VIOLATION: CardBusy,
    READER_UNAVAILABLE: ReaderUnavailable,
    NO_SERVICE: NoService,
    SERVICE_STOPPED: NoService,
    UNKNOWN_READER: NoReader,
    NO_READERS: NoReader,
}
CONNECTING: dict[int, Callable[[], HardwareError]] = {
    0x8010000C: NoCard,
    0x80100069: NoCard,
    0x8010000F: lambda: WrongCard("protocol"),
    0x80100066: lambda: WrongCard("mute"),
    0x80100067: lambda: WrongCard("mute"),
}
"""While connecting: no card, card removed, protocol mismatch, unresponsive, unpowered."""
TALKING = frozenset(
    {
        0x80100001,  # internal error: seen after the reader vanished
        0x80100003,  # invalid handle: the service has restarted
        0x8010000C,  # no smart card
        0x80100013,  # internal communications error
        0x80100016,  # not transacted: seen when the card leaves during a command
        0x8010002F,  # communication lost
        0x80100066,  # unresponsive
        0x80100067,  # unpowered
        0x80100068,  # reset by another program: its PIN session is gone
        0x80100069,  # removed
    }
)
"""While talking to a card: the connection is over, whatever the cause."""


def connecting_error(code: int) -> HardwareError:
    """The error for a return code of SCardConnect and what comes before it."""
    return _error({**COMMON, **CONNECTING}, code)


def talking_error(code: int) -> HardwareError:
    """The error for a return code of a call on a connected card. Success without an answer is a removed card too."""
    code &= 0xFFFFFFFF
    if code in TALKING or code == SUCCESS:
        return CardRemoved()
    return _error(COMMON, code)


def _error(table: dict[int, Callable[[], HardwareError]], code: int) -> HardwareError:
    code &= 0xFFFFFFFF
    return table[code]() if code in table else ReaderUnavailable(f"PC/SC {code:08X}")
