"""The unblock with PIN change: the citizen alone sets a new PIN."""

from __future__ import annotations

from pathlib import Path

from kiosk.cases import CaseStatus
from kiosk.config import Rules
from kiosk.procedures.evidence import ReceiptConfirmed, UnblockRequested
from screens.bodies.checklist import ChecklistScreen
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


async def test_keep_is_answered_honestly_and_the_citizen_may_change_the_mind(tmp_path: Path) -> None:
    async with station(tmp_path, "blokiran") as at:
        case = await at.open("unblock")
        await at.press("1", "9")
        await at.shows("није објављена наредба карте")
        await at.press("escape")
        await at.step(1)
        await at.shows("9  Заокружен је број 1")
        await at.press("9", "1")
        screen = await at.step(1)
        await at.shows("пристао на промену")
        assert isinstance(screen, ChecklistScreen)
        assert 0 not in screen.ticked, "the number that is circled now has to be looked at again"
        await at.do_steps(1, 1)
        await at.step(2)
        requested = at.desk.case(case.id).evidence[1]
        assert isinstance(requested, UnblockRequested)
        assert requested.keep_was_circled
        assert requested.pin_choice == "change"


async def test_keep_and_nothing_else_ends_the_case_with_its_cause(tmp_path: Path) -> None:
    async with station(tmp_path, "blokiran") as at:
        case = await at.open("unblock")
        commands = at.desk.apdu_count()
        await at.press("9", "2")
        await at.home()
        ended = at.desk.case(case.id)
        assert ended.status is CaseStatus.ABANDONED
        assert "задржи ПИН" in ended.reason
        assert at.desk.apdu_count() == commands


async def test_a_second_clerk_where_the_office_asks_for_one(tmp_path: Path) -> None:
    async with station(tmp_path, "blokiran", rules=Rules(unblock_needs_second_clerk=True)) as at:
        case = await at.open("unblock")
        await at.do_steps(1, 1)
        await at.step(2)
        await at.shows("одобрава и други службеник")
        await at.press("1", "enter")
        await at.shows("Службени број другог службеника")
        await at.press(*at.desk.clerk, "enter")
        await at.shows("ДРУГОГ службеника")
        await at.press("enter")
        assert at.desk.case(case.id).at == 2
        await at.press(*["backspace"] * 4, *"0043", "enter")
        await at.step(3)
        receipt = at.desk.case(case.id).evidence[2]
        assert isinstance(receipt, ReceiptConfirmed)
        assert receipt.second_clerk == "0043"


async def test_without_that_setting_nobody_else_is_asked(tmp_path: Path) -> None:
    async with station(tmp_path, "blokiran") as at:
        case = await at.open("unblock")
        await at.do_steps(1, 2)
        await at.step(3)
        receipt = at.desk.case(case.id).evidence[2]
        assert isinstance(receipt, ReceiptConfirmed)
        assert receipt.second_clerk is None
