"""Taking back what a case has made on the chip, when the authority refused one of its orders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hardware.errors import CardSwapped
from hardware.interface import Chip
from kiosk.enrolment.new_pairs import unknown_pairs
from kiosk.orders import Act, EnrolmentJournal, Order, OrderState

ENDED = (OrderState.CLOSED, OrderState.WITHDRAWN)


def withdraw(chip: Chip, journal: EnrolmentJournal, orders: Sequence[Order]) -> tuple[str, ...]:
    """See `Enrolment.withdraw`. A case of which one order is withdrawn already is withdrawn to its end."""
    if not any(order.state in (OrderState.REJECTED, OrderState.WITHDRAWN) for order in orders):
        return ()
    if any(order.token_serial not in ("", chip.token().serial) for order in orders):
        raise CardSwapped
    for order in orders:
        if order.state not in ENDED:
            _take_back(chip, journal, order, orders)
    return tuple(order.serial for order in orders if order.serial and order.state is not OrderState.CLOSED)


def _take_back(chip: Chip, journal: EnrolmentJournal, order: Order, of_case: Sequence[Order]) -> None:
    journal.begin(order, Act.WITHDRAW)
    made = [order.key_id] if order.key_id else [pair.key_id for pair in unknown_pairs(chip, order, of_case)]
    for key_id in made if order.token_serial else ():
        chip.delete_certificate(key_id)
        chip.delete_key_pair(key_id)
    journal.finish(replace(order, state=OrderState.WITHDRAWN), Act.WITHDRAW)
