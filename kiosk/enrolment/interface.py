"""What a screen learns while an enrolment runs."""

from __future__ import annotations

from enum import Enum
from typing import Protocol

from kiosk.orders import Act, EnrolmentJournal, Order, OrderState

__all__ = ["Act", "EnrolmentJournal", "EnrolmentObserver", "Order", "OrderState", "Stage"]


class Stage(Enum):
    """The named acts of step 6/4, in the order the clerk sees them."""

    KEYS = "keys"
    REQUESTS = "requests"
    CERTIFICATES = "certificates"
    WRITE = "write"
    READ_BACK = "read_back"
    TIDY = "tidy"


class EnrolmentObserver(Protocol):
    """Is told how far the enrolment has come. Called from the worker's thread."""

    def stage_begun(self, stage: Stage) -> None: ...

    def stage_finished(self, stage: Stage) -> None: ...
