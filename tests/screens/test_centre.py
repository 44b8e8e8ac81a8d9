"""What the desk shows of the centre, and that an office it cannot vouch for begins no case."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from kiosk.config import Exchange
from kiosk.wiring import utc_now
from screens.home import HomeScreen
from tests.screens.station import Station, station


def in_days(days: int) -> Callable[[], datetime]:
    return lambda: utc_now() + timedelta(days=days)


async def with_a_centre(at: Station, folder: Path) -> None:
    """The settings name a centre whose limits are 3 and 14 days."""
    at.desk.config = replace(at.desk.config, exchange=Exchange(centre=folder / "centre.json"))
    assert isinstance(at.app.screen, HomeScreen)
    at.app.screen.reload()


async def test_a_desk_without_a_centre_says_nothing_of_one(tmp_path: Path) -> None:
    async with station(tmp_path) as at:
        await at.home()
        assert "Центар" not in at.text


async def test_the_days_since_the_last_exchange_are_on_the_list(tmp_path: Path) -> None:
    async with station(tmp_path) as at:
        await at.home()
    async with station(tmp_path, clock=in_days(4)) as at:
        await at.home()
        await with_a_centre(at, tmp_path)
        await at.shows("Центар: пре 4 дана")
        opening = await at.opening("issuance")
        await at.shows("Без вести из центра 4 дана")
        assert not opening.refused


async def test_after_the_hard_limit_no_case_is_begun(tmp_path: Path) -> None:
    async with station(tmp_path) as at:
        await at.home()
    async with station(tmp_path, clock=in_days(14)) as at:
        await at.home()
        await with_a_centre(at, tmp_path)
        opening = await at.opening("issuance")
        await at.shows("Без вести из центра 14 дана: прво размена")
        assert [check.key for check in opening.refused] == ["centre_heard"]
        await at.press("1")
        assert at.app.screen is opening


async def test_a_head_that_could_not_be_signed_is_told(tmp_path: Path) -> None:
    async with station(tmp_path) as at:
        home = await at.home()
        assert "није потписан" not in at.text
        at.desk._archive.heads.fault = OSError("the token is gone")
        home.paint()
        await at.shows("Врх дневника није потписан")
