"""The PC/SC service: contexts, reader names, and what a reader's state bits mean.

Uses pyscard's plain functions, not its classes: those reset the card when collected, and their monitors die with the
service and print tracebacks.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from hardware.errors import HardwareError, NoDriver, NoReader, NoService
from hardware.interface import SlotState
from hardware.pcsc_errors import SUCCESS, TIMEOUT, connecting_error

STATE_UNKNOWN, STATE_UNAVAILABLE, STATE_PRESENT, STATE_MUTE = 0x0004, 0x0008, 0x0020, 0x0200
STATE_UNAWARE = 0
NEW_READERS = "\\\\?PnP?\\Notification"
"""Name under which pcsc-lite tells that the list of readers has changed."""


@contextmanager
def service_context() -> Iterator[int]:
    """A context of the PC/SC service. Raises `NoService`."""
    from smartcard import scard

    code, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
    if code != SUCCESS:
        raise NoService
    try:
        yield context
    finally:
        scard.SCardReleaseContext(context)


def reader_names(context: int) -> list[str]:
    """The readers that are plugged in; none is an empty list. Raises `NoService`."""
    from smartcard import scard

    code, names = scard.SCardListReaders(context, [])
    if code == SUCCESS:
        return list(names)
    error = connecting_error(code)
    if isinstance(error, NoReader):
        return []
    raise error


def wait_for_change(context: int, reader: str, known: int, limit_s: float) -> int:
    """Wait until the reader's state word differs from `known` or `limit_s` is over; returns the state word.

    Its upper half counts insertions and removals. Raises `NoService`, `NoReader`, `ReaderUnavailable`.
    """
    from smartcard import scard

    watched = [(reader, known), (NEW_READERS, STATE_UNAWARE)] if known else [(reader, known)]
    code, states = scard.SCardGetStatusChange(context, round(limit_s * 1000), watched)
    if code & 0xFFFFFFFF == TIMEOUT:
        return known
    if code != SUCCESS:
        raise connecting_error(code)
    return int(states[0][1])


def slot_state(word: int) -> SlotState:
    """What a state word says. Raises `NoReader` for a reader that has vanished."""
    if word & STATE_UNKNOWN:
        return SlotState.NO_READER
    if word & STATE_UNAVAILABLE:
        return SlotState.READER_UNAVAILABLE
    if word & STATE_MUTE:
        return SlotState.MUTE
    return SlotState.CARD if word & STATE_PRESENT else SlotState.EMPTY


def state_of(error: HardwareError) -> SlotState:
    """What a failure to ask for the state says about it."""
    if isinstance(error, NoService):
        return SlotState.NO_SERVICE
    if isinstance(error, NoDriver):
        return SlotState.NO_DRIVER
    return SlotState.NO_READER if isinstance(error, NoReader) else SlotState.READER_UNAVAILABLE
