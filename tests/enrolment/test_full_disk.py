"""The journal's disk is full: the act is refused before it begins, or done and found again; nothing is done twice."""

from __future__ import annotations

import pytest

from data.errors import DiskFault, DiskFull
from kiosk.ca.interface import AuthorityUnusable
from kiosk.enrolment.interface import Stage
from tests.enrolment.conftest import CounterMaker
from tests.enrolment.counter import AtStage, small_disk

GENERATE, SIGN, UPDATE = b"\xb0\x46", b"\x00\x2a", b"\x00\xd6"
NO_ROOM = (DiskFull, DiskFault)


@pytest.mark.parametrize("stage", Stage, ids=lambda stage: stage.value)
@pytest.mark.parametrize("citizen", ["jovana", "milan"])
def test_nothing_is_begun_that_the_journal_cannot_note(counter_for: CounterMaker, citizen: str, stage: Stage) -> None:
    counter = counter_for(citizen)
    changed: list[bytes] = []

    def watch(command: bytes) -> None:
        if command[:2] in (GENERATE, UPDATE):
            changed.append(command)

    with small_disk() as disk:

        def fill() -> None:
            counter.card.before = watch
            disk.fill()

        with pytest.raises(NO_ROOM):
            counter.run(observer=AtStage(stage, fill))
        disk.make_room()
        sent = len(counter.authority.sent)
        assert changed == []
        counter.require_one_certificate_each(counter.run())
    assert sent <= 2
    assert len(counter.authority.sent) == 2


@pytest.mark.parametrize("instruction", [GENERATE, SIGN, UPDATE], ids=["generate", "sign", "write"])
def test_what_was_done_and_could_not_be_noted_is_found_again(counter_for: CounterMaker, instruction: bytes) -> None:
    counter = counter_for("milan")
    with small_disk() as disk:

        def fill(command: bytes) -> None:
            if command[:2] == instruction:
                counter.card.before = lambda command: None
                disk.fill()

        counter.card.before = fill
        with pytest.raises(NO_ROOM):
            counter.run()
        disk.make_room()
        counter.require_one_certificate_each(counter.run())


def test_an_answer_that_could_not_be_noted_is_asked_for_again_with_the_same_bytes(counter_for: CounterMaker) -> None:
    counter = counter_for("jovana")
    with small_disk() as disk:
        counter.authority.before_answer = disk.fill
        with pytest.raises(NO_ROOM):
            counter.run()
        disk.make_room()
        counter.authority.before_answer = lambda: None
        counter.require_one_certificate_each(counter.run())
    assert len(counter.authority.sent) == 3
    assert len(set(counter.authority.sent)) == 2


def test_an_authority_whose_register_is_full_is_named(counter_for: CounterMaker) -> None:
    counter = counter_for("jovana")
    with small_disk() as disk:
        prepared = counter.authority.exchange

        def exchange_on_full_disk(wire: object) -> bytes:
            disk.fill()
            return prepared(wire)  # type: ignore[arg-type]  # passed on as it came

        counter.authority.exchange = exchange_on_full_disk  # type: ignore[method-assign]
        with pytest.raises(AuthorityUnusable):
            counter.run()
        disk.make_room()
        counter.authority.exchange = prepared  # type: ignore[method-assign]
        counter.require_one_certificate_each(counter.run())
