"""One PIN entry, key by key: what each key does, when time is up, and what the screens are told meanwhile."""

from __future__ import annotations

import time
from typing import Protocol

from hardware.errors import PinEntryCancelled, PinEntryExpired
from hardware.interface import PinObserver, PinPolicy, PinState
from hardware.pin import Pin
from hardware.pin_keys import Key, KeySource

BEAT_S = 1.0
NEVER_S = 3600.0


class Progress(Protocol):
    """Tells an observer how an entry goes, as much as may be known where it stands."""

    def typed(self, count: int) -> None:
        """A digit was taken; now there are so many."""

    def cleared(self, state: PinState) -> None:
        """All digits were overwritten; the entry begins again."""

    def pause_s(self) -> float:
        """After how many seconds without a key `pause_over` wants to be called."""

    def pause_over(self) -> None:
        """Called when they have passed."""


class SharedScreen:
    """Where one screen serves clerk and citizen, the citizen sees a dot for each digit."""

    def __init__(self, observer: PinObserver) -> None:
        self._observer = observer

    def typed(self, count: int) -> None:
        """See `Progress`."""
        self._observer.dots(count)
        if count == 1:
            self._observer.pin_state(PinState.UNDER_WAY)

    def cleared(self, state: PinState) -> None:
        """See `Progress`."""
        self._observer.dots(0)
        self._observer.pin_state(state)

    def pause_s(self) -> float:
        """See `Progress`."""
        return NEVER_S

    def pause_over(self) -> None:
        """Nothing to tell."""


class ClerksScreen:
    """Where the citizen has keys of their own, the clerk's screen learns that an entry is under way, and no more.

    From the first digit on it is told once a second, whatever is pressed: told at each key, the notes themselves would
    give away how many digits there are and the time between them.
    """

    def __init__(self, observer: PinObserver) -> None:
        self._observer = observer
        self._beat_at: float | None = None

    def typed(self, count: int) -> None:
        """See `Progress`."""
        if self._beat_at is None:
            self._beat(time.monotonic())

    def cleared(self, state: PinState) -> None:
        """See `Progress`."""
        self._beat_at = None
        self._observer.pin_state(state)

    def pause_s(self) -> float:
        """See `Progress`."""
        return NEVER_S if self._beat_at is None else max(0.0, self._beat_at - time.monotonic())

    def pause_over(self) -> None:
        """See `Progress`."""
        now = time.monotonic()
        if self._beat_at is not None and now >= self._beat_at:
            self._beat(now)

    def _beat(self, now: float) -> None:
        self._beat_at = now + BEAT_S
        self._observer.pin_state(PinState.UNDER_WAY)


def progress_for(observer: PinObserver, *, one_screen: bool) -> Progress:
    """What fits the screen that `observer` draws."""
    return SharedScreen(observer) if one_screen else ClerksScreen(observer)


def collect_pin(keys: KeySource, policy: PinPolicy, progress: Progress) -> Pin:
    """Take keys until Enter is pressed at a valid length. The caller owns the `Pin`; after any error it is wiped.

    Raises `PinEntryExpired` when no key comes for `policy.timeout_s`, and what `keys` raises.
    """
    pin = Pin()
    try:
        while (key := _next_key(keys, policy.timeout_s, progress)) is not Key.ENTER or len(pin) < policy.min_length:
            _press(key, pin, policy, progress)
    except BaseException:
        pin.clear()
        raise
    finally:
        keys.wipe()
    return pin


def _next_key(keys: KeySource, seconds: float, progress: Progress) -> int | Key:
    end = time.monotonic() + seconds
    while True:
        left = max(0.0, end - time.monotonic())
        key = keys.next(min(left, progress.pause_s()))
        progress.pause_over()
        if key is not None:
            return key
        if time.monotonic() >= end:
            raise PinEntryExpired


def _press(key: int | Key, pin: Pin, policy: PinPolicy, progress: Progress) -> None:
    if key is Key.CANCEL:
        raise PinEntryCancelled
    if key is Key.CLEAR or key is Key.ENTER:
        pin.clear()
        progress.cleared(PinState.TOO_SHORT if key is Key.ENTER else PinState.WAITING)
    elif isinstance(key, int) and len(pin) < policy.max_length:
        pin.append(key)
        progress.typed(len(pin))
