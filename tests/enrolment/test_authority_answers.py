"""Late, lost, refusing, lying: each answer of an authority has its name, and one certificate comes of one order."""

from __future__ import annotations

from itertools import count

import pytest

from hardware.errors import CardRemoved
from kiosk.ca.interface import NotSent, ProtocolAlarm, Unknown
from kiosk.enrolment.errors import OrderRejected, StillPending
from kiosk.orders import OrderState
from tests.enrolment.authorities import CHECK_AFTER_S, REFUSAL, SOON_S, Line
from tests.enrolment.conftest import CounterMaker
from tests.enrolment.counter import CASE
from tests.proofs.register import registered

DELETE = b"\x00\xe4"

STOPS = {
    Line.NOT_SENT: (NotSent, OrderState.PREPARED, 1),
    Line.ANSWER_LOST: (Unknown, OrderState.UNKNOWN, 3),
    Line.ALTERED: (ProtocolAlarm, OrderState.UNKNOWN, 1),
    Line.LATER: (StillPending, OrderState.PENDING, 1),
}
"""What stops an order, where it then stands, and after how many lines: what is lost is sent again, then asked after."""


@pytest.mark.parametrize("first", [0, 1], ids=["authentication", "signature"])
@pytest.mark.parametrize("line", STOPS, ids=lambda line: line.name.lower())
def test_an_order_that_was_stopped_goes_on_with_the_same_bytes(
    counter_for: CounterMaker, line: Line, first: int
) -> None:
    error, state, times = STOPS[line]
    counter = counter_for("jovana", [Line.GOOD] * first + [line] * (2 * times))
    for _ in range(2):
        with pytest.raises(error):
            counter.run()
        assert counter.states()[first] is state
        counter.let_pass(CHECK_AFTER_S)
    enrolled = counter.run()
    counter.require_one_certificate_each(enrolled)
    assert len(set(counter.authority.sent)) == 2


def test_a_late_answer_says_when_to_ask_again(counter_for: CounterMaker) -> None:
    counter = counter_for("jovana", [Line.LATER])
    with pytest.raises(StillPending) as caught:
        counter.run()
    assert caught.value.check_after_s == CHECK_AFTER_S
    counter.let_pass(60)
    with pytest.raises(StillPending) as caught:
        counter.run()
    assert caught.value.check_after_s == CHECK_AFTER_S - 60
    assert len(counter.authority.sent) == 1


def test_an_answer_that_is_lost_twice_is_asked_after(counter_for: CounterMaker) -> None:
    counter = counter_for("jovana", [Line.ANSWER_LOST] * 2)
    counter.require_one_certificate_each(counter.run())
    assert len(counter.authority.sent) == 3
    assert len(set(counter.authority.sent)) == 2
    assert len(counter.authority.questions) == 1


def test_an_order_that_never_arrived_is_prepared_again_in_the_same_transaction(counter_for: CounterMaker) -> None:
    counter = counter_for("jovana", [Line.REQUEST_LOST] * 2)
    with pytest.raises(NotSent):
        counter.run()
    assert counter.states()[0] is OrderState.REQUESTED
    counter.require_one_certificate_each(counter.run())
    assert [order.attempt for order in counter.journal.orders(CASE)] == [1, 1]


def test_a_short_wait_is_waited_at_the_counter(counter_for: CounterMaker) -> None:
    counter = counter_for("jovana", [Line.SOON, Line.SOON])
    counter.require_one_certificate_each(counter.run())
    assert 2 * SOON_S - 1 < counter.waited_s <= 2 * SOON_S


def test_a_refusal_is_told_in_the_authoritys_words_each_time_and_never_sent_again(counter_for: CounterMaker) -> None:
    counter = counter_for("milan", [Line.GOOD, Line.REFUSED])
    before = counter.unlocked_chip().certificates()
    for _ in range(2):
        with pytest.raises(OrderRejected) as caught:
            counter.run()
        assert (caught.value.reason, caught.value.text) == (REFUSAL.code, REFUSAL.text)
    assert counter.states() == [OrderState.ISSUED, OrderState.REJECTED]
    assert len(counter.authority.sent) == 2
    assert counter.unlocked_chip().certificates() == before


@pytest.mark.parametrize("lines", [[Line.REFUSED], [Line.GOOD, Line.REFUSED]], ids=["authentication", "signature"])
def test_a_refused_case_is_taken_back_and_the_old_pairs_stay(counter_for: CounterMaker, lines: list[Line]) -> None:
    counter = counter_for("milan", lines)
    chip = counter.unlocked_chip()
    before = (chip.key_pairs(), chip.certificates())
    with pytest.raises(OrderRejected):
        counter.run()
    assert counter.enrolment.is_rejected(CASE)
    to_revoke = counter.enrolment.withdraw(CASE, counter.unlocked_chip())
    assert to_revoke == tuple(registered(counter.folder))
    assert (chip.key_pairs(), chip.certificates(), chip.leftovers()) == (*before, ())
    assert not counter.enrolment.has_begun(CASE)
    assert not counter.enrolment.is_rejected(CASE)
    assert counter.states() == [OrderState.WITHDRAWN] * 2
    assert counter.journal.open_orders() == []
    with pytest.raises(OrderRejected):
        counter.run()


@pytest.mark.parametrize("deletion", range(1, 11))
def test_taking_back_goes_on_after_a_cut_at_any_deletion(counter_for: CounterMaker, deletion: int) -> None:
    counter = counter_for("jovana", [Line.GOOD, Line.REFUSED])
    before = set(counter.card.memory.files)
    with pytest.raises(OrderRejected):
        counter.run()
    deletions = count(1)

    def cut(command: bytes) -> None:
        if command[:2] == DELETE and next(deletions) == deletion:
            raise CardRemoved

    counter.card.before = cut
    with pytest.raises(CardRemoved):
        counter.enrolment.withdraw(CASE, counter.unlocked_chip())
    assert counter.enrolment.is_rejected(CASE)
    counter.enrolment.withdraw(CASE, counter.unlocked_chip())
    assert not counter.enrolment.is_rejected(CASE)
    assert counter.states() == [OrderState.WITHDRAWN] * 2
    assert set(counter.card.memory.files) == before


def test_a_case_that_was_not_refused_is_not_taken_back(counter_for: CounterMaker) -> None:
    counter = counter_for("jovana")
    enrolled = counter.run()
    assert counter.enrolment.withdraw(CASE, counter.unlocked_chip()) == ()
    counter.require_one_certificate_each(enrolled)
