"""A card reader behind PC/SC."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from hardware.errors import HardwareError
from hardware.interface import SlotObserver, SlotState
from hardware.pcsc_connection import PcscConnection
from hardware.pcsc_readers import ReaderChoice
from hardware.pcsc_service import (
    STATE_UNAWARE,
    reader_names,
    service_context,
    slot_state,
    state_of,
    wait_for_change,
)
from hardware.pcsc_watch import SlotWatch

BUSY_LIMIT_S = 5.0
"""How long another program may keep the card before `CardBusy`."""


class PcscSlot:
    """A `CardSlot`: the reader with that name, or one whose name begins so; empty takes any. See `ReaderChoice`."""

    def __init__(self, wanted: str, response_limit_s: float, busy_limit_s: float = BUSY_LIMIT_S) -> None:
        self._choice = ReaderChoice(wanted)
        self._response_limit_s = response_limit_s
        self._busy_limit_s = busy_limit_s

    def name(self) -> str:
        """The reader's full name; what was asked for while it is not there."""
        try:
            with service_context() as context:
                return self._choice.among(reader_names(context))
        except HardwareError:
            return self._choice.wanted

    def state(self) -> SlotState:
        """What stands at the reader now; never raises."""
        try:
            with service_context() as context:
                return slot_state(wait_for_change(context, self._choice.among(reader_names(context)), STATE_UNAWARE, 0))
        except HardwareError as error:
            return state_of(error)

    def connect(self) -> PcscConnection:
        """Power the card. Waits for another program that holds it; see `CardSlot`."""
        with service_context() as context:
            reader = self._choice.among(reader_names(context))
        return PcscConnection.open(reader, self._response_limit_s, self._busy_limit_s)

    @contextmanager
    def watch(self, observer: SlotObserver) -> Iterator[None]:
        """Tell `observer` of every change while the block runs, beginning with the present state."""
        watch = SlotWatch(self._choice, observer)
        watch.start()
        try:
            yield
        finally:
            watch.stop()


def plugged_readers() -> tuple[tuple[str, SlotState], ...]:
    """Every reader the service has, by name, with what stands at it. Raises `NoService`."""
    with service_context() as context:
        names = sorted(reader_names(context))
    return tuple((name, PcscSlot(name, BUSY_LIMIT_S).state()) for name in names)
