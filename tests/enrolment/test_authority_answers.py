"""Late, lost, refusing, lying: each answer of an authority has its name, and one certificate comes of one order."""

from __future__ import annotations

import pytest

from kiosk.ca.interface import NotSent, ProtocolAlarm, Unknown
from kiosk.enrolment.errors import OrderRejected, StillPending
from kiosk.orders import OrderState
from tests.enrolment.authorities import CHECK_AFTER_S, REFUSAL, Line
from tests.enrolment.conftest import CounterMaker

STOPS = {
    Line.NOT_SENT: (NotSent, OrderState.SENT),
    Line.ANSWER_LOST: (Unknown, OrderState.SENT),
    Line.ALTERED: (ProtocolAlarm, OrderState.SENT),
    Line.LATER: (StillPending, OrderState.PENDING),
}


@pytest.mark.parametrize("first", [0, 1], ids=["authentication", "signature"])
@pytest.mark.parametrize("line", STOPS, ids=lambda line: line.name.lower())
def test_an_order_that_was_stopped_goes_on_with_the_same_bytes(
    counter_for: CounterMaker, line: Line, first: int
) -> None:
    error, state = STOPS[line]
    counter = counter_for("jovana", [Line.GOOD] * first + [line, line])
    for _ in range(2):
        with pytest.raises(error):
            counter.run()
        assert counter.states()[first] is state
    enrolled = counter.run()
    counter.require_one_certificate_each(enrolled)
    assert len(set(counter.authority.sent)) == 2


def test_a_late_answer_says_when_to_ask_again(counter_for: CounterMaker) -> None:
    counter = counter_for("jovana", [Line.LATER])
    with pytest.raises(StillPending) as caught:
        counter.run()
    assert caught.value.check_after_s == CHECK_AFTER_S


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
