"""An enrolment order's life, and the journal that remembers it over any cut.

READY → KEY_MADE → REQUESTED → SENT → (PENDING) → ANSWERED → ISSUED → (CONFIRMED) → WRITTEN → READ_BACK → CLOSED; aside
PREPARED, UNKNOWN, REJECTED, WITHDRAWN, REVOKED. On every start an order goes on from its state; none begins again.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from kiosk.ca.interface import IssueRequest, Profile, SubjectData, Wire, WireKind


class OrderState(Enum):
    """How far an order has come. Each state is durable before the next act begins."""

    READY = "ready"
    KEY_MADE = "key_made"
    REQUESTED = "requested"
    """The chip has signed the request; nothing is prepared for the authority, or what was is provably settled."""
    PREPARED = "prepared"
    """A message that has provably never left."""
    SENT = "sent"
    """The message leaves now. Found so after a cut: whether it has left is not known."""
    PENDING = "pending"
    """The authority answers later."""
    ANSWERED = "answered"
    """The answer is stored as it came; not a byte of it is believed yet."""
    UNKNOWN = "unknown"
    """A message has left, or may have, and no valid answer came: the same bytes once, then a question, then nothing."""
    ISSUED = "issued"
    """The certificate is verified and stored."""
    CONFIRMED = "confirmed"
    """And the authority knows that it is."""
    WRITTEN = "written"
    READ_BACK = "read_back"
    CLOSED = "closed"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    """Of a case that was refused: what it had made is off the chip again."""
    REVOKED = "revoked"
    """The certificate was issued and never came onto the chip for good; the authority has revoked it."""


MAY_BE_ISSUED = (OrderState.SENT, OrderState.PENDING, OrderState.ANSWERED, OrderState.UNKNOWN)
"""The authority may have a certificate for the order that we do not have."""


class Act(Enum):
    """One effect on the chip or at the authority; begun and finished in the journal."""

    GENERATE = "generate"
    REQUEST = "request"
    SEND = "send"
    ACCEPT = "accept"
    CONFIRM = "confirm"
    SETTLE = "settle"
    """A person has learnt from the authority what became of an order that is UNKNOWN."""
    WRITE = "write"
    READ_BACK = "read_back"
    TIDY = "tidy"
    WITHDRAW = "withdraw"
    HOLD = "hold"
    RELEASE = "release"
    REVOKE = "revoke"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One certificate for one key pair. Fields fill up as the order goes on; bytes are DER unless said."""

    order_id: str
    """Case, profile: `2026-000019/signature`; with `attempt`, the authority's idempotency key."""
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
    attempt: int = 1
    wire_body: bytes = b""
    wire_state: bytes = b""
    """The message that asks for the certificate: kept as it is until it is settled, and sent again as it is."""
    unanswered: int = 0
    """How often that message may have been taken by the authority without its certificate having come."""
    question_kind: str = ""
    question_body: bytes = b""
    question_state: bytes = b""
    """The last message that asked after it, a poll or a lookup."""
    answer: bytes = b""
    """The last answer, to the question if there is one: stored before it is parsed."""
    ask_at: str = ""
    """UTC, ISO 8601: when a pending answer may be asked for."""
    refusal_code: str = ""
    refusal_text: str = ""
    """The authority's own word on a rejection."""
    confirm_body: bytes = b""
    confirm_state: bytes = b""
    """The message that says the certificate is durable here."""
    certificate: bytes = b""
    serial: str = ""
    replaces: tuple[str, ...] = ()
    """Hex key ids of the old pair, removed only after the new certificate was proved."""
    is_held: bool = False
    """The authority has put the certificate on hold; it is released once it is on the chip and proved."""

    def request(self, subject: SubjectData) -> IssueRequest:
        """What is asked of the authority for this order."""
        return IssueRequest(
            order_id=self.order_id,
            profile=self.profile,
            csr=self.csr,
            subject=subject,
            email=self.email,
            attempt=self.attempt,
        )

    @property
    def message(self) -> Wire:
        """The message that asks for the certificate."""
        return Wire(body=self.wire_body, state=self.wire_state)

    @property
    def confirmation(self) -> Wire:
        """The message that says the certificate is durable here."""
        return Wire(kind=WireKind.CONFIRM, body=self.confirm_body, state=self.confirm_state)

    @property
    def last_message(self) -> Wire:
        """What `answer` answers."""
        if not self.question_kind:
            return self.message
        return Wire(kind=WireKind(self.question_kind), body=self.question_body, state=self.question_state)


class EnrolmentJournal(Protocol):
    """Kept by `data`; every call is durable when it returns."""

    def orders(self, case_id: str) -> tuple[Order, ...]:
        """The orders of a case, authentication first."""

    def begin(self, order: Order, act: Act) -> None:
        """Store the order as it stands and that `act` is about to happen."""

    def finish(self, order: Order, act: Act) -> None:
        """Store the order as `act` has left it."""
