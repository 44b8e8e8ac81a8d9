"""The clerk's screen while the citizen types on a terminal of their own: states, a countdown, and nothing to press."""

from __future__ import annotations

import re
from asyncio import to_thread
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from hardware.interface import PinMethod
from hardware.training.citizens import CITIZENS
from screens.pin_entry import PinEntryScreen
from tests.hardware.citizen_rig import DOT, CitizensTty
from tests.screens.station import Station, station

PIN = CITIZENS["jovana"].pin.decode()
ASKED = "ENTER YOUR PIN"


@asynccontextmanager
async def asked(folder: Path) -> AsyncIterator[tuple[Station, CitizensTty]]:
    """An issuance at the citizen's step, with the question on the citizen's terminal."""
    path = folder / "citizen.sock"
    async with station(folder, pin_method=PinMethod.TERMINAL, citizen_socket=path) as at:
        with CitizensTty(path) as tty:
            await at.open("issuance")
            await at.do_steps(1, 5)
            await at.citizen(6)
            await to_thread(tty.wait_for, ASKED)
            yield at, tty


async def test_the_clerk_sees_that_the_citizen_types_and_can_press_nothing(tmp_path: Path) -> None:
    async with asked(tmp_path) as (at, tty):
        await at.shows("Чекам унос")
        assert re.search(r"Преостало +\d+ s", at.text)
        assert "УНЕСИТЕ СВОЈ ПИН" not in at.text
        tty.press(PIN[:3])
        await to_thread(tty.until, lambda: tty.dots() == 3, "three dots")
        await at.shows("Унос у току")
        assert DOT not in at.text
        screen = at.app.screen
        assert isinstance(screen, PinEntryScreen)
        assert screen.view.dots == 0
        rows = len(at.desk.journal_rows())
        await at.press("0", "9", "enter", "f5", "f3", "f11", "space", "tab", "backspace")
        assert at.app.screen is screen
        assert len(at.desk.journal_rows()) == rows
        assert tty.dots() == 3
        tty.press(PIN[3:], "enter")
        await at.step(7)


async def test_a_cancelled_entry_a_lost_terminal_and_a_wrong_pin(tmp_path: Path) -> None:
    async with asked(tmp_path) as (at, tty):
        tty.press(PIN[:2])
        await at.press("f12")
        await at.fault("К-0303")
        await to_thread(tty.wait_for, "УНОС ЈЕ ОТКАЗАН")
        assert tty.dots() == 0
        await at.press("1")
        await to_thread(tty.wait_for, ASKED)
        tty.press(PIN[:4])
        tty.process.kill()
        await at.fault("К-0305")
        assert "ТЕРМИНАЛ КОРИСНИКА" in at.text.upper()
        with CitizensTty(tmp_path / "citizen.sock") as again:
            await at.press("1")
            await to_thread(again.wait_for, "Tries left: 3")
            await to_thread(again.enter, "0000", ASKED)
            await to_thread(again.wait_for, "Tries left: 2")
            await at.shows("ПИН НИЈЕ ИСПРАВАН")
            await at.press("f12")
            await at.home()
