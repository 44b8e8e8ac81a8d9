"""Which readers have keys for a PIN: their drivers are asked, and no card needs to be in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hardware.errors import HardwareError
from hardware.lane import Lane
from hardware.pcsc_connection import control
from hardware.pcsc_errors import SUCCESS, connecting_error
from hardware.pcsc_service import reader_names, service_context
from hardware.pinpad_reader import PinPadReader

LOOK_LIMIT_S = 5.0
"""How long one reader's driver may take to say what it is; it is left alone then, with the thread that asks it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPad:
    """What the keys of one reader are good for."""

    reader: str
    changes_pins: bool
    """Whether it takes a new PIN too; without it nothing is unblocked there."""
    can_be_cancelled: bool
    """Whether the clerk can end an entry; otherwise only its own keys and time limit do."""
    has_display: bool


def pin_pads() -> tuple[FoundPad, ...]:
    """The readers with keys, by name, but one that another program holds or that hangs. Raises `NoService`."""
    with service_context() as context:
        names = sorted(reader_names(context))
    return tuple(found for name in names for found in _look(name))


def _look(reader: str) -> list[FoundPad]:
    lane = Lane("reader")
    try:
        return lane.run(lambda: list(_asked(reader)), LOOK_LIMIT_S)
    except (TimeoutError, HardwareError):
        return []  # a search is not the place to complain: who works with the reader is told why it does not answer
    finally:
        lane.close()


def _asked(reader: str) -> Iterator[FoundPad]:
    from smartcard import scard

    with service_context() as context:
        code, card, _ = scard.SCardConnect(context, reader, scard.SCARD_SHARE_DIRECT, scard.SCARD_PROTOCOL_UNDEFINED)
        if code != SUCCESS:
            raise connecting_error(code)
        try:
            pad = PinPadReader(_Driver(card))
            if pad.can(modify=False):
                yield FoundPad(
                    reader=reader,
                    changes_pins=pad.can(modify=True),
                    can_be_cancelled=pad.can_abort(modify=False),
                    has_display=pad.properties.has_display,
                )
        finally:
            scard.SCardDisconnect(card, scard.SCARD_LEAVE_CARD)


class _Driver:
    """A reader without regard to a card."""

    def __init__(self, card: int) -> None:
        self._card = card

    def control(self, code: int, data: bytes, limit_s: float) -> bytes:
        """See `ReaderControl`; the whole look has one time limit."""
        del limit_s
        return control(self._card, code, data)
