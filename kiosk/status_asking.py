"""From the wish to change a certificate's status to the authority's answer: what is stored, and what may be sent again.

A message is stored before it leaves and an answer before it is parsed. What may have left is repeated as it was; only
a message whose time has passed, or that the authority will not read a second time, is made anew, and asks the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from kiosk.ca.interface import (
    AuthFailed,
    CertificationAuthority,
    ClockSkew,
    Done,
    NotSent,
    Pending,
    ProtocolAlarm,
    Rejected,
    Unknown,
)
from kiosk.status_order import SETTLED, StatusJournal, StatusOrder, StatusState


class StatusPending(Unknown):
    """The authority has taken the change and has not made it yet; it is asked again."""

    code = "К-0509"


class StatusAsking:
    """Asks one authority. `clock` gives the time in UTC."""

    def __init__(
        self, authority: CertificationAuthority, journal: StatusJournal, clock: Callable[[], datetime]
    ) -> None:
        self._authority = authority
        self._journal = journal
        self._clock = clock

    def settle(self, order: StatusOrder, clerk: str) -> StatusOrder:
        """Bring a change to DONE or REJECTED.

        Raises `StatusPending` and what the authority raises: `NotSent`, `Unknown`, `AuthFailed`, `ClockSkew`,
        `ProtocolAlarm`. After each it may be called again with the change as the journal has it.
        """
        while order.state not in SETTLED:
            if order.state is StatusState.ANSWERED:
                order = self._take(order, clerk)
            else:
                order = self._send(self._with_message(order), clerk)
        return order

    def _with_message(self, order: StatusOrder) -> StatusOrder:
        if order.state is StatusState.SENT:
            # Found so after a cut: it may have left.
            order = replace(order, unanswered=order.unanswered + 1)
        if order.wire_body and self._authority.is_fresh(order.message):
            return order
        wire = self._authority.prepare_status(order.change)
        return replace(order, wire_body=wire.body, wire_state=wire.state, unanswered=0)

    def _send(self, order: StatusOrder, clerk: str) -> StatusOrder:
        never = StatusState.UNKNOWN if order.state in (StatusState.UNKNOWN, StatusState.SENT) else StatusState.PREPARED
        order = self._store(replace(order, state=StatusState.SENT, answer=b""), clerk)
        try:
            answer = self._authority.exchange(order.message)
        except NotSent:
            self._store(replace(order, state=never), clerk)
            raise
        except Unknown:
            self._store(_unanswered(order), clerk)
            raise
        return self._store(replace(order, state=StatusState.ANSWERED, answer=answer), clerk)

    def _take(self, order: StatusOrder, clerk: str) -> StatusOrder:
        """Believe the stored answer, if it verifies."""
        try:
            settlement = self._authority.accept_status(order.change, order.message, order.answer)
        except (AuthFailed, ClockSkew):
            self._store(_anew(order, is_over=not order.unanswered), clerk)
            raise
        except (ProtocolAlarm, Unknown):
            self._store(_unanswered(order), clerk)
            raise
        match settlement:
            case Done():
                return self._store(replace(order, state=StatusState.DONE, settled_at=self._now()), clerk)
            case Pending():
                self._store(_anew(order, is_over=False), clerk)
                raise StatusPending(f"{order.serial}: taken, and not changed yet")
            case Rejected() as rejected:
                return self._rejected(order, rejected, clerk)

    def _rejected(self, order: StatusOrder, rejected: Rejected, clerk: str) -> StatusOrder:
        if order.unanswered:
            # It may be refused only because an earlier copy was read: a new message is answered for what it asks.
            return self._store(_anew(order, is_over=False), clerk)
        refused = replace(
            order,
            state=StatusState.REJECTED,
            refusal_code=rejected.code,
            refusal_text=rejected.text,
            settled_at=self._now(),
        )
        return self._store(refused, clerk)

    def _now(self) -> str:
        return self._clock().isoformat()

    def _store(self, order: StatusOrder, clerk: str) -> StatusOrder:
        self._journal.store(order, clerk)
        return order


def _unanswered(order: StatusOrder) -> StatusOrder:
    return replace(order, state=StatusState.UNKNOWN, answer=b"", unanswered=order.unanswered + 1)


def _anew(order: StatusOrder, *, is_over: bool) -> StatusOrder:
    """The next message is another one: this one is answered, and will not be answered otherwise.

    `is_over`: the authority has surely done nothing for it.
    """
    state = StatusState.INTENDED if is_over else StatusState.UNKNOWN
    return replace(order, state=state, wire_body=b"", wire_state=b"", answer=b"", unanswered=0)
