"""A connection to the card in a reader, with the time limits PC/SC does not have."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Self, TypeVar

from hardware.errors import CardBusy, CardHangs, CardRemoved, HardwareError, NoService, Unsupported
from hardware.lane import Lane
from hardware.pcsc_errors import SUCCESS, connecting_error, talking_error

T = TypeVar("T")
BUSY_PAUSE_S = 0.1
UNKNOWN_CONTROL = (0x8010001F, 0x80100022)
"""What the service says for a driver that does not know a control code: pcsc-lite's two names for «unsupported»."""


class PcscConnection:
    """Talks to one card from one thread; `transmit` returns in time even when the card or its driver never does.

    It never resets the card: neither at the start, nor at the end. After `CardHangs` or `CardBusy` it is used up.
    """

    def __init__(self, response_limit_s: float, busy_limit_s: float) -> None:
        self._response_limit_s = response_limit_s
        self._busy_limit_s = busy_limit_s
        self._lane = Lane("card")
        self._ended: HardwareError | None = None
        self._context = 0
        self._card = 0
        self._protocol = 0
        self._depth = 0
        self._atr = b""

    @classmethod
    def open(cls, reader: str, response_limit_s: float, busy_limit_s: float) -> Self:
        """Connect, waiting `busy_limit_s` for a program that holds the card. Raises as `CardSlot.connect`."""
        connection = cls(response_limit_s, busy_limit_s)
        try:
            connection._connect_in_turn(reader)
        except BaseException:
            connection._lane.close()
            raise
        return connection

    @property
    def atr(self) -> bytes:
        """What the card answered to reset."""
        return self._atr

    def transmit(self, command: bytes | bytearray) -> bytes:
        """Send one command APDU. Raises `CardRemoved`, `CardHangs`, `CardBusy`, `NoService`.

        Outside a transaction it makes one of its own: the service would otherwise wait without limit for a program that
        holds the card, and nothing would tell that from a card that hangs.
        """
        with self.transaction():
            return self._in_time(lambda: self._transmit(command), self._response_limit_s)

    def control(self, code: int, data: bytes, limit_s: float) -> bytes:
        """Give the reader's driver a control code. Raises as `transmit`, and `Unsupported` for an unknown code."""
        with self.transaction():
            return self._in_time(lambda: control(self._card, code, data), limit_s)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Keep other programs off the card; may be nested. Raises `CardBusy` when one of them will not let go."""
        if self._depth == 0:
            self._in_time(self._begin, self._busy_limit_s, CardBusy())
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1
            if self._depth == 0 and self._ended is None:
                self._in_time(self._end, self._response_limit_s)

    def close(self) -> None:
        """Let go of the card without resetting it."""
        if self._ended is None:
            self._in_time(self._disconnect, self._response_limit_s)
            self._ended = CardRemoved()
        self._lane.close()

    def _connect_in_turn(self, reader: str) -> None:
        end = time.monotonic() + self._busy_limit_s
        while True:
            try:
                return self._in_time(lambda: self._connect(reader), self._response_limit_s)
            except CardBusy:
                if time.monotonic() >= end:
                    raise
                time.sleep(BUSY_PAUSE_S)

    # --- in the card's thread -----------------------------------------------------------------------------------------

    def _connect(self, reader: str) -> None:
        from smartcard import scard

        code, self._context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
        if code != SUCCESS:
            raise NoService
        either = scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1
        code, self._card, self._protocol = scard.SCardConnect(self._context, reader, scard.SCARD_SHARE_SHARED, either)
        if code != SUCCESS:
            scard.SCardReleaseContext(self._context)
            raise connecting_error(code)
        code, _, _, _, atr = scard.SCardStatus(self._card)
        if code != SUCCESS:
            scard.SCardReleaseContext(self._context)
            raise connecting_error(code)
        self._atr = bytes(atr)

    def _transmit(self, command: bytes | bytearray) -> bytes:
        from smartcard import scard

        header = scard.SCARD_PCI_T1 if self._protocol == scard.SCARD_PROTOCOL_T1 else scard.SCARD_PCI_T0
        code, response = scard.SCardTransmit(self._card, header, list(command))
        if code != SUCCESS or len(response) < 2:
            raise talking_error(code)
        return bytes(response)

    def _begin(self) -> None:
        from smartcard import scard

        code = scard.SCardBeginTransaction(self._card)
        if code != SUCCESS:
            raise talking_error(code)

    def _end(self) -> None:
        """What goes wrong here has nothing left to protect: the card is gone, or the service took the lock back."""
        from smartcard import scard

        scard.SCardEndTransaction(self._card, scard.SCARD_LEAVE_CARD)

    def _disconnect(self) -> None:
        from smartcard import scard

        scard.SCardDisconnect(self._card, scard.SCARD_LEAVE_CARD)
        scard.SCardReleaseContext(self._context)

    # --- the watchdog -------------------------------------------------------------------------------------------------

    def _in_time(self, call: Callable[[], T], limit_s: float, too_late: HardwareError | None = None) -> T:
        """Run a call in the card's thread; when it is late the connection is given up, and let go when it returns."""
        if self._ended is not None:
            raise self._ended
        try:
            return self._lane.run(call, limit_s)
        except TimeoutError:
            self._ended = too_late or CardHangs(limit_s)
            self._lane.submit(self._disconnect)
            raise self._ended from None


def control(card: int, code: int, data: bytes) -> bytes:
    """Give a reader's driver a control code, without a time limit. Raises as `PcscConnection.control`."""
    from smartcard import scard

    outcome, answer = scard.SCardControl(card, code, list(data))
    if outcome & 0xFFFFFFFF in UNKNOWN_CONTROL:
        raise Unsupported("control code")
    if outcome != SUCCESS:
        raise talking_error(outcome)
    return bytes(answer)
