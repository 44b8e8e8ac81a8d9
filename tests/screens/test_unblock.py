"""The unblock with PIN change: the citizen alone sets a new PIN."""

from __future__ import annotations

from pathlib import Path

from kiosk.cases import CaseStatus
from tests.screens.station import station


async def test_blocked_card_gets_a_new_pin_then_its_certificates(tmp_path: Path) -> None:
    async with station(tmp_path, "blokiran") as at:
        await at.opening("issuance")
        await at.shows("ПИН је блокиран")
        await at.press("1")
        unblock = (await at.step(1)).case
        assert unblock.procedure_key == "unblock"
        await at.do_steps(1, 3)
        await at.citizen(4)
        at.fingers.enter_new_pin()
        at.fingers.remember_new_pin()
        await at.do_steps(5, 5)
        issuance = (await at.step(1)).case
        assert issuance.id == unblock.parent_id
        await at.do_steps(1, 5)
        await at.citizen(6)
        at.fingers.enter_pin()
        await at.do_steps(7, 7)
        await at.home()
        assert at.desk.case(issuance.id).status is CaseStatus.COMPLETED
        assert at.desk.case(unblock.id).status is CaseStatus.COMPLETED


async def test_weak_and_unequal_new_pins_are_asked_again(tmp_path: Path) -> None:
    async with station(tmp_path, "blokiran") as at:
        await at.open("unblock")
        await at.do_steps(1, 3)
        await at.citizen(4)
        at.fingers.enter_weak_new_pin()
        await at.shows("То је низ, као 1234")
        at.fingers.enter_different_new_pins()
        await at.shows("Два уноса нису једнака")
        at.fingers.enter_new_pin()
        await at.do_steps(5, 5)
        await at.home()
        assert at.desk.read_card().pin.tries_left == 3


async def test_the_case_it_came_from_waits_until_it_is_done(tmp_path: Path) -> None:
    async with station(tmp_path, "blokiran") as at:
        await at.opening("issuance")
        await at.press("1")
        unblock = (await at.step(1)).case
        await at.press("f12", "1")
        await at.home()
        assert at.desk.case(unblock.id).status is CaseStatus.ABANDONED
        assert unblock.parent_id is not None
        assert at.desk.case(unblock.parent_id).status is CaseStatus.SUSPENDED
