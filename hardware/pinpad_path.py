"""The road of one PIN from a reader's keys to the card, as often as the reader refuses by itself what was typed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

from hardware.errors import PinEntryCancelled, PinEntryExpired
from hardware.interface import PinObserver, PinPolicy, PinPrompt, PinRequest, PinState
from hardware.pin import ProtectedPath
from hardware.pinpad_features import PadFault
from hardware.pinpad_progress import PadProgress
from hardware.pinpad_reader import PinPadReader
from hardware.pinpad_structures import PadOrder, modification, verification

EXPIRED, CANCELLED, DIFFERENT, BAD_LENGTH, BAD_STRUCTURE = 0x6400, 0x6401, 0x6402, 0x6403, 0x6B80
"""Status words of the reader itself (supplement, §2.5.2); all others are the card's."""
ASK_AGAIN = {DIFFERENT: PinState.DIFFERENT, BAD_LENGTH: PinState.TOO_SHORT}


class Cancelling(Protocol):
    """Knows which entry the clerk's cancel means."""

    def holding(self, path: PadPath) -> AbstractContextManager[None]:
        """While the block runs, it is this one."""


class PadPath(ProtectedPath):
    """One PIN that is typed on the pad, as often as the pad refuses it by itself. See `ProtectedPath`."""

    def __init__(
        self,
        pads: Cancelling,
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
