"""A disk that is full, an archive that is locked, a card that leaves: named, nothing lost, and it goes on."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from data import errors as archive_errors
from data.archive import FILE_NAME
from data.keys import key_of
from data.sqlcipher import connect
from hardware import errors as hardware_errors
from hardware.citizen_faults import CitizenTerminalFault
from hardware.keypad_faults import KeypadFault
from hardware.pinpad_features import PadFault
from kiosk.ca import errors as authority_errors
from kiosk.ca import permit_errors
from kiosk.cases import CaseStatus
from kiosk.desk import FAULTS
from kiosk.enrolment import errors as enrolment_errors
from kiosk.status_asking import StatusPending
from screens.fault import FaultScreen
from screens.fault_words import words_for, words_of
from screens.pin_device_words import WORDS as PIN_DEVICE
from screens.step_screen import StepScreen
from tests.screens.station import Station, station


@contextmanager
def full_disk() -> Iterator[None]:
    """No file of this process may grow: the kernel refuses, as a full disk does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Another program holds the archive's write lock."""
    path = folder / FILE_NAME
    other = connect(path, key_of(path), busy_s=1)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


async def shows_fault(at: Station) -> FaultScreen:
    await at.walk_until(lambda: isinstance(at.app.screen, FaultScreen), "a fault", 30)
    screen = at.app.screen
    assert isinstance(screen, FaultScreen)
    assert isinstance(screen.fault, archive_errors.ArchiveError)
    assert screen.code in at.text
    return screen


@pytest.mark.parametrize("trouble", ["full", "locked"])
async def test_what_the_step_recorded_is_kept_until_the_archive_takes_it(tmp_path: Path, trouble: str) -> None:
    async with station(tmp_path) as at:
        case = await at.open("issuance")
        await at.press("1", "2")
        with full_disk() if trouble == "full" else locked(tmp_path):
            await at.press("enter")
            await shows_fault(at)
            if trouble == "full":
                await at.press("1")
                await shows_fault(at)
        assert at.desk.case(case.id).evidence == {}
        await at.press("1")
        await at.step(2)
        assert set(at.desk.case(case.id).evidence) == {1}
        assert at.desk.verify_archive().ok


async def test_no_case_is_opened_that_the_archive_did_not_take(tmp_path: Path) -> None:
    async with station(tmp_path) as at:
        await at.opening("issuance")
        with full_disk():
            await at.press("1")
            await shows_fault(at)
        await at.press("1")
        await at.press("1")
        await at.step(1)
        assert len(at.desk.open_cases()) == 1


async def test_a_full_disk_in_the_middle_of_the_enrolment_loses_nothing(tmp_path: Path) -> None:
    async with station(tmp_path) as at:
        case = await at.open("issuance")
        await at.do_steps(1, 5)
        await at.citizen(6)
        with full_disk():
            at.fingers.enter_pin()
            await at.walk_until(lambda: isinstance(at.app.screen, FaultScreen), "a fault", 30)
        await at.press("1")
        await at.citizen(6)
        at.fingers.enter_pin()
        await at.do_steps(7, 7)
        await at.home()
        assert at.desk.case(case.id).status is CaseStatus.COMPLETED
        assert len(at.desk.read_card().certificates) == 2


@pytest.mark.parametrize("step", range(1, 8))
async def test_the_card_is_taken_out_at_each_step_and_put_back(tmp_path: Path, step: int) -> None:
    async with station(tmp_path) as at:
        case = await at.open("issuance")
        await at.do_steps(1, step - 1)
        if step == 7:
            await at.citizen(6)
            at.fingers.enter_pin()
        elif step == 6:
            await at.citizen(6)
        await at.step(step)
        at.devices.eject()
        await at.walk_until(lambda: at.app.slot.value == "empty", "the empty reader")
        if step == 6:
            await at.fault("К-0303")
        await at.insert("jovana")
        await at.walk_until(lambda: at.app.slot.value == "card", "the card")
        if step == 6:
            await at.press("1")
        elif step < 6:
            await at.do_steps(step, 5)
        if step <= 6:
            await at.citizen(6)
            at.fingers.enter_pin()
        await at.step(7)
        await at.press(*"123456", "enter")
        await at.home()
        assert at.desk.case(case.id).status is CaseStatus.COMPLETED


def subclasses(kind: type[Exception]) -> set[type[Exception]]:
    return {kind}.union(*(subclasses(child) for child in kind.__subclasses__()))


def test_every_fault_has_words_of_its_own() -> None:
    kinds = set().union(*(subclasses(base) for base in FAULTS))
    assert hardware_errors.CardHangs in kinds
    said = [words_for(kind) for kind in kinds]
    assert all(words.cause and words.safe and words.next for words in said)


def test_every_fault_of_authority_and_enrolment_has_words_that_are_its_own() -> None:
    modules = (authority_errors, permit_errors, enrolment_errors)
    kinds = [
        kind
        for module in modules
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, Exception) and kind.__module__ == module.__name__
    ]
    said = {kind: words_for(kind).cause for kind in (*kinds, StatusPending)}
    assert len(said) > 13
    assert len(set(said.values())) == len(said)


def test_every_reason_of_a_device_the_pin_is_typed_on_has_words_of_its_own() -> None:
    faults = [reason.error() for kind in (KeypadFault, CitizenTerminalFault, PadFault) for reason in kind]
    unsaid = [str(fault) for fault in faults if words_of(fault) == words_for(type(fault))]
    assert not unsaid
    assert set(PIN_DEVICE) == {str(fault) for fault in faults}


def test_every_wrong_card_is_told_by_what_it_is() -> None:
    said = {reason: words_of(hardware_errors.WrongCard(reason)).cause for reason in hardware_errors.WRONG_CARDS}
    assert len(set(said.values())) == len(hardware_errors.WRONG_CARDS)
    assert words_for(hardware_errors.WrongCard).cause not in said.values()


async def test_a_defect_of_ours_ends_with_a_code_and_not_with_what_was_typed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: StepScreen[Any]) -> None:
        typed = "583016"
        raise LookupError(typed)

    monkeypatch.setattr(StepScreen, "press_f3", broken)
    with pytest.raises(LookupError):
        async with station(tmp_path) as at:
            await at.open("issuance")
            await at.press("f3")
            said = "".join(str(line) for line in at.app._exit_renderables)
            assert "К-0900" in said and "LookupError" in said
            assert "583016" not in said
