"""Before a case: what the card says, what refuses it, and cards that answer nonsense."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import pytest

from hardware.interface import SlotState
from hardware.pcsc import PcscSlot
from hardware.training.citizens import CITIZENS
from kiosk.cases import CaseStatus
from screens.fault import FaultScreen
from screens.opening import OpeningScreen
from tests.screens.station import station
from tests.services.card_process import training_card
from tests.services.fixtures import READER_A
from tests.services.pcscd import PrivatePcscd
from tests.services.ports import wait_until

COMMANDS = (1, 2, 9, 30)
"""A select of the applet, a select and a read of a file, and the key part; every command: `tests/hardware`."""


@pytest.mark.parametrize("citizen", ["jovana", "marko", "dugacka", "stranac", "boravak"])
async def test_the_card_is_shown_in_its_own_spelling(tmp_path: Path, citizen: str) -> None:
    holder = CITIZENS[citizen]
    async with station(tmp_path, citizen) as at:
        await at.opening("issuance")
        await at.shows(holder.document_number)
        assert holder.given_name.split()[0] in at.text
        assert holder.personal_number in at.text
        assert "√ контролна цифра" in at.text


async def test_an_expired_card_is_refused_and_nothing_is_begun(tmp_path: Path) -> None:
    async with station(tmp_path, "istekla") as at:
        await at.opening("issuance")
        await at.shows("Лична карта је истекла")
        await at.press("1", "9")
        assert isinstance(at.app.screen, OpeningScreen)
        await at.press("enter")
        await at.home()
        assert at.desk.open_cases() == []
        assert at.desk.journal_rows(1)[0].body["reasons"] == ["card_valid"]


async def test_a_card_of_the_first_generation_is_refused(tmp_path: Path) -> None:
    async with station(tmp_path, "apolo") as at:
        await at.press("1")
        await at.fault("К-0105")
        await at.press("escape")
        await at.home()


async def test_another_person_than_on_the_card_is_recorded(tmp_path: Path) -> None:
    async with station(tmp_path) as at:
        await at.opening("issuance")
        await at.press("2")
        await at.home()
        found = at.desk.search("")[0]
        ended = at.desk.case(found.case_id)
        assert (ended.status, ended.reason) == (CaseStatus.ABANDONED, "Лице није власник карте")


@pytest.mark.parametrize("kind", ["garbage", "mute", "remove", "sw6F00"])
async def test_nonsense_at_any_command_of_the_reading_is_a_named_fault(tmp_path: Path, kind: str) -> None:
    for command in COMMANDS:
        folder = tmp_path / str(command)
        async with station(folder, training_fault=f"{kind}@{command}") as at:
            await at.press("1")
            await at.walk_until(
                lambda at=at: (
                    isinstance(at.app.screen, FaultScreen)
                    or (isinstance(at.app.screen, OpeningScreen) and bool(at.app.screen.checks))
                ),
                "a fault or the card",
            )
            if isinstance(at.app.screen, FaultScreen):
                assert at.app.screen.code.startswith("К-0")
                await at.press("escape")
                await at.home()
            assert at.desk.open_cases() == []


@pytest.mark.parametrize("file_id", ["0F02", "0F03", "0F04"])
@pytest.mark.parametrize("kind", ["truncate", "badlen", "endless"])
async def test_a_spoilt_file_is_a_named_fault(tmp_path: Path, kind: str, file_id: str) -> None:
    async with station(tmp_path, training_fault=f"{kind}:{file_id}") as at:
        await at.press("1")
        await at.walk_until(lambda: isinstance(at.app.screen, FaultScreen), "a fault")
        assert isinstance(at.app.screen, FaultScreen)
        # A file shorter than it says: the card refuses the read; any other: what was read is refused.
        assert at.app.screen.code == ("К-0218" if kind == "truncate" else "К-0219")
        await at.press("2")
        await at.home()
        assert at.desk.open_cases() == []


async def test_data_that_its_signature_contradicts_stops_the_case(tmp_path: Path) -> None:
    async with station(tmp_path) as at:
        card = at.devices._slot._card  # type: ignore[attr-defined]  # the card itself is spoilt, as a forger would
        content = card.data_files[0x0F03]
        card.data_files[0x0F03] = content.replace("ЈОВАНА".encode(), "ЈАВАНА".encode())
        await at.opening("issuance")
        await at.shows("Подаци у чипу су измењени")
        await at.press("1")
        assert isinstance(at.app.screen, OpeningScreen)
        await at.press("enter")
        await at.home()
        assert at.desk.open_cases() == []


async def test_the_portrait_fills_the_screen(tmp_path: Path) -> None:
    async with station(tmp_path) as at:
        opening = await at.opening("issuance")
        await at.walk_until(lambda: bool(opening.picture), "the portrait")
        await at.press("f6")
        await at.shows("Помоћна слика")
        assert sum(line.count("█") for line in at.text.splitlines()) > 100


async def test_a_card_that_another_program_holds_is_waited_for_with_a_message(
    pcscd: PrivatePcscd, tmp_path: Path
) -> None:
    with training_card("jovana", pcscd.ports[READER_A]):
        other = PcscSlot(READER_A, 10)
        wait_until(lambda: other.state() is SlotState.CARD, "the training card in the reader")
        holder = other.connect()
        with ExitStack() as held:
            held.enter_context(holder.transaction())
            async with station(tmp_path, reader=READER_A) as at:
                await at.press("1")
                await at.shows("други програм можда држи карту")
                held.close()
                await at.shows("990000011")
        holder.close()


async def test_the_words_are_on_the_screen_while_the_rest_is_still_read(tmp_path: Path) -> None:
    async with station(tmp_path, training_fault="hang@20:1.5") as at:
        await at.press("1")
        await at.shows("Проверавам потпис података")
        assert CITIZENS["jovana"].surname in at.text
        assert isinstance(at.app.screen, OpeningScreen) and at.app.screen.reading is None
        await at.press("1")
        await at.shows("√ Потпис података у чипу је исправан")


async def test_a_chip_whose_data_nobody_signed_is_refused(tmp_path: Path) -> None:
    async with station(tmp_path) as at:
        card = at.devices._slot._card  # type: ignore[attr-defined]  # the card itself lacks them
        del card.data_files[0x0F1C], card.data_files[0x0F1D]
        await at.opening("issuance")
        await at.shows("Подаци у чипу нису потписани")
        await at.press("1")
        assert isinstance(at.app.screen, OpeningScreen)
