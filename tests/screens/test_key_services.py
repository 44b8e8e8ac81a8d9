"""The unblock over the real screens, with each key service: the case that waited comes back at its step and goes on."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hardware.errors import UnblockRefused
from hardware.training.citizens import CITIZENS
from hardware.training.key_service import training_admin_key
from hardware.training_slot import TrainingSlot
from kiosk import wiring
from kiosk.ca.root import load_or_create
from kiosk.cases import Case, CaseStatus
from kiosk.code_exchange import answer_code, grouped, only_digits
from kiosk.config import KeyServiceSettings
from kiosk.procedures.evidence import PinChanged
from kiosk.training_centre import training_answer
from kiosk.wiring import utc_now
from screens.code_exchange import CodeExchangeScreen
from screens.rehearsal import clerk_keys
from screens.unblock.operator_pin import OperatorPinScreen
from tests.screens.station import Station, station
from tests.services import softhsm
from tests.services.requirement import ServiceMissing, skip_or_fail

BLOCKED = CITIZENS["blokiran"]
CENTRE = KeyServiceSettings(kind="centre")


@pytest.fixture(scope="module", autouse=True)
def one_authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Its keys take longer to make than a walk."""
    key = load_or_create(tmp_path_factory.mktemp("authority") / "keys", utc_now())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wiring, "load_or_create", lambda folder, now: key)
        yield


@pytest.fixture
def hsm(tmp_path: Path) -> KeyServiceSettings:
    try:
        token = softhsm.soft_token(tmp_path / "softhsm", "TEST HSM")
    except ServiceMissing as error:
        skip_or_fail(error)
    softhsm.add_secret_key(token, f"admin {BLOCKED.serial}", training_admin_key(BLOCKED.serial))
    os.environ.update(token.environment)
    return KeyServiceSettings(kind="hsm", module=token.module, token_label=token.label, key_label="admin {serial}")


async def forgotten_pin(at: Station) -> tuple[Case, Case]:
    """An issuance stands before the PIN when the citizen says that it is forgotten: that case, and its unblock."""
    await at.open("issuance")
    await at.do_steps(1, 4)
    waiting = (await at.step(5)).case
    await at.press("9")
    unblock = (await at.step(1)).case
    assert unblock.parent_id == waiting.id
    await at.do_steps(1, 3)
    return waiting, unblock


async def goes_on(at: Station, waiting: Case, unblock: Case, kind: str) -> None:
    """The citizen is asked; then the case that waited is back at its step, and comes to its end."""
    await at.citizen(4)
    at.fingers.enter_new_pin()
    at.fingers.remember_new_pin()
    await at.do_steps(5, 5)
    back = await at.step(5)
    assert back.case.id == waiting.id
    changed = at.desk.case(unblock.id).evidence[4]
    assert isinstance(changed, PinChanged)
    assert changed.key_service == kind
    assert changed.tries_left == 3
    await at.press(*clerk_keys(back))
    await at.citizen(6)
    at.fingers.enter_pin()
    await at.do_steps(7, 7)
    await at.home()
    assert at.desk.case(waiting.id).status is CaseStatus.COMPLETED


async def exchange(at: Station) -> CodeExchangeScreen:
    await at.walk_until(lambda: isinstance(at.app.screen, CodeExchangeScreen), "the code exchange")
    screen = at.app.screen
    assert isinstance(screen, CodeExchangeScreen)
    await at.shows("Прочитајте центру")
    return screen


async def typed(at: Station, answer: str) -> None:
    """The answer, but for its last digit typed faster than by keys."""
    screen = await exchange(at)
    screen.typed = answer[:-1]
    await at.press(answer[-1], "enter")


async def test_training(tmp_path: Path) -> None:
    async with station(tmp_path, "jovana") as at:
        await goes_on(at, *await forgotten_pin(at), kind="training")


async def test_the_office_hsm(tmp_path: Path, hsm: KeyServiceSettings) -> None:
    async with station(tmp_path, "blokiran", key_service=hsm) as at:
        await at.opening("issuance")
        await at.press("1")
        unblock = (await at.step(1)).case
        await at.do_steps(1, 3)
        await at.walk_until(lambda: isinstance(at.app.screen, OperatorPinScreen), "the operator to be asked")
        os.write(at.fingers._fd, b"2468")
        await at.shows("●●●●")
        os.write(at.fingers._fd, b"99\r")
        await at.fault("К-0413")
        await at.press("1")
        await at.walk_until(lambda: isinstance(at.app.screen, OperatorPinScreen), "the operator to be asked again")
        os.write(at.fingers._fd, softhsm.PIN + b"\r")
        await at.citizen(4)
        at.fingers.enter_new_pin()
        at.fingers.remember_new_pin()
        await at.do_steps(5, 5)
        assert (await at.step(1)).case.id == unblock.parent_id
        await at.press("f3")
        await at.home()
        await at.open("unblock")
        await at.do_steps(1, 3)
        await at.citizen(4)
        await at.press("f12")
        await at.fault("К-0303")
        await at.press("2")
        await at.home()
        await at.press("f10")
        await at.shows("ЗАКЉУЧАНО")
        await at.press("enter")
        await at.home()
        await at.press("enter")
        await at.do_steps(3, 3)
        await at.walk_until(lambda: isinstance(at.app.screen, OperatorPinScreen), "a locked desk has locked the HSM")
        at.fingers.cancel()
        await at.fault("К-0303")


async def test_the_centre_by_the_drill_command(tmp_path: Path) -> None:
    async with station(tmp_path, "jovana", key_service=CENTRE) as at:
        waiting, unblock = await forgotten_pin(at)
        screen = await exchange(at)
        assert all(group in at.text for group in grouped(screen.question))
        done = subprocess.run(
            [sys.executable, "-m", "kiosk", "card", "answer", *grouped(screen.question)],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        assert done.stdout.startswith("TRAINING")
        await at.press(*only_digits(done.stdout), "enter")
        await goes_on(at, waiting, unblock, "centre")


async def test_a_mistyped_group_is_named_and_costs_nothing(tmp_path: Path) -> None:
    async with station(tmp_path, "blokiran", key_service=CENTRE) as at:
        await at.open("unblock")
        await at.do_steps(1, 3)
        screen = await exchange(at)
        answer = training_answer(screen.question)
        wrong = answer[:9] + str((int(answer[9]) + 1) % 10) + answer[10:]
        await at.press(*wrong)
        await at.shows("Погрешна је група 3.")
        await at.press("enter")
        assert at.app.screen is screen
        await at.press("delete")
        assert screen.typed == answer[:8]
        await at.press(*answer[8:-1])
        await at.shows("Недостаје цифара: 1")
        await at.press("enter", answer[-1])
        await at.shows("Све групе се слажу.")
        await at.press("enter")
        await at.citizen(4)
        at.fingers.enter_new_pin()
        await at.do_steps(5, 5)
        await at.home()


async def test_a_wrong_answer_is_told_with_its_tries_and_recorded(tmp_path: Path) -> None:
    async with station(tmp_path, "blokiran", key_service=CENTRE) as at:
        case = await at.open("unblock")
        await at.do_steps(1, 3)
        for left in (2, 1):
            screen = await exchange(at)
            await typed(at, answer_code(screen.question, bytes(8)))
            await at.citizen(4)
            at.fingers.enter_new_pin()
            fault = await at.fault("К-0306")
            await at.shows(f"ОСТАЛО ПОКУШАЈА: {left}")
            assert isinstance(fault.fault, UnblockRefused)
            await at.press("1")
        screen = await exchange(at)
        await typed(at, answer_code(screen.question, bytes(8)))
        await at.citizen(4)
        at.fingers.enter_new_pin()
        await at.fault("К-0306")
        await at.shows("потребна нова лична")
        rows = [row for row in at.desk.journal_rows() if row.kind == "unblock_refused" and row.case_id == case.id]
        assert [row.body["tries_left"] for row in rows] == [0, 1, 2]


async def test_given_up_and_taken_out_the_question_is_void(tmp_path: Path) -> None:
    async with station(tmp_path, "blokiran", key_service=CENTRE) as at:
        await at.open("unblock")
        await at.do_steps(1, 3)
        first = await exchange(at)
        await at.press("escape")
        await at.do_steps(3, 3)
        second = await exchange(at)
        assert second.question != first.question
        await at.press("f1")
        await at.shows("Контролне цифре")
        at.devices.eject()
        await at.walk_until(lambda: second._is_void, "the exchange to hear of it")
        await at.press("escape")
        await at.step(3)
        at.devices.insert("blokiran")
        await at.walk_until(lambda: at.app.slot.value == "card", "the card")
        await at.do_steps(3, 3)
        third = await exchange(at)
        assert third.question not in (first.question, second.question)
        await typed(at, training_answer(third.question))
        await at.citizen(4)
        at.fingers.enter_new_pin()
        await at.do_steps(5, 5)


async def test_a_citizen_who_cancels_may_go_on_with_the_same_answer(tmp_path: Path) -> None:
    async with station(tmp_path, "blokiran", key_service=CENTRE) as at:
        await at.open("unblock")
        await at.do_steps(1, 3)
        await typed(at, training_answer((await exchange(at)).question))
        await at.citizen(4)
        at.fingers.cancel()
        await at.fault("К-0303")
        await at.press("1")
        await at.citizen(4)
        at.fingers.enter_new_pin()
        await at.do_steps(5, 5)


async def test_the_wrong_card_between_question_and_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with station(tmp_path, "blokiran", key_service=CENTRE) as at:
        await at.open("unblock")
        await at.do_steps(1, 3)
        screen = await exchange(at)
        slot = at.devices._slot
        assert isinstance(slot, TrainingSlot)
        with monkeypatch.context() as unnoticed:
            unnoticed.setattr(slot, "_observers", [])
            at.devices.insert("jovana")
        await typed(at, training_answer(screen.question))
        await at.citizen(4)
        at.fingers.enter_new_pin()
        await at.fault("К-0214")
        await at.press("1")
        await at.fault("К-0215")
        assert at.devices.open_chip().pin_status().tries_left == 3
        at.devices.insert("blokiran")
        await at.press("1")
        assert (await exchange(at)).question != screen.question


async def test_a_card_that_is_not_invented_is_refused_by_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hardware.training.key_service.is_invented", lambda serial: False)
    async with station(tmp_path, "blokiran") as at:
        await at.open("unblock")
        await at.do_steps(1, 3)
        await at.fault("К-0411")
        await at.shows("[key_service]")
