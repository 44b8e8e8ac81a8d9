"""Telling the authority that a certificate is durable here; before that it may take it back, and nothing is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from kiosk.ca.interface import (
    AuthFailed,
    CertificationAuthority,
    ClockSkew,
    Confirmation,
    Done,
    Pending,
    Rejected,
    Settlement,
    SubjectData,
    Unknown,
    Wire,
)
from kiosk.enrolment.errors import OrderRejected, StillPending
from kiosk.orders import Act, EnrolmentJournal, Order, OrderState


class Confirming:
    """Confirms the certificates of one citizen, where the authority wants to hear of them."""

    def __init__(self, authority: CertificationAuthority, journal: EnrolmentJournal, subject: SubjectData) -> None:
        self._authority = authority
        self._journal = journal
        self._subject = subject

    @property
    def done(self) -> OrderState:
        """The state in which nothing is left to say to the authority."""
        is_silent = self._authority.capabilities.confirmation is Confirmation.NONE
        return OrderState.ISSUED if is_silent else OrderState.CONFIRMED

    def confirm(self, order: Order) -> Order:
        """ISSUED becomes CONFIRMED; any other order comes back as it is.

        Raises `OrderRejected` when the authority does not stand by the certificate any more, `StillPending`, and what
        the authority raises.
        """
        if order.state is not OrderState.ISSUED or self.done is OrderState.ISSUED:
            return order
        wire = self._message(order)
        if wire is not None:
            order = replace(order, confirm_body=wire.body, confirm_state=wire.state)
        self._journal.begin(order, Act.CONFIRM)
        match self._settled(order, wire) if wire else Done():
            case Done():
                order = replace(order, state=OrderState.CONFIRMED)
                self._journal.finish(order, Act.CONFIRM)
                return order
            case Pending(check_after_s=seconds):
                raise StillPending(seconds)
            case Rejected(code=code, text=text):
                refused = replace(order, state=OrderState.REJECTED, refusal_code=code, refusal_text=text)
                self._journal.finish(refused, Act.CONFIRM)
                raise OrderRejected(code, text)

    def _message(self, order: Order) -> Wire | None:
        """The same bytes as before; made anew from the stored answer when their time has passed."""
        if order.confirm_body and self._authority.is_fresh(order.confirmation):
            return order.confirmation
        request = order.request(self._subject)
        return self._authority.prepare_confirm(request, order.last_message, order.answer, accepted=True)

    def _settled(self, order: Order, wire: Wire) -> Settlement:
        def say() -> Settlement:
            return self._authority.accept_confirm(wire, self._authority.exchange(wire))

        try:
            return _once_more(say)
        except (AuthFailed, ClockSkew):
            # Refused unread: never to be repeated as it is.
            self._journal.finish(replace(order, confirm_body=b""), Act.CONFIRM)
            raise


def _once_more(say: Callable[[], Settlement]) -> Settlement:
    try:
        return say()
    except Unknown:
        return say()
