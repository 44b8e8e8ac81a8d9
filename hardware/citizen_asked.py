"""One entry on the citizen's terminal, as the device host sees it: what the terminal tells of it, in order."""

from __future__ import annotations

import queue

from hardware.citizen_faults import CitizenTerminalFault
from hardware.citizen_pin_frame import read_pin
from hardware.citizen_wire import Ask, Kind, Plain, Reported, read
from hardware.errors import PinEntryCancelled, PinEntryExpired, PinError
from hardware.interface import PinState
from hardware.pin import Pin

Event = PinState | Pin | PinError


class Asked:
    """One entry as the host sees it: what the terminal tells of it, in order. The last event is a `Pin` or an error."""

    def __init__(self, ask: Ask) -> None:
        self.ask = ask
        self.is_asked = False
        self._events: queue.SimpleQueue[Event] = queue.SimpleQueue()

    def put(self, event: Event) -> None:
        """Something happened."""
        self._events.put(event)

    def next(self, seconds: float) -> Event:
        """The next event. Raises `queue.Empty` when nothing came in time."""
        return self._events.get(timeout=seconds)

    def clear(self) -> None:
        """Overwrite a PIN that nobody has taken."""
        while not self._events.empty():
            if isinstance(event := self._events.get(), Pin):
                event.clear()


def event_of(kind: Kind, received: bytearray, ask: Ask) -> Event:
    """What a frame of this entry means. Raises `PinEntryFault` as `read` and `read_pin`."""
    if kind is Kind.PIN:
        return read_pin(received, ask.fewest, ask.most)
    match read(received):
        case Reported(state=state):
            return state
        case Plain(kind=Kind.CANCELLED):
            return PinEntryCancelled()
        case Plain(kind=Kind.EXPIRED):
            return PinEntryExpired()
        case Plain(kind=Kind.HUNG_UP):
            return CitizenTerminalFault.HUNG_UP.error()
    raise CitizenTerminalFault.OUT_OF_ORDER.error()
