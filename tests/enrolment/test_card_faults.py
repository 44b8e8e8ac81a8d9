"""What the card can do to an enrolment: another one, a full one, one that forgets; nothing is lost or done twice."""

from __future__ import annotations

import pytest

from hardware.cardedge import certificate_file
from hardware.errors import CardFull, CardSwapped
from hardware.interface import KeyPurpose
from kiosk.ca.interface import Unknown
from kiosk.enrolment.errors import ProofFailed
from kiosk.enrolment.interface import Stage
from kiosk.orders import OrderState
from tests.enrolment.authorities import Line
from tests.enrolment.conftest import CounterMaker
from tests.enrolment.counter import CASE, OTHER_CARD, AtStage, Counter

GENERATE = b"\xb0\x46"
CREATE = b"\x00\xe0"


def memory(counter: Counter) -> dict[int, bytes]:
    return {file_id: bytes(one.content) for file_id, one in counter.card.memory.files.items()}


def test_another_card_is_refused_before_anything_is_written_or_sent(counter_for: CounterMaker) -> None:
    counter = counter_for("jovana", [Line.ANSWER_LOST] * 3)
    with pytest.raises(Unknown):
        counter.run()
    own_card, sent = counter.card, len(counter.authority.sent)
    counter.insert(OTHER_CARD)
    before = memory(counter)
    with pytest.raises(CardSwapped):
        counter.run()
    assert memory(counter) == before
    assert len(counter.authority.sent) == sent
    assert counter.states() == [OrderState.UNKNOWN, OrderState.REQUESTED]
    counter.put_back(own_card)
    counter.require_one_certificate_each(counter.run())


@pytest.mark.parametrize("citizen", ["jovana", "milan"])
def test_a_card_without_room_is_refused_before_a_key_is_made(counter_for: CounterMaker, citizen: str) -> None:
    counter = counter_for(citizen)
    system = counter.card.memory
    used, capacity = system.capacity - system.free(), system.capacity
    before = memory(counter)
    system.capacity = used + 5000
    with pytest.raises(CardFull):
        counter.enrolment.require_room(CASE, counter.devices.open_chip().token())
    with pytest.raises(CardFull):
        counter.run()
    assert memory(counter) == before
    assert not counter.enrolment.has_begun(CASE)
    assert counter.authority.sent == []
    system.capacity = capacity
    counter.require_one_certificate_each(counter.run())


def test_room_that_is_just_enough_is_enough(counter_for: CounterMaker) -> None:
    counter = counter_for("milan")
    system = counter.card.memory
    system.capacity -= system.free() - 7200
    counter.require_one_certificate_each(counter.run())


@pytest.mark.parametrize("stage", [Stage.KEYS, Stage.WRITE])
def test_a_card_that_fills_up_under_way_goes_on_when_there_is_room(counter_for: CounterMaker, stage: Stage) -> None:
    counter = counter_for("milan")
    system, capacity = counter.card.memory, counter.card.memory.capacity
    old = {c.certificate for c in counter.unlocked_chip().certificates()}

    def fill() -> None:
        system.capacity -= system.free() - 300

    with pytest.raises(CardFull):
        counter.run(observer=AtStage(stage, fill))
    assert old <= {c.certificate for c in counter.unlocked_chip().certificates()}
    system.capacity = capacity
    counter.require_one_certificate_each(counter.run())


def other_content(counter: Counter) -> None:
    """Another certificate where the new one was written."""
    files = counter.card.memory.files
    files[0x7104].content = bytearray(certificate_file.encode(certificate_file.parse(bytes(files[0x7105].content), "")))


def torn_content(counter: Counter) -> None:
    files = counter.card.memory.files
    files[0x7104].content[40] ^= 0xFF


def no_content(counter: Counter) -> None:
    del counter.card.memory.files[0x7104]


@pytest.mark.parametrize("spoil", [other_content, torn_content, no_content])
def test_a_certificate_that_reads_back_otherwise_is_written_again(counter_for: CounterMaker, spoil: object) -> None:
    assert callable(spoil)
    counter = counter_for("milan")
    old = counter.unlocked_chip().certificates()
    with pytest.raises(ProofFailed) as caught:
        counter.run(observer=AtStage(Stage.WRITE, lambda: spoil(counter), when_finished=True))
    assert caught.value.what == "read_back"
    assert set(old) <= set(counter.unlocked_chip().certificates())
    assert counter.states() == [OrderState.ISSUED, OrderState.WRITTEN]
    sent = len(counter.authority.sent)
    counter.require_one_certificate_each(counter.run())
    assert len(counter.authority.sent) == sent


def test_a_lone_public_key_that_a_cut_left_is_replaced_by_a_whole_pair(counter_for: CounterMaker) -> None:
    """How a real chip tears GENERATE is not published; half a pair must not stop the case for ever."""
    counter = counter_for("jovana")

    def tear(command: bytes) -> None:
        if command[:2] == CREATE and 0x6005 in counter.card.memory.files:
            counter.card.before = lambda command: None
            del counter.card.memory.files[0x6005]
            raise Unplugged

    counter.card.before = tear
    with pytest.raises(Unplugged):
        counter.run()
    assert [pair.purpose for pair in counter.unlocked_chip().key_pairs()] == [KeyPurpose.AUTHENTICATION]
    counter.require_one_certificate_each(counter.run())


class Unplugged(Exception):
    """Stands for the end of power."""
