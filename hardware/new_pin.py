"""Entering a PIN: who owns the digits, and how a new one is asked for until it is fit for use."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from hardware.interface import PinObserver, PinPolicy, PinPrompt, PinRequest, PinState
from hardware.pin import Pin, ProtectedPath
from hardware.pin_entry import PinEntry


@contextmanager
def held(pin: Pin | ProtectedPath) -> Iterator[Pin | ProtectedPath]:
    """Use the PIN in the block; its digits are overwritten when the block ends."""
    try:
        yield pin
    finally:
        if isinstance(pin, Pin):
            pin.clear()


Weakness = Callable[[Pin], PinState | None]
"""Why a new PIN is refused; `None` when it is not."""


def collect_new_pin(
    entry: PinEntry, policy: PinPolicy, observer: PinObserver, weakness: Weakness
) -> Pin | ProtectedPath:
    """Let the citizen enter a new PIN twice; asks again, saying why, while it is weak or the two differ.

    A reader with its own keys compares the two itself, and nobody else sees the PIN. Raises as `PinEntry.collect`.
    """
    refused: PinState | None = None
    while True:
        first = entry.collect(PinPrompt(request=PinRequest.NEW, refused=refused), policy, observer)
        if not isinstance(first, Pin):
            return first
        try:
            refused = weakness(first) or _difference(first, entry, policy, observer)
        except BaseException:
            first.clear()
            raise
        if refused is None:
            return first
        first.clear()


def _difference(first: Pin, entry: PinEntry, policy: PinPolicy, observer: PinObserver) -> PinState | None:
    with held(entry.collect(PinPrompt(request=PinRequest.NEW_AGAIN), policy, observer)) as again:
        return None if isinstance(again, Pin) and first.equals(again) else PinState.DIFFERENT
