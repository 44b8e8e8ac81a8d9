"""The reports as the clerk sees them: chosen by digits, shown by Enter, printed by F7."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from screens.day_book import DayBookScreen
from screens.reports import ReportsScreen
from tests.documents.reading import pages
from tests.reports.office import Hands, office, whole_case
from tests.screens.issued import copied
from tests.screens.pictures import AT, Album, pictured
from tests.screens.station import Station, station
from tests.screens.test_goldens import OTHERS, still_place

__all__ = ["still_place"]


@pytest.fixture
def worked(still_place: Path) -> Iterator[Path]:
    """A desk where two cases were done this morning, one of them with its contract not printed."""
    archive = office(still_place, Hands(AT), None)
    first = whole_case(archive, "issuance", 1, days=20, surname="ЂОРЂЕВИЋ", given_name="ИЗМИШЉЕНА")
    whole_case(archive, "unblock", 2)
    archive.note(
        "fault", {"fault": "CardRemoved", "code": "К-0201", "step": "issuance/6"}, clerk="0042", case_id=first.id
    )
    archive.note("refused", {"procedure": "renewal", "reasons": ["card_valid"]}, clerk="0042")
    archive.close()
    yield still_place


async def reports(at: Station) -> ReportsScreen:
    await at.press("5")
    await at.walk_until(lambda: isinstance(at.app.screen, DayBookScreen), "the day book")
    await at.press("3")
    await at.walk_until(lambda: isinstance(at.app.screen, ReportsScreen), "the reports")
    screen = at.app.screen
    assert isinstance(screen, ReportsScreen)
    return screen


async def show(at: Station, screen: ReportsScreen, digit: int) -> None:
    await at.press(str(digit), "enter")
    await at.walk_until(lambda: screen.report is not None and not screen.is_busy, "the report")


async def in_all_languages(at: Station, album: Album, name: str) -> None:
    """The arrows choose days here, so another key lets the screen paint."""
    await album.take(at, name)
    for language in OTHERS:
        at.app.switch_language()
        await at.press("x")
        await album.take(at, f"{name}.{language.value}", language)
    at.app.switch_language()
    await at.press("x")


async def test_pictures(worked: Path) -> None:
    async with pictured("reports", worked) as (at, album):
        screen = await reports(at)
        await in_all_languages(at, album, "choice")
        for digit, name in enumerate(("day", "balance", "expiring", "failures"), start=1):
            await show(at, screen, digit)
            await in_all_languages(at, album, name)
            await at.press("pagedown")
            await album.take(at, f"{name}_below")
        await at.press("f7")
        await at.shows("сачувано као report-failures-7130-2026-03-02-")


async def test_nothing_is_counted_or_recorded_before_enter(worked: Path) -> None:
    async with station(worked, clock=lambda: AT) as at:
        screen = await reports(at)
        await at.press("4", "5", "5", "left", "right", "left", "3", "2")
        assert screen.report is None
        assert at.desk.journal_rows(1)[0].kind != "report_viewed"
        await show(at, screen, 4)
        row = at.desk.journal_rows(1)[0]
        assert (row.kind, row.body["report"]) == ("report_viewed", "failures")


async def test_days_go_back_and_not_beyond_today(worked: Path) -> None:
    async with station(worked, clock=lambda: AT) as at:
        screen = await reports(at)
        assert [day.isoformat() for day in screen.days] == ["2026-03-02", "2026-03-02"]
        await at.press("right")
        assert [day.isoformat() for day in screen.days] == ["2026-03-02", "2026-03-02"]
        await at.press("left")
        assert [day.isoformat() for day in screen.days] == ["2026-03-01", "2026-03-01"]
        await at.press("5", "left")
        assert [day.isoformat() for day in screen.days] == ["2026-02-17", "2026-02-23"]
        await at.press("3")
        assert [day.isoformat() for day in screen.days] == ["2026-03-02", "2026-05-31"]


async def test_what_was_shown_is_what_is_printed(worked: Path) -> None:
    async with station(worked, clock=lambda: AT) as at:
        screen = await reports(at)
        assert "Штампа" not in at.text
        await show(at, screen, 2)
        assert screen.report is not None
        await at.press("f7")
        await at.shows("сачувано као report-balance")
        (file,) = (worked / "printed").glob("report-balance-*.pdf")
        assert screen.report.sha256 in "".join(pages(file.read_bytes()))
        await at.press("escape", "escape")
        await at.home()


async def test_very_many_rows_are_left_to_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("screens.reports.MOST_ROWS", 5)
    archive = office(tmp_path, Hands(datetime.now(UTC)), None)
    whole_case(archive, "unblock", 1)
    archive.close()
    async with station(tmp_path) as at:
        screen = await reports(at)
        await show(at, screen, 1)
        await at.press("pagedown", "pagedown", "pagedown")
        await at.shows("kiosk report --format csv")


async def test_a_real_issuance_balances_but_for_the_papers_nobody_printed(issued_office: Path, tmp_path: Path) -> None:
    async with station(copied(issued_office, tmp_path / "copy")) as at:
        report = at.desk.reports.look("balance", *at.desk.reports.usual_days("balance"))
        case_id = at.desk.search("")[0].case_id
        assert [row[:4] for row in report.rows] == [
            ("printed_signed", 0, 3, "no"),
            ("signed_filed", 3, 3, "yes"),
            ("issued_written", 2, 2, "yes"),
            ("named_written", 2, 2, "yes"),
            ("completed_served", 1, 1, "yes"),
            ("tables_journal", 9, 9, "yes"),
        ]
        assert report.rows[0][4] == case_id
