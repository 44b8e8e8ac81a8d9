"""Around the procedures: archive, day book, settings, forms, help, lock, languages, the training reader."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.printing import PrintRoom
from kiosk.procedures import PROCEDURES
from screens.archive import ArchiveScreen
from tests.screens.station import station


async def test_a_case_is_found_under_any_spelling_and_shown_whole(tmp_path: Path) -> None:
    async with station(tmp_path) as at:
        case = await at.open("issuance")
        await at.do_steps(1, 1)
        await at.step(2)
        await at.press("f3")
        await at.home()
        await at.press("f8", *"izmisljenovic")
        await at.shows("Нађено: 1.")
        assert case.citizen.personal_number not in at.text
        await at.press("enter")
        await at.shows(case.citizen.personal_number)
        assert "заокружен број" in at.text
        assert at.desk.journal_rows(1)[0].kind == "case_viewed"
        await at.press("enter")
        assert (await at.step(2)).case.id == case.id


async def test_what_is_not_there_is_not_found(tmp_path: Path) -> None:
    async with station(tmp_path) as at:
        await at.open("issuance")
        await at.press("f8", *"nema ga")
        await at.shows("Нађено: 0.")
        await at.press("enter")
        assert isinstance(at.app.screen, ArchiveScreen)
        await at.press("escape")
        await at.step(1)


async def test_the_day_book_is_checked(tmp_path: Path) -> None:
    async with station(tmp_path) as at:
        await at.open("issuance")
        await at.press("f3", "5")
        await at.shows("предмет отворен: ИЗДАВАЊЕ")
        await at.press("1")
        await at.shows("Цео:")


async def test_another_clerk_takes_the_desk_over(tmp_path: Path) -> None:
    async with station(tmp_path) as at:
        await at.press("6", "2", *"00 77", "enter")
        await at.shows("без размака")
        await at.press(*["backspace"] * 5, *"0077", "enter")
        await at.shows("Сл. 0077")
        assert at.desk.journal_rows(1)[0].body == {"from": "0042", "to": "0077"}


async def test_blank_forms_are_saved_where_no_printer_is_set(tmp_path: Path) -> None:
    async with station(tmp_path) as at:
        await at.press("7", "1")
        await at.shows("сачувано као printed/blank-obrazac_1")
        saved = list((tmp_path / "printed").iterdir())
        assert [path.read_bytes()[:5] for path in saved] == [b"%PDF-"]


async def test_the_papers_of_a_step_are_printed_and_recorded(tmp_path: Path) -> None:
    async with station(tmp_path) as at:
        case = await at.open("issuance")
        await at.do_steps(1, 1)
        await at.step(2)
        await at.press("f7")
        await at.shows("сачувано као")
        papers = at.desk.show(case.id).papers
        assert [(paper.form, paper.copies) for paper in papers] == [("general_terms", 2)]


async def test_a_letter_that_no_typeface_has_is_a_named_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from kiosk.documents import MissingGlyph

    def refuse(*args: object, **values: object) -> object:
        raise MissingGlyph("漢")

    async with station(tmp_path) as at:
        await at.open("issuance")
        monkeypatch.setattr(PrintRoom, "print_form", refuse)
        await at.press("f7")
        await at.shows("слово које обрасци немају")
        await at.press("1", "2", "enter")
        await at.step(2)


@pytest.mark.parametrize("procedure", ["issuance", "renewal"])
async def test_f1_shows_the_published_words_of_every_step(tmp_path: Path, procedure: str) -> None:
    async with station(tmp_path, "milan") as at:
        await at.open(procedure)
        for step in PROCEDURES[procedure].steps[:3]:
            await at.step(step.number)
            await at.press("f1")
            shown = " ".join(at.text.split())
            assert " ".join(step.wording.split()) in shown
            await at.press("escape")
            await at.do_steps(step.number, step.number)


async def test_the_language_changes_at_any_moment_and_nothing_is_lost(tmp_path: Path) -> None:
    async with station(tmp_path) as at:
        await at.open("issuance")
        await at.press("1", "5", *"jovana@")
        await at.press("f11")
        await at.shows("Zahtev je svojeručno potpisan")
        assert "[x] Zaokružen je broj 1" in at.text
        await at.press("f11")
        await at.shows("[x]")
        await at.press("f11", *"primer.rs", "enter", "2", "enter")
        await at.step(2)


async def test_a_locked_desk_shows_no_name_and_keeps_the_case(tmp_path: Path) -> None:
    async with station(tmp_path) as at:
        case = await at.open("issuance")
        await at.press("f10")
        await at.shows("РАДНО МЕСТО ЈЕ ЗАКЉУЧАНО")
        for secret in (case.citizen.surname, case.citizen.given_name, case.citizen.document_number):
            assert secret not in at.text
        await at.press("enter")
        await at.step(1)


async def test_the_second_f10_ends_the_work(tmp_path: Path) -> None:
    async with station(tmp_path) as at:
        await at.press("f10", "f10")
        await at.walk_until(lambda: not at.app.is_running, "the end")
        assert at.app.return_code == 0


async def test_another_training_card_is_put_in(tmp_path: Path) -> None:
    async with station(tmp_path) as at:
        await at.shows("2Карта")
        await at.press("f2")
        await at.shows("ОБНОВИЋ МИЛАН")
        await at.press("8")
        await at.home()
        await at.opening("renewal")
        await at.shows("МИЛАН")
