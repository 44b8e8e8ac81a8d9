"""Which key pairs on a chip an order has made without having been able to note it."""

from __future__ import annotations

from collections.abc import Iterable

from hardware.interface import Chip, KeyPair, KeyPurpose
from kiosk.orders import Order


def unknown_pairs(chip: Chip, order: Order, of_case: Iterable[Order]) -> tuple[KeyPair, ...]:
    """Pairs of the order's purpose that were not there when GENERATE began, and that no order of the case has noted."""
    known = {*order.keys_before, *(other.key_id.hex() for other in of_case)}
    purposes = (KeyPurpose(order.profile.value), None)
    return tuple(pair for pair in chip.key_pairs() if pair.key_id.hex() not in known and pair.purpose in purposes)
