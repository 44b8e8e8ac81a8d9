"""The retry rules where they bite: what may be sent again, what may begin anew, and where only a person may go on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from data.archive import Archive
from data.orders import OrderJournal
from kiosk.ca.cmp.authority import CmpAuthority, Terms
from kiosk.ca.cmp.credentials import Credentials
from kiosk.ca.interface import AuthFailed, ClockSkew, IssueRequest, NotSent, ProtocolAlarm, Unknown
from kiosk.enrolment.asking import Asking
from kiosk.enrolment.confirming import Confirming
from kiosk.enrolment.enrolment import Enrolment
from kiosk.enrolment.errors import OrderRejected, StillPending
from kiosk.enrolment.patience import Patience
from kiosk.orders import Act, Order, OrderState
from tests.ca.houses import order_of
from tests.data.invented import CLERK, new_case
from tests.services.cmp.lines import Conversation, Line
from tests.services.cmp.office import terms_of
from tests.services.cmp.pki import Pki, make_pki, redated
from tests.services.cmp.responder import Habits, Responder

CASE = "2031-000019"
LOST = (Line.REQUEST_LOST, Line.REQUEST_LATE, Line.ANSWER_LOST)


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return make_pki(tmp_path_factory.mktemp("pki"))


@pytest.fixture(scope="module")
def request_(tmp_path_factory: pytest.TempPathFactory) -> IssueRequest:
    return order_of(rsa.generate_private_key(public_exponent=65537, key_size=2048))


class Office:
    """One order over the real journal; the line to the responder is played without a network."""

    def __init__(self, folder: Path, pki: Pki, request: IssueRequest) -> None:
        self.pki = pki
        self.request = request
        self.habits = Habits(knows_keys=False)
        self.offset = timedelta()
        self.terms: Terms = terms_of(pki)
        self.identity = pki.office
        self.archive = Archive.open(folder, lambda: datetime.now(UTC))
        new_case(self.archive, id=CASE)
        self.journal = OrderJournal(self.archive, CLERK)
        self.responder = Responder(pki, self.habits, self.server_clock)
        self.line = Conversation(self.responder)
        order_id = f"{CASE}/{request.profile.value}"
        order = Order(order_id=order_id, case_id=CASE, profile=request.profile, csr=request.csr, email=request.email)
        self.journal.finish(replace(order, state=OrderState.REQUESTED), Act.REQUEST)

    def server_clock(self) -> datetime:
        return datetime.now(UTC) + max(self.offset, timedelta())

    def clock(self) -> datetime:
        return datetime.now(UTC) + self.offset

    def post(self, message: bytes) -> bytes:
        """Across the line."""
        line, answer = self.line.hear(message)
        if line in LOST:
            raise Unknown(line.value)
        return answer

    def lines(self, *lines: Line) -> None:
        """What happens to the next exchanges."""
        self.line = Conversation(self.responder, lines)

    @property
    def order(self) -> Order:
        [order] = self.journal.orders(CASE)
        return order

    @property
    def authority(self) -> CmpAuthority:
        credentials = Credentials(private_key=self.identity.key, certificate=self.identity.certificate)
        return CmpAuthority(self.terms, credentials, self, self.clock)

    @property
    def patience(self) -> Patience:
        return Patience(clock=self.clock, wait=lambda seconds: None, longest_s=2)

    def ask(self) -> Order:
        """As the clerk does: as far as it goes."""
        certified = Asking(self.authority, self.journal, self.request.subject, self.patience).certify(self.order)
        return Confirming(self.authority, self.journal, self.request.subject).confirm(certified)

    def stops(self, error: type[Exception], state: OrderState, times: int = 1) -> None:
        for _ in range(times):
            with pytest.raises(error):
                self.ask()
            assert self.order.state is state

    def require_one(self) -> None:
        """The order has the one certificate that was ever issued, and the authority knows that it has."""
        order = self.ask()
        assert order.state is OrderState.CONFIRMED
        books = self.responder.books()
        assert (books["certificates"], books["confirmed"]) == ([order.certificate.hex()], [True])
        assert self.responder.live() == [order.serial]


@pytest.fixture
def office(tmp_path: Path, pki: Pki, request_: IssueRequest) -> Iterator[Office]:
    made = Office(tmp_path, pki, request_)
    yield made
    made.archive.close()


def test_what_has_provably_never_left_is_prepared_again_when_it_is_stale(office: Office) -> None:
    post, office.post = office.post, no_line  # type: ignore[method-assign]
    office.stops(NotSent, OrderState.PREPARED)
    first = office.order.wire_body
    office.stops(NotSent, OrderState.PREPARED)
    assert office.order.wire_body == first
    office.offset = timedelta(minutes=5)
    office.stops(NotSent, OrderState.PREPARED)
    assert office.order.wire_body != first
    office.post = post  # type: ignore[method-assign]
    office.require_one()
    assert office.order.attempt == 1


def no_line(message: bytes) -> bytes:
    raise NotSent("refused")


@pytest.mark.parametrize("line", LOST)
def test_what_was_lost_is_sent_again_as_it_was(line: Line, office: Office) -> None:
    office.lines(line)
    office.require_one()
    first, again, *_ = office.line.requests
    assert first == again


def test_what_was_lost_twice_is_asked_after(office: Office) -> None:
    office.lines(Line.ANSWER_LOST, Line.ANSWER_LOST)
    office.require_one()
    assert office.responder.received == ["p10cr", "p10cr", "pollReq", "certConf"]


def test_what_is_known_to_the_authority_is_asked_after_and_not_sent_again(office: Office) -> None:
    office.habits.repeats_answers = False
    office.lines(Line.ANSWER_LOST)
    office.require_one()
    assert office.responder.received == ["p10cr", "p10cr", "pollReq", "certConf"]


def test_without_a_lookup_a_person_must_go_on(office: Office) -> None:
    office.terms = replace(office.terms, lookup=False)
    office.lines(*[Line.ANSWER_LOST] * 3)
    office.stops(Unknown, OrderState.UNKNOWN, times=2)
    assert len(set(office.line.requests)) == 1
    office.require_one()


def test_a_person_may_go_on_only_when_nothing_can_arrive_any_more(office: Office) -> None:
    office.terms = replace(office.terms, lookup=False)
    office.lines(Line.REQUEST_LOST, Line.REQUEST_LOST)
    office.stops(Unknown, OrderState.UNKNOWN)
    enrolment = Enrolment(office.authority, office.journal)
    assert not enrolment.not_issued(CASE)
    office.offset = timedelta(minutes=6)
    office.stops(ClockSkew, OrderState.UNKNOWN)
    assert Enrolment(office.authority, office.journal).not_issued(CASE)
    assert (office.order.state, office.order.attempt) == (OrderState.REQUESTED, 2)
    office.require_one()
    assert not Enrolment(office.authority, office.journal).not_issued(CASE)


def test_a_message_refused_unread_ends_its_transaction(office: Office) -> None:
    office.offset = timedelta(days=-1)
    office.stops(ClockSkew, OrderState.REQUESTED, times=2)
    assert office.order.attempt == 3
    office.offset = timedelta()
    office.require_one()


def test_a_copy_refused_unread_does_not_end_a_transaction_that_may_have_been_taken(office: Office) -> None:
    office.terms = replace(office.terms, lookup=False)
    office.habits.repeats_answers = False
    office.lines(Line.ANSWER_LOST, Line.ANSWER_LOST)
    office.stops(Unknown, OrderState.UNKNOWN)
    office.offset = timedelta(minutes=6)
    office.stops(ClockSkew, OrderState.UNKNOWN, times=2)
    assert office.order.attempt == 1
    office.terms = replace(office.terms, lookup=True)
    office.require_one()


def test_a_pending_order_the_authority_has_forgotten_is_never_begun_anew(office: Office) -> None:
    """It was taken once: that the stale message is refused now says nothing about what became of it."""
    office.habits.waits = 1000
    office.stops(StillPending, OrderState.PENDING)
    forgotten = dict(office.responder.transactions)
    office.responder.transactions.clear()
    office.offset = timedelta(minutes=6)
    office.stops(Unknown, OrderState.UNKNOWN)
    office.stops(Unknown, OrderState.UNKNOWN)
    assert office.order.attempt == 1
    office.responder.transactions.update(forgotten)
    for transaction in forgotten.values():
        transaction.waits = 0
    office.require_one()


@pytest.mark.parametrize("waits", [1, 3])
@pytest.mark.parametrize("line", LOST)
def test_a_poll_that_was_lost_is_repeated(line: Line, waits: int, office: Office) -> None:
    office.habits.waits = waits
    office.lines(Line.GOOD, line)
    office.require_one()


@pytest.mark.parametrize("line", [Line.ANSWER_TWICE, Line.OTHER_TRANSACTION])
def test_an_alarm_stops_and_is_lost_to_nobody(line: Line, office: Office) -> None:
    office.habits.waits = 1
    office.lines(line)
    with pytest.raises(ProtocolAlarm):
        office.ask()
    assert office.order.answer == b""
    office.require_one()


def test_a_rejection_after_a_loss_is_believed_only_if_nothing_is_found(office: Office) -> None:
    """The first copy was issued; the second is refused in words that do not say so."""
    office.habits.repeats_answers = False
    office.lines(Line.ANSWER_LOST)
    answer = office.responder.answer

    def refusing(raw: bytes) -> bytes:
        if len(office.responder.received) == 1:
            office.responder.transactions, kept = {}, office.responder.transactions
            office.habits.refuses = "badCertTemplate"
            try:
                return answer(raw)
            finally:
                office.responder.transactions, office.habits.refuses = kept, ""
        return answer(raw)

    office.responder.answer = refusing  # type: ignore[method-assign]
    office.require_one()


def test_a_rejection_is_told_again_and_never_sent_again(office: Office) -> None:
    office.habits.refuses = "badCertTemplate"
    office.stops(OrderRejected, OrderState.REJECTED, times=3)
    assert (office.order.refusal_code, office.responder.received) == ("badCertTemplate", ["p10cr"])


# --- the confirmation -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("line", LOST)
def test_a_confirmation_that_was_lost_is_said_again(line: Line, office: Office) -> None:
    office.lines(Line.GOOD, line)
    office.require_one()


def test_nothing_is_confirmed_before_the_certificate_is_stored(office: Office) -> None:
    stored: list[bytes] = []
    hear = office.post

    def watch(message: bytes) -> bytes:
        stored.append(office.order.certificate)
        return hear(message)

    office.post = watch  # type: ignore[method-assign]
    office.require_one()
    assert [bool(certificate) for certificate in stored] == [False, True]


def test_a_confirmation_that_waited_too_long_is_made_anew(office: Office) -> None:
    office.lines(Line.GOOD, Line.ANSWER_LOST, Line.ANSWER_LOST)
    office.stops(Unknown, OrderState.ISSUED)
    said = office.order.confirm_body
    office.offset = timedelta(minutes=6)
    office.require_one()
    assert office.order.confirm_body != said


def test_a_certificate_the_authority_has_taken_back_is_not_written(office: Office) -> None:
    office.lines(Line.GOOD, Line.REQUEST_LOST, Line.REQUEST_LOST)
    office.stops(Unknown, OrderState.ISSUED)
    office.responder.transactions.clear()
    office.stops(OrderRejected, OrderState.REJECTED)
    assert office.order.serial


def test_a_confirmation_refused_unread_is_made_anew(office: Office) -> None:
    office.lines(Line.GOOD, Line.REQUEST_LOST, Line.REQUEST_LOST)
    office.stops(Unknown, OrderState.ISSUED)
    office.offset = timedelta(days=-1)
    office.stops(ClockSkew, OrderState.ISSUED)
    assert office.order.confirm_body == b""
    office.offset = timedelta()
    office.require_one()


def test_an_office_that_may_not_ask_is_told_so_and_may_ask_later(office: Office) -> None:
    office.identity = redated(office.pki.office, office.pki.infrastructure, datetime.now(UTC), (-30, -1))
    office.stops(AuthFailed, OrderState.REQUESTED, times=2)
    assert office.responder.received == []
    office.identity = office.pki.office
    office.require_one()
    assert office.order.attempt == 1
