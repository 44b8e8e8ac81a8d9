"""Renewal: allowed with a contract and an expired certificate, refused otherwise, and why."""

from __future__ import annotations

from pathlib import Path

from kiosk.cases import CaseStatus
from tests.screens.station import station


async def test_five_steps_and_the_new_pair_takes_the_place_of_the_old(tmp_path: Path) -> None:
    async with station(tmp_path, "milan") as at:
        old = {certificate.serial for certificate in at.desk.read_card().certificates}
        case = await at.open("renewal")
        await at.do_steps(1, 3)
        await at.citizen(4)
        at.fingers.enter_pin()
        await at.do_steps(5, 5)
        await at.home()
        new = {certificate.serial for certificate in at.desk.read_card().certificates}
        assert len(old) == len(new) == 2
        assert not old & new
        assert at.desk.case(case.id).status is CaseStatus.COMPLETED


async def test_refused_without_a_contract_and_the_refusal_is_recorded(tmp_path: Path) -> None:
    async with station(tmp_path, "jovana") as at:
        await at.opening("renewal")
        await at.shows("Нема важећег Уговора у архиви")
        await at.press("1")
        await at.press("enter")
        await at.home()
        assert at.desk.open_cases() == []
        row = at.desk.journal_rows(1)[0]
        assert row.kind == "refused"
        assert row.body["reasons"] == ["contract_valid"]


async def test_a_contract_on_paper_is_entered_with_who_saw_it(tmp_path: Path) -> None:
    async with station(tmp_path, "jovana") as at:
        await at.opening("renewal")
        await at.press("3")
        await at.shows("Уговор са папира")
        await at.press(*"7130-2021-77", "enter", *"31.02.2021", "enter", *"Petrović", "enter")
        await at.shows("Датум није исправан")
        await at.press(*["backspace"] * 12, *"12.11.2021.", "enter")
        await at.shows("Важећи Уговор 7130-2021-77")
        await at.press("1")
        screen = await at.step(1)
        assert screen.case.contract_number == "7130-2021-77"


async def test_refused_before_the_certificate_has_run_out_with_the_date(tmp_path: Path) -> None:
    async with station(tmp_path, "milan") as at:
        await at.open("renewal")
        await at.do_steps(1, 3)
        await at.citizen(4)
        at.fingers.enter_pin()
        await at.do_steps(5, 5)
        await at.opening("renewal")
        await at.shows("Обнављање је могуће од")
        await at.press("1", "enter")
        await at.home()
        assert at.desk.open_cases() == []


async def test_issuance_is_offered_instead(tmp_path: Path) -> None:
    async with station(tmp_path, "jovana") as at:
        await at.opening("renewal")
        await at.press("4")
        await at.shows("ИЗДАВАЊЕ")
        await at.press("1")
        assert (await at.step(1)).case.procedure_key == "issuance"
