"""Pin pad readers: the citizen types the PIN on the reader that holds the card, and it goes from there to the card.

No digit enters this computer; what comes back is a status word. Readers tell what they can by PC/SC part 10.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from hardware.card_slot import CardConnection, ReaderControl
from hardware.errors import PinEntryCancelled, PinEntryExpired, PinError
from hardware.interface import (
    Feature,
    PinMethod,
    PinObserver,
    PinPolicy,
    PinPrompt,
    PinRequest,
    PinState,
    TokenInfo,
)
from hardware.pin import ProtectedPath
from hardware.pinpad_features import PadFault
from hardware.pinpad_progress import PadProgress
from hardware.pinpad_reader import PinPadReader
from hardware.pinpad_structures import PadOrder, modification, verification

EXPIRED, CANCELLED, DIFFERENT, BAD_LENGTH, BAD_STRUCTURE = 0x6400, 0x6401, 0x6402, 0x6403, 0x6B80
"""Status words of the reader itself (supplement, §2.5.2); all others are the card's."""
ASK_AGAIN = {DIFFERENT: PinState.DIFFERENT, BAD_LENGTH: PinState.TOO_SHORT}
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


class PadPath(ProtectedPath):
    """One PIN that is typed on the pad, as often as the pad refuses it by itself. See `ProtectedPath`."""

    def __init__(
        self,
        pads: PinPads,
        reader: PinPadReader | None,
        prompt: PinPrompt,
        policy: PinPolicy,
        observer: PinObserver,
    ) -> None:
        self._pads = pads
        self._reader = reader
        self._prompt = prompt
        self._policy = policy
        self._observer = observer
        self._cancelled = threading.Event()
        self._can_abort = False

    @property
    def is_cancelled(self) -> bool:
        """Whether the clerk cancelled while the citizen was asked."""
        return self._cancelled.is_set()

    def cancel(self) -> None:
        """From any thread. Where the pad cannot be told, the screens are: it ends by its own key or time limit."""
        self._cancelled.set()
        if not self._can_abort:
            self._observer.pin_state(PinState.CANCEL_ON_PAD)

    def verify(self, command: bytes) -> int:
        """See `ProtectedPath`."""
        reader = self._pad(modify=False)
        order = verification(command, self._policy, reader.properties)
        return self._take(reader, order, (self._prompt.request,), modify=False)

    def modify(self, command: bytes, *, asks_old: bool) -> int:
        """See `ProtectedPath`."""
        reader = self._pad(modify=True)
        order = modification(command, self._policy, reader.properties, asks_old=asks_old)
        new = (PinRequest.NEW, PinRequest.NEW_AGAIN)
        return self._take(reader, order, (PinRequest.CURRENT, *new) if asks_old else new, modify=True)

    def by_module(self, attempt: Callable[[], PinState | None]) -> None:
        """See `ProtectedPath`. A module tells of no key and takes no cancel."""
        refused = self._prompt.refused
        while True:
            with self._pads.holding(self):
                self._progress((self._prompt.request,)).begin(refused)
                refused = attempt()
            if refused is None:
                return
            self._stop_if_cancelled()

    def _pad(self, *, modify: bool) -> PinPadReader:
        if self._reader is None:
            raise PadFault.NO_KEYS.error()
        self._reader.require(modify=modify)
        self._can_abort = self._reader.can_abort(modify=modify)
        return self._reader

    def _take(self, reader: PinPadReader, order: PadOrder, requests: tuple[PinRequest, ...], *, modify: bool) -> int:
        refused = self._prompt.refused
        while True:
            with self._pads.holding(self):
                progress = self._progress(requests)
                progress.begin(refused)
                status = reader.take(order, progress, modify=modify)
            if status not in ASK_AGAIN:
                return _of_card(status)
            refused = ASK_AGAIN[status]
            self._stop_if_cancelled()

    def _progress(self, requests: tuple[PinRequest, ...]) -> PadProgress:
        return PadProgress(self._observer, requests, self._cancelled)

    def _stop_if_cancelled(self) -> None:
        if self.is_cancelled:
            raise PinEntryCancelled


def _of_card(status: int) -> int:
    if status == EXPIRED:
        raise PinEntryExpired
    if status == CANCELLED:
        raise PinEntryCancelled
    if status == BAD_STRUCTURE:
        raise PadFault.REFUSED.error()
    return status
