"""From a signed request to its certificate: what is stored before and after each exchange, and what may be sent again.

One request gets one certificate, at whatever point the line or the power is cut: a message is stored before it leaves,
an answer before it is parsed, a certificate before it is confirmed. What has left, or may have, is never replaced: the
same bytes go once more, then the authority is asked what became of them, then a person must decide.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from kiosk.ca.interface import (
    AuthFailed,
    CertificationAuthority,
    ClockSkew,
    Duplicate,
    Issued,
    NoSuchOrder,
    NotSent,
    Outcome,
    Pending,
    ProtocolAlarm,
    Rejected,
    SubjectData,
    Unknown,
    Wire,
    WireKind,
)
from kiosk.enrolment.errors import OrderRejected, WaitsForBundle
from kiosk.enrolment.patience import Patience
from kiosk.orders import Act, EnrolmentJournal, Order, OrderState


class Asking:
    """Asks one authority for the certificates of one citizen; every change of an order is durable before the next."""

    def __init__(
        self,
        authority: CertificationAuthority,
        journal: EnrolmentJournal,
        subject: SubjectData,
        patience: Patience,
    ) -> None:
        self._authority = authority
        self._journal = journal
        self._subject = subject
        self._patience = patience
        self._waited_s = 0.0
        self._steps: dict[OrderState, Callable[[Order], Order]] = {
            OrderState.REQUESTED: self._prepare_and_send,
            OrderState.PREPARED: self._send_prepared,
            OrderState.SENT: self._resume_after_cut,
            OrderState.ANSWERED: self._take,
            OrderState.PENDING: self._poll,
            OrderState.UNKNOWN: self._settle,
            OrderState.REJECTED: self._tell_rejection,
        }

    def certify(self, order: Order) -> Order:
        """Bring an order from its signed request to ISSUED; one that is further, or not so far, stays as it is.

        Raises `OrderRejected`, `StillPending`, and what the authority raises: `NotSent`, `Unknown`, `AuthFailed`,
        `ClockSkew`, `ProtocolAlarm`. After each, `certify` may be called again with the order as the journal has it.
        """
        while (step := self._steps.get(order.state)) is not None:
            order = step(order)
        return order

    # --- sending ------------------------------------------------------------------------------------------------------

    def _prepare_and_send(self, order: Order) -> Order:
        wire = self._authority.prepare(order.request(self._subject))
        return self._send(replace(order, wire_body=wire.body, wire_state=wire.state))

    def _send_prepared(self, order: Order) -> Order:
        """Provably never sent: then a message whose time has passed may be made anew, in the same transaction."""
        return self._send(order) if self._authority.is_fresh(order.message) else self._prepare_and_send(order)

    def _resume_after_cut(self, order: Order) -> Order:
        """The power went while a message left, or before, or after."""
        return self._unanswered(order)

    def _send(self, order: Order, question: Wire | None = None) -> Order:
        """Exchange the order's message, or a question after it. ANSWERED, or `_unanswered`; raises `NotSent`."""
        order = replace(
            order,
            state=OrderState.SENT,
            answer=b"",
            question_kind=question.kind.value if question else "",
            question_body=question.body if question else b"",
            question_state=question.state if question else b"",
        )
        self._journal.begin(order, Act.SEND)
        try:
            answer = self._authority.exchange(order.last_message)
        except NotSent:
            self._journal.finish(self._never_left(order), Act.SEND)
            raise
        except Unknown:
            return self._finish(self._unanswered(order), Act.SEND)
        return self._finish(replace(order, state=OrderState.ANSWERED, answer=answer), Act.SEND)

    def _never_left(self, order: Order) -> Order:
        if order.question_kind or order.unanswered:
            return replace(order, state=_state_without_answer(order))
        return replace(order, state=OrderState.PREPARED)

    def _unanswered(self, order: Order) -> Order:
        count = order.unanswered if order.question_kind else order.unanswered + 1
        return replace(order, state=_state_without_answer(order), answer=b"", unanswered=count)

    # --- an answer ----------------------------------------------------------------------------------------------------

    def _take(self, order: Order) -> Order:
        """Believe the stored answer, if it verifies, and store what it comes to."""
        try:
            outcome = self._authority.accept(order.request(self._subject), order.last_message, order.answer)
        except (AuthFailed, ClockSkew):
            self._journal.finish(self._refused_unread(order), Act.ACCEPT)
            raise
        except ProtocolAlarm:
            # Counts as lost: whoever it came from, the authority may have issued.
            self._journal.finish(self._unanswered(order), Act.ACCEPT)
            raise
        except Unknown:
            return self._finish(self._unanswered(order), Act.ACCEPT)
        return self._taken(order, outcome)

    def _taken(self, order: Order, outcome: Outcome) -> Order:
        match outcome:
            case Issued(certificate=certificate, serial=serial):
                issued = replace(order, state=OrderState.ISSUED, certificate=certificate, serial=serial)
                return self._finish(issued, Act.ACCEPT)
            case Pending(check_after_s=seconds):
                known = replace(order, unanswered=max(order.unanswered, 1), ask_at=self._patience.when(seconds))
                return self._finish(replace(known, state=OrderState.PENDING), Act.ACCEPT)
            case Duplicate():
                # The answer stays: it says that sending again is of no use.
                known = replace(order, unanswered=max(order.unanswered, 1))
                return self._finish(replace(known, state=OrderState.UNKNOWN), Act.ACCEPT)
            case NoSuchOrder():
                # May still be under way: prepared again it is the same transaction, so both cannot be issued.
                self._journal.finish(replace(order, state=OrderState.REQUESTED), Act.ACCEPT)
                raise NotSent(f"{order.order_id}: it has never arrived")
            case Rejected() as rejected:
                return self._rejected(order, rejected)

    def _refused_unread(self, order: Order) -> Order:
        """The authority would not read the message: over, if no other copy of it can have been read."""
        if order.question_kind:
            # Never to be repeated as it is; the next question goes by its state.
            return replace(order, state=_state_without_answer(order), answer=b"", question_body=b"")
        if order.unanswered:
            return replace(order, state=OrderState.UNKNOWN, answer=b"")
        return replace(order, state=OrderState.REQUESTED, attempt=order.attempt + 1, answer=b"")

    def _rejected(self, order: Order, rejected: Rejected) -> Order:
        if order.unanswered and not order.question_kind and self._authority.capabilities.lookup:
            # An earlier copy may have been issued and this one refused because of it, in words we do not know.
            found = self._look_up(order)
            if found.state is not OrderState.UNKNOWN:
                return found
        refused = replace(order, state=OrderState.REJECTED, refusal_code=rejected.code, refusal_text=rejected.text)
        return self._finish(refused, Act.ACCEPT)

    def _tell_rejection(self, order: Order) -> Order:
        raise OrderRejected(order.refusal_code, order.refusal_text)

    # --- no answer, or none yet ---------------------------------------------------------------------------------------

    def _poll(self, order: Order) -> Order:
        by_files = self._authority.capabilities.batch
        if not by_files:
            self._waited_s = self._patience.wait_for(order.ask_at, self._waited_s)
        order = self._send_and_take(order, self._next_poll(order))
        if by_files and order.state is OrderState.PENDING:
            # To look costs nothing, so it was looked at once; to wait here would not bring it.
            raise WaitsForBundle
        if _is_poll_unanswered(order) and self._authority.capabilities.lookup:
            order = self._look_up(order)
        if _is_poll_unanswered(order):
            raise Unknown(f"{order.order_id}: pending, and the question after it was not answered")
        return order

    def _next_poll(self, order: Order) -> Wire:
        """One whose answer was lost is repeated as it was: the authority may be a message further than we are."""
        if _is_poll_unanswered(order) and order.question_body and self._authority.is_fresh(order.last_message):
            return order.last_message
        return self._authority.prepare_poll(order.request(self._subject), order.last_message, order.answer)

    def _settle(self, order: Order) -> Order:
        """The same bytes once, then a question, then nothing that a machine may do."""
        can = self._authority.capabilities
        if can.idempotent and not order.answer:
            order = self._resend(order)
        if order.state is OrderState.UNKNOWN and can.lookup:
            order = self._look_up(order)
        if order.state is OrderState.UNKNOWN:
            raise Unknown(f"{order.order_id}: whether it was issued is not known")
        return order

    def _resend(self, order: Order) -> Order:
        try:
            return self._send_and_take(order)
        except (AuthFailed, ClockSkew):
            # Refused unread, which says nothing about a copy that left before; a new message may ask after that one.
            if not self._authority.capabilities.lookup:
                raise
            return replace(order, state=OrderState.UNKNOWN, answer=b"")

    def _look_up(self, order: Order) -> Order:
        return self._send_and_take(order, self._authority.prepare_lookup(order.request(self._subject), order.message))

    def _send_and_take(self, order: Order, question: Wire | None = None) -> Order:
        order = self._send(order, question)
        return self._take(order) if order.state is OrderState.ANSWERED else order

    def not_issued(self, order: Order) -> Order:
        """A person has it from the authority that nothing was issued: the same request goes in a new transaction.

        Only an order changes that is UNKNOWN, and whose message is too old to be accepted where it still may be under
        way; any other comes back as it is.
        """
        if order.state is not OrderState.UNKNOWN or self._authority.is_fresh(order.message):
            return order
        settled = replace(order, state=OrderState.REQUESTED, attempt=order.attempt + 1, unanswered=0, answer=b"")
        return self._finish(settled, Act.SETTLE)

    def _finish(self, order: Order, act: Act) -> Order:
        self._journal.finish(order, act)
        return order


def _is_poll_unanswered(order: Order) -> bool:
    return order.state is OrderState.PENDING and not order.answer


def _state_without_answer(order: Order) -> OrderState:
    """A poll is asked again as long as the order is pending; anything else leaves it unknown."""
    is_poll = order.question_kind == WireKind.POLL.value
    return OrderState.PENDING if is_poll else OrderState.UNKNOWN
