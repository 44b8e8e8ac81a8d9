"""Cases whose certificate is made elsewhere and comes by a bundle: which still wait, and whose has come."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from threading import Lock
from typing import Protocol

from kiosk.ca.interface import AuthorityError
from kiosk.enrolment.errors import EnrolmentError
from kiosk.orders import EnrolmentJournal, Order, OrderState

NOT_SENT = (OrderState.READY, OrderState.KEY_MADE, OrderState.REQUESTED, OrderState.PREPARED)
TAKEN = (OrderState.ISSUED, OrderState.CONFIRMED)
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


class WaitingCases:
    """Asks journal and outbox; without an outbox, as where an authority answers at once, nobody waits.

    `certify` verifies an order's answer and keeps it as issued. `at_work` is held by whoever changes orders.
    """

    def __init__(self, journal: OpenOrders, outbox: Outbox | None, certify: Callable[[Order], Order]) -> None:
        self._journal = journal
        self._outbox = outbox
        self._certify = certify
        self.at_work = Lock()

    def found(self) -> dict[str, bool]:
        """Numbers of the cases that wait for a certificate; `True` where it has come. Raises `ArchiveError`."""
        if self._outbox is None:
            return {}
        answered = self._outbox.orders()
        cases: dict[str, bool] = {}
        for order in self._journal.open_orders():
            if order.state is OrderState.PENDING or (order.state in TAKEN and order.order_id in answered):
                has_come = order.state in TAKEN or answered.get(order.order_id, False)
                cases[order.case_id] = cases.get(order.case_id, True) and has_come
        return cases

    def untaken(self) -> list[Order]:
        """Orders whose answer lies there and is not in the journal yet. Raises `ArchiveError`."""
        if self._outbox is None:
            return []
        answered = self._outbox.orders()
        pending = (order for order in self._journal.open_orders() if order.state is OrderState.PENDING)
        return [order for order in pending if answered.get(order.order_id, False)]

    def take(self) -> None:
        """Verify what has come and keep it as issued: from now on it counts among what is not delivered yet.

        An answer that does not hold is told where the citizen's step goes on. Blocks. Raises `ArchiveError`.
        """
        with self.at_work:
            for order in self.untaken():
                with suppress(AuthorityError, EnrolmentError):
                    self._certify(order)

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
