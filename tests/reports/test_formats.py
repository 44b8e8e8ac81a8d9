"""CSV, JSON, text and PDF of one report say the same, read back by other programs."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from data.archive import Archive
from kiosk.config import Config, Exchange
from kiosk.documents.facts import Script
from kiosk.reports.bars import bar
from kiosk.reports.csv_text import as_csv, harmless
from kiosk.reports.desk import ReportDesk
from kiosk.reports.paper import paper
from kiosk.reports.plain_text import as_text
from kiosk.reports.report import REPORTS, Report
from kiosk.reports.worded import worded
from kiosk.texts import Language, Texts
from tests.data.invented import CLERK
from tests.documents.reading import pages, squeezed
from tests.reports.office import MORNING, Hands, office, whole_case

DAY = MORNING.date()


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    opened = office(tmp_path, Hands())
    case = whole_case(opened, "issuance", 1, days=20, surname="=ЗЛИЋ", given_name="+1+1")
    whole_case(opened, "unblock", 2, surname="ЂОРЂЕВИЋ")
    opened.note("fault", {"code": "К-0201", "step": "issuance/6"}, clerk=CLERK, case_id=case.id)
    yield opened
    opened.close()


@pytest.fixture
def desk(archive: Archive) -> ReportDesk:
    config = replace(Config(), exchange=Exchange(centre=Path("centre.json")))
    return ReportDesk(archive, lambda: config, archive.clock, MORNING.tzinfo)


def look(desk: ReportDesk, key: str) -> Report:
    return desk.look(key, *desk.usual_days(key))


def on_paper(report: Report, script: Script = Script.CYRILLIC) -> list[str]:
    return pages(paper(report, Config().office, DAY, "7-0000-0000-0000-0000", script, MORNING.tzinfo))


@pytest.mark.parametrize("key", REPORTS)
def test_all_forms_hold_the_same_rows_and_the_same_hash(desk: ReportDesk, key: str) -> None:
    report = look(desk, key)
    read = json.loads(report.as_json())
    assert [tuple(row) for row in read["rows"]] == list(report.rows)
    assert report.rows
    table = list(csv.reader(io.StringIO(as_csv(report).decode("utf-8-sig"), newline="")))
    assert table[0] == list(report.columns) == read["columns"]
    assert [[cell.removeprefix("'") for cell in row] for row in table[1:]] == [list(map(str, r)) for r in report.rows]
    digest = hashlib.sha256(report.as_json()).hexdigest()
    words = worded(report, Texts(), MORNING.tzinfo)
    assert f"SHA-256 {digest}" in as_text(words, report.sha256)
    text = squeezed("".join(on_paper(report)))
    assert f"SHA-256{digest}" in text
    assert all(squeezed("".join(row)) in text for row in words.rows)
    for _, counts in words.bars:
        assert all(squeezed(f"{label}{count}") in text for label, count in counts)


def test_a_look_is_a_row_that_names_the_data(desk: ReportDesk, archive: Archive) -> None:
    report = look(desk, "expiring")
    (row,) = archive.journal_rows(1)
    assert (row.kind, row.clerk) == ("report_viewed", "0042")
    assert row.body == {
        "report": "expiring",
        "from": "2026-03-02",
        "to": "2026-05-31",
        "sha256": hashlib.sha256(report.as_json()).hexdigest(),
    }
    assert look(desk, "expiring").sha256 == report.sha256
    assert look(desk, "day").sha256 != look(desk, "day").sha256, "the looks of today are rows of today"


def test_a_report_that_cannot_be_recorded_is_not_shown(desk: ReportDesk, archive: Archive) -> None:
    with archive.store.immediate() as db:
        db.execute(
            "CREATE TRIGGER no_more BEFORE INSERT ON journal BEGIN SELECT RAISE(ABORT, 'no'); END",
        )
    from data.errors import ArchiveError

    with pytest.raises(ArchiveError):
        look(desk, "expiring")


@pytest.mark.parametrize(
    "cell",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "  =1",
        " =1",
        "＝1",
        "＋1",
        "－1",
        "＠x",
        '=HYPERLINK("x")',
    ],
)
def test_no_cell_is_a_formula(cell: str) -> None:
    safe = harmless(cell)
    assert safe == f"'{cell}"
    assert harmless(f"а{cell}") == f"а{cell}"
    assert harmless(-1) == -1


def test_a_name_like_a_formula_is_text_in_the_file(desk: ReportDesk) -> None:
    names = {row[-1] for row in csv.reader(io.StringIO(as_csv(look(desk, "expiring")).decode("utf-8-sig")))}
    assert names == {"name", "'=ЗЛИЋ +1+1"}


def test_paper_in_latin_and_a_letter_that_the_typeface_lacks(desk: ReportDesk) -> None:
    report = look(desk, "expiring")
    strange = replace(report, rows=tuple((*row[:-1], "Kőrös 漢") for row in report.rows))
    (page,) = on_paper(strange, Script.LATIN)
    assert "SERTIFIKATI KOJI ISTIČU" in page
    assert "K?rös ?" in page
    assert "дневник" not in page and "dnevnik 7-0000-0000-0000-0000" in page


def test_paper_of_many_rows_goes_over_pages_and_no_case_is_lost(desk: ReportDesk) -> None:
    report = look(desk, "balance")
    cases = " ".join(f"2026-{number:06}" for number in range(3000))
    many = replace(report, rows=tuple((*row[:-1], cases) for row in report.rows[-1:]))
    found = on_paper(many)
    assert len(found) > 3
    assert all(squeezed("".join(found)).count(case) == 1 for case in cases.split())


def test_an_empty_day_is_a_report_too(desk: ReportDesk) -> None:
    empty = DAY - timedelta(days=1)
    for key in REPORTS:
        report = desk.look(key, empty, empty)
        assert not report.rows or key == "balance"
        assert as_csv(report).decode("utf-8-sig").splitlines()[0].startswith('"')
        assert f"SHA-256{report.sha256}" in squeezed("".join(on_paper(report)))
    balanced = desk.look("balance", empty, empty)
    assert {row[1:4] for row in balanced.rows} == {(0, 0, "yes")}


def test_an_office_without_a_centre_owes_it_nothing(desk: ReportDesk, archive: Archive) -> None:
    alone = look(ReportDesk(archive, Config, archive.clock, MORNING.tzinfo), "balance")
    owing = look(desk, "balance")
    assert {row[0] for row in owing.rows} - {row[0] for row in alone.rows} == {"journal_centre"}
    assert set(alone.sums) == {"counts"}
    assert owing.sums["silence"] == {"days": 0}
    assert owing.sums["exchange"]["waiting"] == owing.sums["exchange"]["rows"]


def test_file_names_say_nothing_of_a_citizen(desk: ReportDesk) -> None:
    assert look(desk, "day").file_name == "report-day-7130-2026-03-02"
    assert look(desk, "expiring").file_name == "report-expiring-7130-2026-03-02_2026-05-31"


def test_a_certificate_whose_status_was_changed_is_told(desk: ReportDesk, archive: Archive) -> None:
    from data.status_journal import ArchivedStatusJournal
    from kiosk.ca.interface import StatusAction
    from kiosk.status_order import StatusOrder, StatusState

    serials = [str(row[4]) for row in look(desk, "expiring").rows]
    journal = ArchivedStatusJournal(archive)
    for serial, action in zip(serials, (StatusAction.REVOKE, StatusAction.HOLD), strict=True):
        order = StatusOrder(case_id="2026-000001", serial=serial, action=action, state=StatusState.DONE)
        journal.store(order, CLERK)
    report = look(desk, "expiring")
    assert [row[5] for row in report.rows] == ["revoked", "suspended"]
    assert report.sums["within"] == {"7": 0, "30": 1, "90": 1}


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("key", REPORTS)
def test_every_word_is_there_in_every_language(desk: ReportDesk, key: str, language: Language) -> None:
    text = as_text(worded(look(desk, key), Texts(language), MORNING.tzinfo), "")
    own = text.replace("ЗЛИЋ", "").replace("ЂОРЂЕВИЋ", "").replace("ПРОБА", "").replace("К-0201", "")
    has_cyrillic = any("а" <= letter.lower() <= "ш" for letter in own)
    assert has_cyrillic == (language is Language.CYRILLIC)


def test_bars_are_as_long_as_they_say() -> None:
    assert [bar(count, 8, 2) for count in (0, 1, 4, 5, 8)] == ["", "▎", "█", "█▎", "██"]
    assert bar(1, 1_000_000, 24) == "▏", "what is not nothing is seen"
    assert bar(0, 0, 24) == ""


def test_usual_days(desk: ReportDesk) -> None:
    assert desk.usual_days("day") == (DAY, DAY)
    assert desk.usual_days("expiring") == (DAY, date(2026, 5, 31))


def test_a_clock_that_was_moved_is_said_in_every_form(tmp_path: Path) -> None:
    hands = Hands()
    archive = office(tmp_path / "moved", hands, is_watched=True)
    archive.note("fault", {"code": "К-0101"}, clerk=CLERK)
    hands.at -= timedelta(days=3)
    archive.note("fault", {"code": "К-0101"}, clerk=CLERK)
    hands.at += timedelta(days=3)
    desk = ReportDesk(archive, Config, hands, MORNING.tzinfo)
    for day, moves in ((DAY, 1), (DAY - timedelta(days=2), 2), (DAY - timedelta(days=4), 0)):
        report = desk.look("failures", day, day)
        words = worded(report, Texts(Language.ENGLISH), MORNING.tzinfo)
        said = [remark for remark in words.remarks if remark.startswith("The clock was moved from ")]
        # The look itself is the first change after the hands came back, so from then on there are two moves.
        assert len(said) == len(report.clock_moves) == len(json.loads(report.as_json())["clock_moves"]) == moves
        assert as_text(words, report.sha256).count("The clock was moved") == moves
        assert squeezed("".join(on_paper(report))).count("Сатјепомерен") == moves
    archive.close()
