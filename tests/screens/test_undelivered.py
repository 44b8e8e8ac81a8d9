"""Issued and not on the card: written again, suspended at the end of the day, released by itself, or revoked."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.ca.interface import NotSent, RevocationReason, Unknown
from kiosk.ca.status import Standing
from kiosk.cases import CaseStatus
from kiosk.orders import OrderState
from screens.day_book import DayBookScreen
from screens.refused import RefusedScreen, TakingBackScreen
from screens.revoke_undelivered import RevokeUndeliveredScreen
from screens.undelivered import UndeliveredScreen
from tests.enrolment.authorities import FarAuthority, Line
from tests.screens.issued import copied, standings
from tests.screens.station import Station, station


async def the_list(at: Station) -> UndeliveredScreen:
    await at.home()
    await at.press("5")
    await at.walk.screen(DayBookScreen)
    await at.press("2")
    return await at.walk.screen(UndeliveredScreen)


def held(at: Station, case_id: str) -> list[bool]:
    return [order.is_held for order in at.desk._enrolment._journal.orders(case_id)]


def refusing(at: Station, *lines: Line) -> FarAuthority:
    far = FarAuthority(at.desk._enrolment._authority, lines)
    at.desk._enrolment._authority = far
    return far


async def test_suspended_at_the_end_of_the_day_and_active_again_once_written_and_proved(
    tmp_path: Path, undelivered_office: Path
) -> None:
    folder = copied(undelivered_office, tmp_path)
    async with station(folder, "") as at:
        case_id = at.desk.open_cases()[0].case_id
        await the_list(at)
        await at.shows("Сертификати који нису на карти (2)")
        await at.shows("чека упис")
        await at.press("f9")
        await at.shows("Суспендовати све који чекају упис (2)?")
        await at.press("escape")
        assert standings(folder) == [Standing.ACTIVE] * 2
        await at.press("f9", "1")
        await at.shows("Суспендовано: 2. Чека одговор: 0.")
        await at.shows("суспендован")
        assert held(at, case_id) == [True, True]
        assert standings(folder) == [Standing.SUSPENDED] * 2
        await at.press("f9")
        await at.shows("нема шта да се суспендује")
        await at.press("f1")
        await at.shows("Enter довршава предмет")
        await at.press("escape")
        await at.insert("jovana")
        await at.walk_until(lambda: at.app.slot.value == "card", "the card")
        await at.press("enter")
        await at.do_steps(5, 5)
        await at.citizen(6)
        at.fingers.enter_pin()
        await at.do_steps(7, 7)
        await at.home()
        assert at.desk.case(case_id).status is CaseStatus.COMPLETED
        assert held(at, case_id) == [False, False]
        assert standings(folder) == [Standing.ACTIVE] * 2
        await the_list(at)
        await at.shows("нема")
        said = [row.body["act"] for row in at.desk.journal_rows() if row.kind == "order_finished"]
        assert said.count("hold") == said.count("release") == 2


async def test_what_will_never_be_delivered_is_revoked_after_a_second_look(
    tmp_path: Path, undelivered_office: Path
) -> None:
    folder = copied(undelivered_office, tmp_path)
    async with station(folder, "") as at:
        case_id = at.desk.open_cases()[0].case_id
        await the_list(at)
        await at.press("3")
        await at.walk.screen(RevokeUndeliveredScreen)
        await at.press("f5")
        await at.shows("Прво разлог.")
        await at.press("1")
        await at.shows("ПОГЛЕДАЈТЕ ЈОШ ЈЕДНОМ")
        await at.press("escape")
        assert standings(folder) == [Standing.ACTIVE] * 2
        await at.press("3", "2", "1", "f5")
        await at.shows("је закључен")
        await at.shows("нема")
        ended = at.desk.case(case_id)
        assert (ended.status, ended.reason) == (CaseStatus.ABANDONED, "Карта је замењена новом")
        assert standings(folder) == [Standing.REVOKED] * 2
        await at.insert("jovana")
        await at.walk_until(lambda: at.app.slot.value == "card", "the card")
        await at.press("escape", "escape")
        await at.open("issuance")


@pytest.mark.parametrize("fault", [NotSent("no line"), Unknown("no answer")], ids=lambda f: f.code)
async def test_a_suspension_that_did_not_go_through_is_told_and_goes_on(
    tmp_path: Path, undelivered_office: Path, fault: Exception
) -> None:
    folder = copied(undelivered_office, tmp_path)
    async with station(folder, "") as at:
        await the_list(at)
        office = at.desk.undelivered._status
        line = Line.NOT_SENT if isinstance(fault, NotSent) else Line.ANSWER_LOST
        office._authority = FarAuthority(office._authority, [Line.GOOD, line])
        await at.press("f9", "1")
        await at.fault(getattr(fault, "code", ""))
        await at.press("2", "f9", "1")
        await at.shows("Суспендовано: 1.")
    assert standings(folder) == [Standing.SUSPENDED] * 2


async def test_nothing_is_revoked_while_the_other_may_have_been_issued(tmp_path: Path) -> None:
    async with station(tmp_path) as at:
        case = await at.open("issuance")
        await at.do_steps(1, 5)
        refusing(at, Line.GOOD, *[Line.ANSWER_LOST] * 3)
        await at.citizen(6)
        at.fingers.enter_pin()
        await at.fault("К-0502")
        await at.press("2")
        await the_list(at)
        await at.shows("(1)")
        await at.press("3", "4", "f5")
        await at.fault("К-0502")
        assert at.desk.case(case.id).status is CaseStatus.SUSPENDED
    assert standings(tmp_path) == [Standing.ACTIVE] * 2


async def test_a_refused_case_is_told_in_the_authoritys_words_and_taken_back(tmp_path: Path) -> None:
    async with station(tmp_path) as at:
        before = at.desk.read_card().certificates
        case = await at.open("issuance")
        await at.do_steps(1, 5)
        refusing(at, Line.GOOD, Line.REFUSED)
        await at.citizen(6)
        at.fingers.enter_pin()
        await at.walk_until(lambda: isinstance(at.app.screen, RefusedScreen), "the refusal", 30)
        await at.shows("Презиме није исправно.")
        assert at.desk.journal_rows(1)[0].body["code"] == "К-0552"
        await at.press("2")
        await the_list(at)
        await at.shows("за опозив")
        await at.press("enter")
        await at.do_steps(5, 5)
        await at.walk_until(lambda: isinstance(at.app.screen, RefusedScreen), "the refusal before any PIN")
        await at.press("1")
        screen = await at.citizen(6)
        assert isinstance(screen, TakingBackScreen)
        at.fingers.enter_pin()
        await at.home()
        await at.walk_until(lambda: at.desk.case(case.id).status is CaseStatus.ABANDONED, "the end of the case")
        orders = at.desk._enrolment._journal.orders(case.id)
        assert [order.state for order in orders] == [OrderState.REVOKED, OrderState.WITHDRAWN]
        assert at.desk.read_card().certificates == before
        assert at.desk.open_cases() == []
        await at.open("issuance")
    assert standings(tmp_path) == [Standing.REVOKED]


async def test_a_cut_between_the_revocation_and_the_end_of_the_case_is_finished(
    tmp_path: Path, undelivered_office: Path
) -> None:
    folder = copied(undelivered_office, tmp_path)
    async with station(folder, "") as at:
        case_id = at.desk.open_cases()[0].case_id
        office = at.desk.undelivered._status
        for order in at.desk._enrolment._journal.orders(case_id):
            office.revoke(order, RevocationReason.SUPERSEDED)
        await the_list(at)
        await at.shows("3 закључује предмет")
        await at.press("3", "3", "f5")
        await at.shows("је закључен")
        assert at.desk.case(case_id).status is CaseStatus.ABANDONED
    assert standings(folder) == [Standing.REVOKED] * 2


async def test_the_card_leaves_while_the_keys_are_taken_back(tmp_path: Path) -> None:
    async with station(tmp_path) as at:
        case = await at.open("issuance")
        await at.do_steps(1, 5)
        refusing(at, Line.REFUSED)
        await at.citizen(6)
        at.fingers.enter_pin()
        await at.walk_until(lambda: isinstance(at.app.screen, RefusedScreen), "the refusal", 30)
        await at.press("1")
        await at.citizen(6)
        at.devices.eject()
        await at.fault("К-0303")
        await at.insert("jovana")
        await at.walk_until(lambda: at.app.slot.value == "card", "the card")
        await at.press("1")
        await at.citizen(6)
        at.fingers.enter_pin()
        await at.home()
        await at.walk_until(lambda: at.desk.case(case.id).status is CaseStatus.ABANDONED, "the end of the case")
        assert at.desk.read_card().certificates == ()
        assert at.desk.journal_rows(3)[1].kind == "keys_taken_back"
