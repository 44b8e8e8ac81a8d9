"""One change of one certificate's status on its way to the authority, and the journal that remembers it over any cut.

INTENDED → SENT → ANSWERED → DONE; aside PREPARED, UNKNOWN, REJECTED. What is stored is stored before the next act
begins. A change that was asked for twice is a change, so after a cut the same bytes go again.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from kiosk.ca.interface import RevocationReason, StatusAction, StatusChange, Wire, WireKind


class StatusState(Enum):
    """How far a change has come."""

    INTENDED = "intended"
    """The clerk has ordered it; no message is made, or what was is provably settled."""
    PREPARED = "prepared"
    """A message that has provably never left."""
    SENT = "sent"
    """The message leaves now. Found so after a cut: whether it has left is not known."""
    UNKNOWN = "unknown"
    """A message has left, or may have, and no valid answer came."""
    ANSWERED = "answered"
    """The answer is stored as it came; not a byte of it is believed yet."""
    DONE = "done"
    REJECTED = "rejected"


SETTLED = (StatusState.DONE, StatusState.REJECTED)
MAY_HAVE_LEFT = (StatusState.SENT, StatusState.UNKNOWN, StatusState.ANSWERED, StatusState.DONE)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusOrder:
    """Fields fill up as it goes on."""

    case_id: str
    serial: str
    """Lower-case hex."""
    action: StatusAction
    reason: RevocationReason = RevocationReason.UNSPECIFIED
    state: StatusState = StatusState.INTENDED
    wire_body: bytes = b""
    wire_state: bytes = b""
    unanswered: int = 0
    """How often that very message may have left without a valid answer."""
    answer: bytes = b""
    refusal_code: str = ""
    refusal_text: str = ""
    """The authority's own word on a refusal."""
    settled_at: str = ""
    """UTC, ISO 8601: when it was done or refused."""

    @property
    def change(self) -> StatusChange:
        """What the authority is asked for."""
        return StatusChange(serial=self.serial, action=self.action, reason=self.reason)

    @property
    def message(self) -> Wire:
        """How it is asked."""
        return Wire(body=self.wire_body, state=self.wire_state, kind=WireKind.STATUS)


class StatusJournal(Protocol):
    """Kept by `data`; `store` is durable when it returns."""

    def orders(self, case_id: str) -> tuple[StatusOrder, ...]:
        """The changes of a case, in the order they were ordered in."""

    def store(self, order: StatusOrder, clerk: str) -> None:
        """Store a change as it stands."""
