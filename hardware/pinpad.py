"""Pin pad readers: the citizen types the PIN on the reader that holds the card, and it goes from there to the card.

No digit enters this computer; what comes back is a status word. Readers tell what they can by PC/SC part 10.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from hardware.card_slot import CardConnection, ReaderControl
from hardware.errors import PinError
from hardware.interface import (
    Feature,
    PinMethod,
    PinObserver,
    PinPolicy,
    PinPrompt,
    PinState,
    TokenInfo,
)
from hardware.pin import ProtectedPath
from hardware.pinpad_features import PadFault
from hardware.pinpad_path import PadPath
from hardware.pinpad_reader import PinPadReader

NEEDS_MODIFY = frozenset({Feature.CHANGE_PIN, Feature.UNBLOCK})


class PinPads:
    """The desk's `PinEntry` on pin pad readers: each open chip has its own, since the pad belongs to the reader."""

    method = PinMethod.PINPAD

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._under_way: PadPath | None = None

    def of(self, connection: CardConnection) -> ChipPinPad:
        """The pin pad of the reader at the end of this connection, if it has one."""
        return ChipPinPad(self, connection)

    def collect(self, prompt: PinPrompt, policy: PinPolicy, observer: PinObserver) -> ProtectedPath:
        """There is no pad without a card in it."""
        raise PadFault.NO_KEYS.error()

    def show(self, outcome: PinState | PinError) -> None:
        """A pad shows its own messages, and none of ours."""

    def cancel(self) -> None:
        """End the entry under way, or say that only the pad can; see `PinEntry`."""
        with self._lock:
            path = self._under_way
        if path is not None:
            path.cancel()

    def close(self) -> None:
        """End the entry under way, if the pad can be told to."""
        self.cancel()

    @contextmanager
    def holding(self, path: PadPath) -> Iterator[None]:
        """While the block runs, cancelling means this entry."""
        with self._lock:
            self._under_way = path
        try:
            yield
        finally:
            with self._lock:
                self._under_way = None


class ChipPinPad:
    """The `PinEntry` of one chip: the keys of the reader that chip is in."""

    method = PinMethod.PINPAD

    def __init__(self, pads: PinPads, connection: CardConnection) -> None:
        self._pads = pads
        self._reader = PinPadReader(connection) if isinstance(connection, ReaderControl) else None

    def collect(self, prompt: PinPrompt, policy: PinPolicy, observer: PinObserver) -> PadPath:
        """Nothing is asked yet: the pad asks when the PIN is wanted for a command."""
        return PadPath(self._pads, self._reader, prompt, policy, observer)

    def show(self, outcome: PinState | PinError) -> None:
        """A pad shows its own messages, and none of ours."""

    def cancel(self) -> None:
        """End the entry under way; see `PinPads.cancel`."""
        self._pads.cancel()

    def close(self) -> None:
        """End the entry under way."""
        self._pads.close()

    def describe(self, token: TokenInfo, *, by_module: bool) -> TokenInfo:
        """What the token can do with this pad. A module finds its pad by itself, and cannot unblock on it."""
        if by_module:
            return replace(token, features=token.features - {Feature.UNBLOCK})
        verifies = self._reader is not None and self._reader.can(modify=False)
        modifies = self._reader is not None and self._reader.can(modify=True)
        return replace(
            token,
            features=(token.features - (frozenset() if modifies else NEEDS_MODIFY))
            | (frozenset({Feature.PROTECTED_PATH}) if verifies else frozenset()),
        )
