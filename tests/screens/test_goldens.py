"""Every screen as it looks, at 80 by 25 in Cyrillic, and a few in the other languages."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from data import errors as archive
from hardware import errors as hardware
from hardware.interface import PinRequest
from kiosk import wiring
from kiosk.ca.root import load_or_create
from kiosk.code_exchange import Question, answer_code, question_code
from kiosk.config import KeyServiceSettings, Rules
from kiosk.enrolment.interface import Stage
from kiosk.texts import Language
from screens.code_exchange import CodeExchangeScreen
from screens.fault import FaultScreen
from screens.pin_entry import PinEntryScreen
from screens.rehearsal import clerk_keys
from screens.unblock.operator_pin import OperatorPinScreen
from tests.screens.pictures import AT, Album, pictured
from tests.screens.station import Station

OTHERS = (Language.LATIN, Language.ENGLISH)


@pytest.fixture(scope="module", autouse=True)
def one_authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Its keys take longer to make than a walk."""
    key = load_or_create(tmp_path_factory.mktemp("authority") / "keys", AT)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wiring, "load_or_create", lambda folder, now: key)
        yield


@pytest.fixture(autouse=True)
def still_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Paths on the screen are relative, hours are those of Serbia."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3")
    time.tzset()
    folder = Path("office")
    folder.mkdir()
    yield folder
    monkeypatch.undo()
    time.tzset()


async def in_all_languages(at: Station, album: Album, name: str) -> None:
    await album.take(at, name)
    for language in OTHERS:
        at.app.switch_language()
        await at.press("left")
        await album.take(at, f"{name}.{language.value}", language)
    at.app.switch_language()
    await at.press("left")


async def step(at: Station, album: Album, number: int, *before: str) -> None:
    """Picture the step as it opens, then do it."""
    screen = await at.step(number)
    await at.press(*before)
    await album.take(at, f"step_{number}")
    await at.press(*clerk_keys(screen))


async def typed(at: Station, screen: PinEntryScreen[Any], digits: bytes, dots: int) -> None:
    os.write(at.fingers._fd, digits)
    await at.walk_until(lambda: screen.view.dots == dots, f"{dots} dots")


def hold(screen: PinEntryScreen[Any], stage: Stage) -> Event:
    """Let the work stop at the beginning of that act until the event is set."""
    go_on, begun = Event(), screen.stage_begun

    def held(now: Stage) -> None:
        begun(now)
        if now is stage:
            go_on.wait(20)

    vars(screen)["stage_begun"] = held
    return go_on


async def test_issuance(still_place: Path) -> None:
    async with pictured("issuance", still_place) as (at, album):
        await at.shows("карта је у читачу")
        await in_all_languages(at, album, "home_empty")
        opening = await at.opening("issuance")
        await at.walk_until(lambda: bool(opening.picture), "the portrait")
        await in_all_languages(at, album, "opening")
        await at.press("f6")
        await album.take(at, "portrait")
        await at.press("escape", "9")
        await album.take(at, "opening_pin_unknown")
        await at.press("9", "1")
        await step(at, album, 1, "5", *"jovana@primer.rs", "enter", "1")
        await step(at, album, 2)
        screen = await at.step(3)
        await at.press("1", "2")
        await in_all_languages(at, album, "step_3")
        await at.press("f1")
        await album.take(at, "help")
        await at.press("escape", "f12")
        await in_all_languages(at, album, "causes")
        await at.press("escape", "enter")
        await album.take(at, "step_3_not_all_ticked")
        await at.press(*clerk_keys(screen))
        await at.step(4)
        await in_all_languages(at, album, "step_4")
        await at.press("enter")
        await step(at, album, 5)
        await citizen_pictures(at, album)
        await working_pictures(at, album)
        await at.step(7)
        await in_all_languages(at, album, "step_7")
        await at.press(*"123456", "enter")
        await at.home()
        await at.shows("издато 1")
        await album.take(at, "home_after")
        await at.press("5")
        await at.shows("сертификат прочитан")
        await album.take(at, "day_book")
        await at.press("escape", "4", "enter")
        await at.shows("заокружен број")
        await album.take(at, "case_view")
        await at.press("pagedown")
        await album.take(at, "case_view_below")
        await at.press("pagedown")
        await album.take(at, "case_view_end")


async def citizen_pictures(at: Station, album: Album) -> None:
    screen = await at.citizen(6)
    await album.take(at, "citizen_waiting")
    await typed(at, screen, b"0000", 4)
    await album.take(at, "citizen_dots")
    os.write(at.fingers._fd, b"01\r")
    await at.shows("Преостало покушаја: 2")
    await album.take(at, "citizen_wrong")
    await at.press("enter")
    await at.citizen(6)
    at.fingers.enter_wrong_pin()
    await at.shows("Ово је последњи покушај.")
    await album.take(at, "citizen_last_try")
    await at.press("f5")
    await at.citizen(6)


async def working_pictures(at: Station, album: Album) -> None:
    screen = await at.citizen(6)
    go_on = hold(screen, Stage.CERTIFICATES)
    at.fingers.enter_pin()
    await at.walk_until(lambda: Stage.CERTIFICATES in screen.acts._begun, "the third act")
    await in_all_languages(at, album, "working")
    go_on.set()


async def test_renewal(still_place: Path) -> None:
    async with pictured("renewal", still_place, "milan") as (at, album):
        opening = await at.opening("renewal")
        await at.walk_until(lambda: bool(opening.picture), "the portrait")
        await album.take(at, "opening")
        await at.press("1")
        for number in (1, 2, 3):
            await step(at, album, number)
        screen = await at.citizen(4)
        go_on = hold(screen, Stage.TIDY)
        at.fingers.enter_pin()
        await at.walk_until(lambda: Stage.TIDY in screen.acts._begun, "the last act")
        await album.take(at, "step_4_working")
        go_on.set()
        await step(at, album, 5)
        await at.home()
        opening = await at.opening("renewal")
        await at.walk_until(lambda: bool(opening.picture), "the portrait")
        await album.take(at, "opening_too_early")


async def test_renewal_without_a_contract(still_place: Path) -> None:
    async with pictured("no_contract", still_place) as (at, album):
        opening = await at.opening("renewal")
        await at.walk_until(lambda: bool(opening.picture), "the portrait")
        await in_all_languages(at, album, "opening_refused")
        await at.press("3", *"7130-2021-900001", "enter", *"01.10.2021.")
        await album.take(at, "paper_contract")


async def test_unblock(still_place: Path) -> None:
    async with pictured("unblock", still_place, "blokiran") as (at, album):
        opening = await at.opening("issuance")
        await at.walk_until(lambda: bool(opening.picture), "the portrait")
        await album.take(at, "opening_blocked")
        await at.press("1")
        for number in (1, 2, 3):
            await step(at, album, number)
        screen = await at.citizen(4)
        await album.take(at, "step_4_new_pin")
        at.fingers.enter_weak_new_pin()
        await at.shows("То је низ, као 1234")
        await album.take(at, "step_4_weak")
        os.write(at.fingers._fd, b"270495\r")
        await at.walk_until(lambda: screen.view.request is PinRequest.NEW_AGAIN, "the second entry")
        await album.take(at, "step_4_again")
        os.write(at.fingers._fd, b"270496\r")
        await at.shows("нису једнака")
        await album.take(at, "step_4_different")
        at.fingers.enter_new_pin()
        await step(at, album, 5)
        await at.step(1)


async def test_what_a_key_service_asks_of_the_clerk(still_place: Path) -> None:
    keys = KeyServiceSettings(kind="hsm", module=Path("none.so"), token_label="TEST HSM")
    rules = Rules(unblock_needs_second_clerk=True)
    async with pictured("key_services", still_place, "blokiran", key_service=keys, rules=rules) as (at, album):
        case = await at.open("unblock")
        await at.press("9")
        await in_all_languages(at, album, "keep_pin")
        await at.press("1")
        await at.step(1)
        await in_all_languages(at, album, "step_1_kept")
        await at.do_steps(1, 1)
        await at.step(2)
        await at.press("1", "enter")
        await in_all_languages(at, album, "step_2_second_clerk")
        await at.press(*"0043", "enter")
        await at.do_steps(3, 3)
        await at.walk_until(lambda: isinstance(at.app.screen, OperatorPinScreen), "the operator to be asked")
        os.write(at.fingers._fd, b"24680")
        await at.shows("●●●●●")
        await in_all_languages(at, album, "operator_pin")
        at.fingers.cancel()
        await at.fault("К-0303")
        question = question_code(Question(card_number=case.citizen.document_number, challenge=bytes(range(8))))
        at.app.push_screen(CodeExchangeScreen(case, question))
        await at.press(*"1235", *answer_code(question, bytes(8))[4:10])
        await in_all_languages(at, album, "code_exchange")
        at.app.push_screen(FaultScreen(hardware.UnblockRefused(2), case, can_abandon=True))
        await at.shows("К-0306")
        await in_all_languages(at, album, "answer_refused")


async def test_blocked_before_the_entry(still_place: Path) -> None:
    async with pictured("blocked", still_place) as (at, album):
        await at.open("issuance")
        await at.do_steps(1, 5)
        for left in (2, 1):
            await at.citizen(6)
            at.fingers.enter_wrong_pin()
            await at.shows(f"Преостало покушаја: {left}" if left > 1 else "Ово је последњи покушај.")
            await at.press("f5")
        await at.citizen(6)
        at.fingers.enter_wrong_pin()
        await at.fault("К-0302")
        await album.take(at, "fault")
        await at.press("2")
        await at.home()
        await at.press("enter")
        await at.step(5)
        await in_all_languages(at, album, "step_5")


async def test_the_desk(still_place: Path) -> None:
    async with pictured("desk", still_place, others=("marko", "dugacka")) as (at, album):
        for citizen in ("jovana", "marko", "dugacka"):
            await at.insert(citizen)
            await at.walk_until(lambda: at.app.slot.value == "card", "the card")
            await at.open("issuance")
            await at.do_steps(1, 2)
            await at.step(3)
            await at.press("f3")
            await at.home()
        await at.shows("Започети предмети (3)")
        await in_all_languages(at, album, "home_cases")
        for key, name, waits_for in (
            ("5", "day_book", "предмет отворен"),
            ("6", "settings", "kiosk.toml"),
            ("7", "forms", "Образац 1"),
            ("f10", "lock", "ЗАКЉУЧАНО"),
            ("f2", "training_reader", "ОБНОВИЋ"),
        ):
            await at.press(key)
            await at.shows(waits_for)
            await in_all_languages(at, album, name)
            await at.press("enter" if name == "lock" else "escape")
        await at.press("4", *"Izmisljenovic")
        await at.shows("Нађено: 2.")
        await in_all_languages(at, album, "archive")
        await at.press("enter")
        await at.shows("заокружен број")
        await in_all_languages(at, album, "case_view")


@pytest.mark.parametrize("procedure", ["issuance", "renewal"])
async def test_the_longest_names(still_place: Path, procedure: str) -> None:
    async with pictured(f"longest_{procedure}", still_place, "dugacka") as (at, album):
        opening = await at.opening(procedure)
        await at.walk_until(lambda: bool(opening.picture), "the portrait")
        await album.take(at, "opening")
        if procedure == "issuance":
            await at.press("1")
            await step(at, album, 1)


async def test_an_expired_card(still_place: Path) -> None:
    async with pictured("expired", still_place, "istekla") as (at, album):
        opening = await at.opening("issuance")
        await at.walk_until(lambda: bool(opening.picture), "the portrait")
        await album.take(at, "opening")


async def test_an_empty_reader(still_place: Path) -> None:
    async with pictured("empty_reader", still_place, "") as (at, album):
        await at.shows("празан")
        await album.take(at, "home")
        await at.press("1")
        await in_all_languages(at, album, "opening")


async def test_faults(still_place: Path) -> None:
    async with pictured("faults", still_place) as (at, album):
        case = await at.open("issuance")
        for fault, can_abandon in (
            (hardware.CardRemoved(), False),
            (hardware.NoService(), True),
            (archive.DiskFull(), True),
        ):
            at.app.push_screen(FaultScreen(fault, case, can_abandon=can_abandon))
            await at.shows(fault.code)
            await in_all_languages(at, album, type(fault).__name__)
            at.app.pop_screen()
