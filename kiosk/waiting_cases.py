"""Cases whose certificate is made elsewhere and comes by a bundle: which still wait, and whose has come."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from kiosk.orders import EnrolmentJournal, Order, OrderState

NOT_SENT = (OrderState.READY, OrderState.KEY_MADE, OrderState.REQUESTED, OrderState.PREPARED)
UNSETTLED = (OrderState.SENT, OrderState.ANSWERED, OrderState.UNKNOWN)
"""A cut, or an answer that was not believed: the citizen's step goes on from there, and need not wait."""


class OpenOrders(EnrolmentJournal, Protocol):
    """The journal that also lists what is under way."""

    def open_orders(self) -> Sequence[Order]:
        """The orders of all cases that have not ended."""


class Outbox(Protocol):
    """Where orders wait for a bundle."""

    def orders(self) -> dict[str, bool]:
        """Order ids that were ever put there, and whether their answer has come."""

    def close(self) -> None:
        """Let go of it."""


class WaitingCases:
    """Asks journal and outbox; without an outbox, as where an authority answers at once, nobody waits."""

    def __init__(self, journal: OpenOrders, outbox: Outbox | None) -> None:
        self._journal = journal
        self._outbox = outbox

    def found(self) -> dict[str, bool]:
        """Numbers of the cases that wait for a certificate; `True` where it has come. Raises `ArchiveError`."""
        if self._outbox is None:
            return {}
        answered = self._outbox.orders()
        cases: dict[str, bool] = {}
        for order in self._journal.open_orders():
            if order.state is OrderState.PENDING:
                has_come = answered.get(order.order_id, False)
                cases[order.case_id] = cases.get(order.case_id, True) and has_come
        return cases

    def must_wait(self, case_id: str) -> bool:
        """Whether the citizen's PIN would bring nothing now: all is sent, and an answer is missing."""
        if self._outbox is None:
            return False
        orders, answered = self._journal.orders(case_id), self._outbox.orders()
        pending = [order for order in orders if order.state is OrderState.PENDING]
        is_stopped = any(order.state in (*NOT_SENT, *UNSETTLED) for order in orders)
        # An order that the outbox has lost is put there again by the citizen's step.
        is_known = all(order.order_id in answered for order in pending)
        return not is_stopped and is_known and any(not answered[order.order_id] for order in pending)

    def close(self) -> None:
        """Let go of the outbox."""
        if self._outbox is not None:
            self._outbox.close()
