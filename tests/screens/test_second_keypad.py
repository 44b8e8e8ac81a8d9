"""A citizen with keys of their own: the one screen turns to them, or stays the clerk's; the clerk's keyboard rests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hardware.interface import PinMethod, PinState
from hardware.training.citizens import CITIZENS
from screens.pin_entry import Phase, PinEntryScreen
from tests.screens.serial_pad import CANCEL, ENTER, SerialPad, serial_pad
from tests.screens.station import Station, station

CLERKS_KEYS = (
    *("1", "2", "9", "x", "space", "tab", "enter"),
    *("up", "down", "backspace", "f1", "f2", "f3", "f4", "f5", "f6", "f7", "f8", "f9", "f10", "f11"),
)
"""All but Esc and F12, which cancel."""
PIN = CITIZENS["jovana"].pin
DOT = "▄██▄"


async def asked(at: Station) -> PinEntryScreen[Any]:
    """Everything up to the citizen's entry."""
    await at.open("issuance")
    await at.do_steps(1, 5)
    return await at.citizen(6)


async def typed(screen: PinEntryScreen[Any], at: Station, pad: SerialPad, digits: bytes) -> None:
    pad.type(digits)
    await at.walk_until(lambda: screen.view.state is PinState.UNDER_WAY, "the entry to be under way")


@pytest.mark.parametrize("one_screen", [True, False])
async def test_the_clerks_keyboard_changes_nothing_while_the_citizen_types(tmp_path: Path, one_screen: bool) -> None:
    with serial_pad() as pad:
        async with station(tmp_path, pin_method=PinMethod.KEYPAD, serial_pinpad=pad.path, one_screen=one_screen) as at:
            screen = await asked(at)
            await typed(screen, at, pad, PIN[:3])
            rows = len(at.desk.journal_rows())
            lines = seen(at)
            await at.press(*CLERKS_KEYS)
            assert at.app.screen is screen
            assert screen.phase is Phase.CITIZEN
            assert seen(at) == lines
            assert len(at.desk.journal_rows()) == rows
            pad.type(PIN[3:] + ENTER)
            await at.do_steps(7, 7)
            await at.shows("издато 1")


def seen(at: Station) -> list[str]:
    """The screen without its clock and countdown, which go on by themselves."""
    return [line for line in at.text.splitlines() if " s" not in line and ":" not in line]


async def test_the_one_screen_shows_a_dot_for_each_digit(tmp_path: Path) -> None:
    with serial_pad() as pad:
        async with station(tmp_path, pin_method=PinMethod.KEYPAD, serial_pinpad=pad.path) as at:
            screen = await asked(at)
            await at.shows("УНЕСИТЕ СВОЈ ПИН")
            await typed(screen, at, pad, b"135")
            await at.walk_until(lambda: at.text.count(DOT) == 3, "three dots")
            assert CITIZENS["jovana"].surname not in at.text
            pad.type(CANCEL)
            await at.fault("К-0303")


async def test_a_clerks_own_screen_never_learns_how_many_digits_there_are(tmp_path: Path) -> None:
    with serial_pad() as pad:
        async with station(tmp_path, pin_method=PinMethod.KEYPAD, serial_pinpad=pad.path, one_screen=False) as at:
            screen = await asked(at)
            await at.shows("КОРИСНИК УНОСИ ПИН")
            await typed(screen, at, pad, b"1")
            await at.shows("Унос у току")
            one = seen(at)
            pad.type(b"23456")
            await at.walk.until(lambda: screen.view.dots == 0, "no dots")
            await at.press("f12")
            await at.fault("К-0303")
            assert not any(DOT in line for line in one)
