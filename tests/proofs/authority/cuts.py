"""What may go wrong with one exchange, and when the power goes."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass
from enum import Enum

from tests.services.cmp.lines import Line


class Cut(Enum):
    """What happens to one exchange; whose business it is stands with those that use it."""

    NONE = "none"
    BEFORE_SEND = "before send"
    AFTER_SEND = "after send"
    """The bytes have left, and nobody ever gets them."""
    SENT_TWICE = "sent twice"
    ARRIVES_LATE = "arrives late"
    """The request arrives after its own repetition."""
    ANSWER_LOST = "answer lost"
    ANSWER_TWICE = "answer twice"
    """And the second time instead of the next answer."""
    OTHER_TRANSACTION = "wrong transaction"
    EXPIRED = "expired certificate of the office"
    EXPIRED_UNNOTICED = "expired, and only the authority says so"
    CLOCK_BEHIND = "clock a day behind"
    CLOCK_AHEAD = "clock a day ahead"


LINES = {
    Cut.AFTER_SEND: Line.REQUEST_LOST,
    Cut.SENT_TWICE: Line.REQUEST_TWICE,
    Cut.ARRIVES_LATE: Line.REQUEST_LATE,
    Cut.ANSWER_LOST: Line.ANSWER_LOST,
    Cut.ANSWER_TWICE: Line.ANSWER_TWICE,
    Cut.OTHER_TRANSACTION: Line.OTHER_TRANSACTION,
}
"""Cuts that happen on the line to a CMP responder."""
DAYS = {Cut.CLOCK_BEHIND: -1, Cut.CLOCK_AHEAD: 1}
"""By how many days the office's clock is wrong."""


@dataclass(frozen=True)
class Moment:
    """A trial: the cut of one exchange (counted from 1), and the event at which the power goes as well."""

    cut: Cut = Cut.NONE
    exchange: int = 1
    kill_at: int | None = None

    def __str__(self) -> str:
        power = "" if self.kill_at is None else f", power off at {self.kill_at}"
        return f"{self.cut.value} at exchange {self.exchange}{power}"


class Fuse:
    """Counts events and ends the process at the chosen one: no clean-up, no goodbye."""

    def __init__(self, at: int | None) -> None:
        self._at = at
        self.count = 0

    def event(self) -> None:
        self.count += 1
        if self.count == self._at:
            os.kill(os.getpid(), signal.SIGKILL)
