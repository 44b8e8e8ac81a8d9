"""An enrolment order's life, and the journal that remembers it over any cut."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from kiosk.ca.interface import Profile


class OrderState(Enum):
    """How far an order has come. Each state is durable before the next act begins."""

    READY = "ready"
    KEY_MADE = "key_made"
    REQUESTED = "requested"
    SENT = "sent"
    PENDING = "pending"
    ISSUED = "issued"
    WRITTEN = "written"
    READ_BACK = "read_back"
    CLOSED = "closed"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    """Of a case that was refused: what it had made is off the chip again."""


class Act(Enum):
    """One effect on the chip or at the authority; begun and finished in the journal."""

    GENERATE = "generate"
    REQUEST = "request"
    SEND = "send"
    ACCEPT = "accept"
    WRITE = "write"
    READ_BACK = "read_back"
    TIDY = "tidy"
    WITHDRAW = "withdraw"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One certificate for one key pair. Fields fill up as the order goes on; bytes are DER unless said."""

    order_id: str
    """Case, profile: `2026-000019/signature`; the authority's idempotency key."""
    case_id: str
    profile: Profile
    state: OrderState = OrderState.READY
    token_serial: str = ""
    """The token the key lives in; an order never moves to another card."""
    keys_before: tuple[str, ...] = ()
    """Hex key ids on the chip when GENERATE began: what tells a key of ours that a cut left behind."""
    key_id: bytes = b""
    public_key: bytes = b""
    csr: bytes = b""
    email: str | None = None
    wire_body: bytes = b""
    wire_state: bytes = b""
    answer: bytes = b""
    certificate: bytes = b""
    serial: str = ""
    replaces: tuple[str, ...] = ()
    """Hex key ids of the old pair, removed only after the new certificate was proved."""


class EnrolmentJournal(Protocol):
    """Kept by `data`; every call is durable when it returns."""

    def orders(self, case_id: str) -> tuple[Order, ...]:
        """The orders of a case, authentication first."""

    def begin(self, order: Order, act: Act) -> None:
        """Store the order as it stands and that `act` is about to happen."""

    def finish(self, order: Order, act: Act) -> None:
        """Store the order as `act` has left it."""
