"""The keys of the reader that holds the card, worked through its driver's control codes."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cached_property
from typing import Protocol

from hardware.apdu import Response
from hardware.card_slot import ReaderControl
from hardware.errors import CardHangs, MalformedCardData, Unsupported
from hardware.pinpad_features import (
    GET_FEATURE_REQUEST,
    PadFault,
    PadFeature,
    PadProperties,
    features_in,
    told_by_structure,
    told_by_tlv,
)
from hardware.pinpad_structures import PadOrder

QUICK_S = 5.0
"""How long the driver may take for a question that waits for nobody."""
POLL_S = 0.05
NO_KEY, ENTER, CANCEL, TIMED_OUT, ABORTED = 0x00, 0x0D, 0x1B, 0x0E, 0x40
"""Answers to GET_KEY_PRESSED; a digit is `+`, whichever it was."""
ENDS = (CANCEL, TIMED_OUT, ABORTED)
DIRECT = {False: PadFeature.VERIFY_PIN_DIRECT, True: PadFeature.MODIFY_PIN_DIRECT}
STEPS = {
    False: (PadFeature.VERIFY_PIN_START, PadFeature.VERIFY_PIN_FINISH),
    True: (PadFeature.MODIFY_PIN_START, PadFeature.MODIFY_PIN_FINISH),
}
"""By whether the PIN is modified."""


class PadWatcher(Protocol):
    """Follows an entry on a pad that tells of its keys."""

    def key(self, code: int) -> None:
        """A key was pressed, or none (`NO_KEY`) for a while."""

    def wants_abort(self) -> bool:
        """Whether the clerk has cancelled; true once only."""


class PinPadReader:
    """Asks the reader's driver once what it can do. Raises what the connection raises, and `NoPinPad`."""

    def __init__(self, reader: ReaderControl) -> None:
        self._reader = reader

    @cached_property
    def features(self) -> dict[int, int]:
        """Control codes by `PadFeature`; none where the driver does not know the question."""
        try:
            return features_in(self._reader.control(GET_FEATURE_REQUEST, b"", QUICK_S))
        except Unsupported:
            return {}

    @cached_property
    def properties(self) -> PadProperties:
        """How it takes a PIN; a driver that tells in both ways tells more in TLVs."""
        if PadFeature.GET_TLV_PROPERTIES in self.features:
            return told_by_tlv(self._control(PadFeature.GET_TLV_PROPERTIES))
        if PadFeature.IFD_PIN_PROPERTIES in self.features:
            return told_by_structure(self._control(PadFeature.IFD_PIN_PROPERTIES))
        return PadProperties()

    def can(self, *, modify: bool) -> bool:
        """Whether it takes a PIN on its keys, in one way or the other."""
        return DIRECT[modify] in self.features or self.tells_keys(modify=modify)

    def tells_keys(self, *, modify: bool) -> bool:
        """Whether it tells that keys are pressed."""
        return all(one in self.features for one in (*STEPS[modify], PadFeature.GET_KEY_PRESSED))

    def can_abort(self, *, modify: bool) -> bool:
        """Whether an entry can be ended from here; a driver that is asked directly hears nothing until it is over."""
        return PadFeature.ABORT in self.features and self.tells_keys(modify=modify)

    def require(self, *, modify: bool) -> None:
        """Raise `NoPinPad` unless it can."""
        if not self.can(modify=modify):
            raise (PadFault.NO_MODIFY if modify and self.can(modify=False) else PadFault.NO_KEYS).error()

    def take(self, order: PadOrder, watcher: PadWatcher, *, modify: bool) -> int:
        """Let the citizen type; the status word of the card, or the reader's own. Raises `CardHangs` past the limit."""
        if not self.tells_keys(modify=modify):
            return _status(self._control(DIRECT[modify], order.structure, order.limit_s))
        start, finish = STEPS[modify]
        self._control(start, order.structure)
        self._follow(watcher, order, modify=modify)
        return _status(self._control(finish, b"", order.limit_s))

    def _follow(self, watcher: PadWatcher, order: PadOrder, *, modify: bool) -> None:
        """Until the last entry is confirmed, or the pad has ended it."""
        left, end = order.entries, time.monotonic() + order.limit_s
        abort = self._aborter(modify=modify)
        while left:
            code = (self._control(PadFeature.GET_KEY_PRESSED) or bytes(1))[0]
            watcher.key(code)
            if code in ENDS:
                return
            left -= code == ENTER
            if watcher.wants_abort():
                abort()
            if time.monotonic() > end:
                raise CardHangs(order.limit_s)
            if code == NO_KEY:
                time.sleep(POLL_S)

    def _aborter(self, *, modify: bool) -> Callable[[], object]:
        return (lambda: self._control(PadFeature.ABORT)) if self.can_abort(modify=modify) else lambda: None

    def _control(self, feature: PadFeature, data: bytes = b"", limit_s: float = QUICK_S) -> bytes:
        try:
            return self._reader.control(self.features[feature], data, limit_s)
        except Unsupported:
            raise PadFault.REFUSED.error() from None


def _status(answer: bytes) -> int:
    if len(answer) != 2:
        raise MalformedCardData("pin pad")
    return Response.decode(answer).sw
