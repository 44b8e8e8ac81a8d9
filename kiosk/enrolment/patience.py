"""How long somebody at the counter waits for an authority that will answer later."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from kiosk.enrolment.errors import StillPending

SHORTEST_WAIT_S = 0.1
"""An authority that says `at once` is still not asked in a circle."""


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """The clock, how to wait, and the longest that one run waits in all."""

    clock: Callable[[], datetime] = utc_now
    wait: Callable[[float], None] = time.sleep
    longest_s: float = 20.0

    def when(self, check_after_s: int) -> str:
        """The moment so many seconds from now, as an order keeps it."""
        return (self.clock() + timedelta(seconds=check_after_s)).isoformat()

    def wait_for(self, moment: str, waited_s: float) -> float:
        """Wait for the moment, if that is not too long; gives the seconds waited in all. Raises `StillPending`."""
        left_s = (datetime.fromisoformat(moment) - self.clock()).total_seconds() if moment else 0.0
        left_s = max(left_s, SHORTEST_WAIT_S)
        if waited_s + left_s > self.longest_s:
            raise StillPending(round(left_s))
        self.wait(left_s)
        return waited_s + left_s
