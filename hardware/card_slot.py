"""What the device layer asks of a reader, whether it is the training reader or one behind PC/SC."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol, runtime_checkable

from hardware.interface import SlotObserver, SlotState


class CardConnection(Protocol):
    """The road to one inserted card; ends for good when that card leaves."""

    @property
    def atr(self) -> bytes:
        """What the card answered to reset."""

    def transmit(self, command: bytes | bytearray) -> bytes:
        """Send one command APDU, get the response APDU. Raises `CardRemoved`, `CardHangs`, `CardBusy`, `NoService`."""

    def transaction(self) -> AbstractContextManager[None]:
        """Keep other programs off the card while the block runs. Raises `CardBusy` when one of them will not let go."""

    def close(self) -> None:
        """Let go of the card without resetting it."""


@runtime_checkable
class ReaderControl(Protocol):
    """A connection whose reader takes commands of its own, beside those for the card."""

    def control(self, code: int, data: bytes, limit_s: float) -> bytes:
        """Give the reader's driver a control code. Raises as `transmit`, and `Unsupported` for an unknown code."""


class CardSlot(Protocol):
    """A reader that holds at most one card."""

    def name(self) -> str: ...

    def state(self) -> SlotState: ...

    def connect(self) -> CardConnection:
        """Power the card and talk to it. Raises `NoCard`, `NoReader`, `NoService`, `WrongCard`, `CardBusy`."""

    def watch(self, observer: SlotObserver) -> AbstractContextManager[None]:
        """Tell `observer` of every change while the block runs, beginning with the present state."""
