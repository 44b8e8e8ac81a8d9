"""Whether what a case still needs fits on the chip; half of what the citizen came for would help nobody."""

from __future__ import annotations

from collections.abc import Iterable

from hardware.errors import CardFull
from hardware.interface import TokenInfo
from kiosk.orders import Order, OrderState

PAIR_BYTES = 1200
"""Bytes that a key pair takes on a chip, with what other programs keep beside it."""
CERTIFICATE_BYTES = 2400
"""Bytes that a certificate takes on a chip, with what is kept beside it; the chip holds it compressed."""
WRITTEN = (OrderState.WRITTEN, OrderState.READ_BACK, OrderState.CLOSED)


def require_room(token: TokenInfo, orders: Iterable[Order]) -> None:
    """Raise `CardFull` when the chip says that it has less memory left than the orders need."""
    if token.free_memory is not None and token.free_memory < sum(map(_room_for, orders)):
        raise CardFull


def _room_for(order: Order) -> int:
    if order.state in WRITTEN:
        return 0
    # A cut may have left the pair on the chip already: then it is not counted twice.
    return CERTIFICATE_BYTES + (0 if order.token_serial else PAIR_BYTES)
