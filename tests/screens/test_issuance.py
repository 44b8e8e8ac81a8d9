"""Issuance as clerk and citizen walk it, step by step, and what goes wrong on the way."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography import x509

from hardware.cardedge.layout import GENERAL
from kiosk.cases import CaseStatus
from kiosk.procedures.evidence import CertificateWritten, DossierFiled, ProcessStarted, RequestReceived
from tests.screens.station import Station, station

MIDDLE = 6


async def to_citizen(at: Station) -> None:
    await at.open("issuance")
    await at.do_steps(1, 5)


async def finish(at: Station) -> None:
    await at.do_steps(7, 7)
    await at.home()


async def test_seven_steps_by_keys_alone(tmp_path: Path) -> None:
    async with station(tmp_path) as at:
        case = await at.open("issuance")
        await at.press("5", *"jovana@primer.rs", "enter", "1", "2", "enter")
        await at.press("1", "2", "enter")
        await at.step(3)
        await at.press("1", "2", "3", "enter")
        await at.step(4)
        assert "J O V A N A @ P R I M E R · тачка · R S" in at.text
        await at.press("enter")
        await at.do_steps(5, 5)
        await at.citizen(6)
        at.fingers.enter_pin()
        await at.step(7)
        await at.press("1", "2", "3", "4", "5", "6", "enter")
        await at.home()
        closed = at.desk.case(case.id)
        assert closed.status is CaseStatus.COMPLETED
        request, started, written, filed = (closed.evidence[number] for number in (1, 4, 6, 7))
        assert isinstance(request, RequestReceived) and request.email_wish == "jovana@primer.rs"
        assert isinstance(started, ProcessStarted) and started.email_in_certificate == "jovana@primer.rs"
        assert isinstance(written, CertificateWritten) and written.read_back
        assert isinstance(filed, DossierFiled)
        assert filed.handed_over == ("id_card", "agreement", "general_terms")
        assert filed.filed == ("request", "agreement", "general_terms")
        for stored in at.desk.read_card().certificates:
            certificate = x509.load_der_x509_certificate(stored.der)
            names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
            assert names.get_values_for_type(x509.RFC822Name) == ["jovana@primer.rs"]


async def test_enter_alone_never_passes_a_check_list(tmp_path: Path) -> None:
    async with station(tmp_path) as at:
        await at.open("issuance")
        await at.press("enter")
        await at.shows("Није све означено: остало 1, 2.")
        await at.press("1", "enter")
        await at.shows("Није све означено: остало 2.")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("jovana", "Адреса има тачно један знак @."),
        ("a@b@c.rs", "Адреса има тачно један знак @."),
        ("jovana@rs", "Иза знака @ мора бити тачка."),
        ("јована@пример.срб", "Само латиница без квачица."),
        (".a..b@c.rs", "Адреса није исправног облика."),
    ],
)
async def test_an_address_that_no_certificate_may_carry(tmp_path: Path, typed: str, said: str) -> None:
    async with station(tmp_path) as at:
        case = await at.open("issuance")
        await at.press("5", *typed, "enter")
        await at.shows(said)
        await at.press("escape", "1", "2", "enter")
        await at.step(2)
        request = at.desk.case(case.id).evidence[1]
        assert isinstance(request, RequestReceived) and request.email_wish is None


async def test_wrong_pin_then_right_pin(tmp_path: Path) -> None:
    async with station(tmp_path) as at:
        await to_citizen(at)
        await at.citizen(MIDDLE)
        at.fingers.enter_wrong_pin()
        await at.shows("ПИН НИЈЕ ИСПРАВАН")
        await at.shows("Преостало покушаја: 2")
        await at.press("enter")
        await at.citizen(MIDDLE)
        at.fingers.enter_pin()
        await at.step(7)
        await finish(at)


async def test_the_last_try_needs_more_than_enter(tmp_path: Path) -> None:
    async with station(tmp_path) as at:
        await to_citizen(at)
        for left in (2, 1):
            await at.citizen(MIDDLE)
            at.fingers.enter_wrong_pin()
            await at.shows(f"Преостало покушаја: {left}" if left > 1 else "Ово је последњи покушај.")
            if left == 2:
                await at.press("enter")
        await at.press("enter", "enter")
        assert "ПИН НИЈЕ ИСПРАВАН" in at.text
        await at.press("f5")
        await at.citizen(MIDDLE)
        at.fingers.enter_pin()
        await at.step(7)
        assert at.desk.read_card().pin.tries_left == 3


async def test_a_blocked_pin_leads_to_the_unblock_and_back(tmp_path: Path) -> None:
    async with station(tmp_path) as at:
        case = await at.open("issuance")
        await at.do_steps(1, 5)
        for left in (2, 1):
            await at.citizen(MIDDLE)
            at.fingers.enter_wrong_pin()
            await at.shows(f"Преостало покушаја: {left}" if left > 1 else "Ово је последњи покушај.")
            await at.press("f5")
        await at.citizen(MIDDLE)
        at.fingers.enter_wrong_pin()
        await at.fault("К-0302")
        await at.press("1")
        await at.do_steps(1, 3)
        assert at.desk.case(case.id).status is CaseStatus.SUSPENDED
        await at.citizen(4)
        at.fingers.enter_new_pin()
        at.fingers.remember_new_pin()
        await at.do_steps(5, 5)
        back = await at.step(5)
        assert back.case.id == case.id
        await at.do_steps(5, 5)
        await at.citizen(MIDDLE)
        at.fingers.enter_pin()
        await at.step(7)
        await finish(at)
        assert at.desk.case(case.id).status is CaseStatus.COMPLETED


async def test_a_citizen_who_does_not_know_the_pin_is_unblocked_first(tmp_path: Path) -> None:
    async with station(tmp_path) as at:
        await at.opening("issuance")
        await at.press("9")
        await at.shows("ДА - прво деблокада")
        await at.press("1")
        screen = await at.step(1)
        assert screen.case.procedure_key == "unblock"
        assert screen.case.parent_id is not None


async def test_cancelled_and_expired_entries_spend_no_try(tmp_path: Path) -> None:
    async with station(tmp_path) as at:
        await to_citizen(at)
        await at.citizen(MIDDLE)
        at.fingers.cancel()
        await at.fault("К-0303")
        await at.press("1")
        await at.citizen(MIDDLE)
        await at.press("f12")
        await at.fault("К-0303")
        assert at.desk.read_card().pin.tries_left == 3


async def test_going_back_keeps_what_was_recorded(tmp_path: Path) -> None:
    async with station(tmp_path) as at:
        case = await at.open("issuance")
        await at.do_steps(1, 2)
        await at.step(3)
        await at.press("escape")
        await at.step(2)
        await at.press("escape")
        await at.step(1)
        assert set(at.desk.case(case.id).evidence) == {1, 2}
        await at.press("enter")
        await at.press("enter")
        await at.step(3)


async def test_abandoned_with_a_recorded_cause(tmp_path: Path) -> None:
    async with station(tmp_path) as at:
        case = await at.open("issuance")
        await at.press("f12")
        await at.shows("Зашто се предмет прекида?")
        await at.press("1")
        await at.home()
        ended = at.desk.case(case.id)
        assert (ended.status, ended.reason) == (CaseStatus.ABANDONED, "Корисник је одустао")


async def test_abandoned_for_a_reason_of_its_own(tmp_path: Path) -> None:
    async with station(tmp_path) as at:
        case = await at.open("issuance")
        await at.press("f12", "9", "enter")
        await at.shows("Упишите разлог")
        await at.press(*"Nestalo struje", "enter")
        await at.home()
        assert at.desk.case(case.id).reason == "Nestalo struje"


async def test_set_aside_and_taken_up_again_after_a_restart(tmp_path: Path) -> None:
    async with station(tmp_path) as at:
        case = await at.open("issuance")
        await at.do_steps(1, 3)
        await at.step(4)
        await at.press("f3")
        await at.home()
    async with station(tmp_path) as at:
        await at.shows("Започети предмети (1)")
        await at.press("enter")
        screen = await at.step(4)
        assert screen.case.id == case.id


async def test_once_a_key_is_on_the_chip_the_case_can_only_be_finished(tmp_path: Path) -> None:
    async with station(tmp_path, training_fault="remove@700") as at:
        await to_citizen(at)
        await at.citizen(MIDDLE)
        at.fingers.enter_pin()
        screen = await at.fault("К-0214")
        assert not screen.can_abandon
        assert "ПРЕКИНИ  -" not in at.text
        await at.press("2")
        await at.home()
        begun = at.desk.open_cases()[0].case_id
    async with station(tmp_path) as at:
        await at.opening("issuance")
        await at.shows(f"Прво довршите предмет {begun} са листе")
        await at.press("1", "escape")
        await at.home()
        assert len(at.desk.open_cases()) == 1
        await at.press("enter")
        await at.do_steps(5, 5)
        await at.citizen(MIDDLE)
        at.fingers.enter_pin()
        await at.step(7)
        await finish(at)
        assert len(at.desk.read_card().certificates) == 2


async def test_another_card_is_named_and_nothing_is_sent_to_it(tmp_path: Path) -> None:
    async with station(tmp_path) as at:
        await at.open("issuance")
        await at.do_steps(1, 4)
        await at.step(5)
        await at.insert("marko")
        await at.fault("К-0215")
        assert at.desk.read_card().pin.tries_left == 3


async def test_without_room_on_the_chip_the_citizen_is_not_even_asked(tmp_path: Path) -> None:
    async with station(tmp_path) as at:
        await at.open("issuance")
        await at.do_steps(1, 4)
        await at.step(5)
        system = at.devices._slot._card._state.system  # type: ignore[attr-defined]  # the very card in the reader
        free = at.desk.read_card().token.free_memory
        assert free is not None
        system.put(0x71F0, bytes(free - 3000), GENERAL)
        await at.do_steps(5, 5)
        await at.fault("К-0221")
        assert at.desk.read_card().pin.tries_left == 3
        assert at.desk._chip_of(at.desk.case(at.desk.open_cases()[0].case_id)).key_pairs() == ()
