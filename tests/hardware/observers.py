"""Screens that only watch, and citizens who type when they are asked."""

from __future__ import annotations

import os
import queue
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from hardware.interface import PinRequest, PinState, SlotState

LIMIT_S = 15.0


@dataclass
class Citizen:
    """Answers each request for a PIN by typing the next of these entries; remembers what a screen would be told."""

    fd: int
    entries: list[bytes] = field(default_factory=list)
    events: list[object] = field(default_factory=list)
    at_request: Callable[[], None] | None = None

    def pin_requested(self, request: PinRequest) -> None:
        self.events.append(request)
        if self.entries:
            os.write(self.fd, self.entries.pop(0) + b"\r")
        if self.at_request is not None:
            self.at_request()

    def pin_state(self, state: PinState) -> None:
        self.events.append(state)

    def dots(self, count: int) -> None:
        self.events.append(count)


class Slots:
    """Collects what a watch tells."""

    def __init__(self) -> None:
        self._told: queue.SimpleQueue[SlotState] = queue.SimpleQueue()

    def slot_changed(self, state: SlotState) -> None:
        self._told.put(state)

    def next(self) -> SlotState:
        """The next state that is told. Raises `queue.Empty` when nothing comes."""
        return self._told.get(timeout=LIMIT_S)

    def until(self, state: SlotState) -> None:
        """Wait for that state, whatever comes before it."""
        while self.next() is not state:
            pass


@contextmanager
def keypad() -> Iterator[tuple[int, int]]:
    """A pipe as the citizen's keypad: where the device layer reads, where the citizen types."""
    reading, writing = os.pipe()
    try:
        yield reading, writing
    finally:
        os.close(reading)
        os.close(writing)
