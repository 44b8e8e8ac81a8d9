"""What the reports ask of the archive, against archives counted by hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from data import balance, failures, reports
from data.archive import Archive
from data.balance import Exchanged
from data.reports import Span
from kiosk.cases import Abandoned, advance
from tests.data.invented import CLERK, new_case
from tests.reports.office import Hands, office, person, print_papers, serials, walk, whole_case, write_certificates

BELGRADE = ZoneInfo("Europe/Belgrade")
DAY = date(2026, 3, 2)


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def archive(tmp_path: Path, hands: Hands) -> Iterator[Archive]:
    opened = office(tmp_path, hands)
    yield opened
    opened.close()


def day(of: date = DAY) -> Span:
    return reports.span(of, of, UTC)


def test_a_day_begins_at_midnight_where_the_office_is() -> None:
    summer = reports.span(date(2026, 7, 1), date(2026, 7, 2), BELGRADE)
    assert (summer.begin, summer.end) == ("2026-06-30T22:00:00.000000+00:00", "2026-07-02T22:00:00.000000+00:00")
    longest = reports.span(date(2026, 10, 25), date(2026, 10, 25), BELGRADE)
    assert datetime.fromisoformat(longest.end) - datetime.fromisoformat(longest.begin) == timedelta(hours=25)


def test_an_empty_day_is_empty(archive: Archive) -> None:
    empty = day(date(2026, 3, 1))
    whole_case(archive, "issuance", 1)
    with archive.store.read() as db:
        assert reports.kinds(db, empty) == {}
        assert reports.rows(db, empty) == []
        assert reports.ended(db, empty) == {}
        assert failures.failures(db, empty) == []
        assert balance.tallies(db, empty) == []
        assert balance.exchanged(db, empty) == Exchanged(rows=0, at_centre=0, waiting=())


def test_rows_and_ends_of_a_day(archive: Archive, hands: Hands) -> None:
    whole_case(archive, "issuance", 1)
    whole_case(archive, "unblock", 2)
    given_up = new_case(archive, who=person(3))
    archive.record(given_up, Abandoned("изричит захтев"), advance(given_up, Abandoned("изричит захтев")), clerk=CLERK)
    hands.at += timedelta(days=1)
    whole_case(archive, "issuance", 4)
    with archive.store.read() as db:
        assert reports.kinds(db, day()) == {
            "case_abandoned": 1,
            "case_opened": 3,
            "order_begun": 2,
            "order_finished": 2,
            "certificate_archived": 2,
            "contract_number_reserved": 1,
            "number_given": 4,
            "paper_printed": 4,
            "step_completed": 7 + 5,
        }
        assert reports.ended(db, day()) == {"issuance": 1, "unblock": 1, "abandoned": 1}
        rows = reports.rows(db, day())
        assert [row.seq for row in rows] == list(range(1, 32))
        assert {row.case_id for row in rows} == {None, "2026-000001", "2026-000002", "2026-000003"}
        both = reports.span(DAY, date(2026, 3, 3), UTC)
        assert reports.ended(db, both) == {"issuance": 2, "unblock": 1, "abandoned": 1}


def test_a_case_over_midnight_counts_whole_on_the_day_it_ended(archive: Archive, hands: Hands) -> None:
    hands.at = datetime(2026, 3, 2, 23, 58, tzinfo=UTC)
    case = new_case(archive, who=person(1))
    print_papers(archive, case, ("obrazac_1", "general_terms", "agreement"))
    write_certificates(archive, case)
    case = walk(archive, case, 6)
    with archive.store.read() as db:
        (before,) = balance.tallies(db, day())
    assert (before.case_id, before.is_completed) == (case.id, False)
    hands.at = datetime(2026, 3, 3, 0, 3, tzinfo=UTC)
    walk(archive, case)
    with archive.store.read() as db:
        assert balance.tallies(db, day()) == []
        (tally,) = balance.tallies(db, day(date(2026, 3, 3)))
        assert reports.ended(db, day(date(2026, 3, 3))) == {"issuance": 1}
        assert reports.kinds(db, day(date(2026, 3, 3))) == {"step_completed": 1}
    assert tally.is_completed
    assert tally.serials == set(serials(case))
    assert (
        tally.in_tables
        == tally.in_journal
        == {
            "step_completed": 7,
            "paper_printed": 3,
            "certificate_archived": 2,
        }
    )


def test_papers_printed_twice_are_counted_as_printed_twice(archive: Archive) -> None:
    case = new_case(archive, "renewal", person(1))
    print_papers(archive, case, ("obrazac_1", "obrazac_1", "dossier_sheet"))
    write_certificates(archive, case)
    walk(archive, case)
    with archive.store.read() as db:
        (tally,) = balance.tallies(db, day())
    assert tally.printed == {"obrazac_1": 2, "dossier_sheet": 1}


def test_rows_the_centre_has_not_acknowledged_name_their_cases(archive: Archive) -> None:
    whole_case(archive, "unblock", 1)
    first = len(archive.stored_rows(0, 1000))
    whole_case(archive, "unblock", 2)
    last = len(archive.stored_rows(0, 1000))
    with archive.store.immediate() as db:
        db.execute(
            "INSERT INTO receipts (at, received_at, epoch, size, verdict, text) VALUES ('x', 'x', 1, ?, 'agrees', 'x')",
            [first],
        )
    with archive.store.read() as db:
        assert balance.exchanged(db, day()) == Exchanged(rows=last, at_centre=first, waiting=("2026-000002",))


def test_a_clock_that_was_moved_is_told_on_every_day_it_touched(tmp_path: Path) -> None:
    hands = Hands()
    archive = office(tmp_path, hands, is_watched=True)
    archive.note("fault", {"code": "К-0101", "fault": "NoService"}, clerk=CLERK)
    hands.at -= timedelta(days=4)
    whole_case(archive, "unblock", 1)
    with archive.store.read() as db:
        for offset in range(-1, 7):
            moves = reports.clock_moves(db, day(DAY - timedelta(days=offset)))
            assert bool(moves) == (0 <= offset <= 4), offset
        ((before, after),) = reports.clock_moves(db, day())
        assert reports.ended(db, day(DAY - timedelta(days=4))) == {"unblock": 1}
        assert reports.kinds(db, day()) == {"fault": 1}
    assert (before[:10], after[:10]) == ("2026-03-02", "2026-02-26")
    archive.close()


def test_certificates_that_end_in_the_span(archive: Archive) -> None:
    for number, days in ((1, 89), (2, 90), (3, 91)):
        whole_case(archive, "issuance", number, days=days)
    restricted = whole_case(archive, "issuance", 4, days=10)
    archive.restrict(restricted.id, "спор", clerk=CLERK)
    with archive.store.read() as db:
        found = reports.ending(db, reports.span(DAY, DAY + timedelta(days=90), UTC))
    assert [(one.case_id, one.profile.value) for one in found] == [
        ("2026-000001", "authentication"),
        ("2026-000001", "signature"),
        ("2026-000002", "authentication"),
        ("2026-000002", "signature"),
    ]
    assert not any(one.is_followed for one in found)


def test_a_certificate_that_was_renewed_is_followed(archive: Archive) -> None:
    whole_case(archive, "issuance", 1, days=30)
    whole_case(archive, "renewal", 1)
    whole_case(archive, "issuance", 2, days=30)
    with archive.store.read() as db:
        found = reports.ending(db, reports.span(DAY, DAY + timedelta(days=30), UTC))
    assert [(one.case_id, one.is_followed) for one in found] == [
        ("2026-000001", True),
        ("2026-000001", True),
        ("2026-000003", False),
        ("2026-000003", False),
    ]


def test_failures_know_step_and_reader_also_where_the_row_does_not_tell(archive: Archive) -> None:
    archive.note("refused", {"procedure": "renewal", "reasons": ["card_valid", "pin_known"]}, clerk=CLERK)
    case = walk(archive, new_case(archive, who=person(1)), 2)
    archive.note("fault", {"code": "К-0201", "fault": "CardRemoved"}, clerk=CLERK, case_id=case.id)
    walk(archive, case, 2)
    archive.note("fault", {"code": "К-0201", "step": "issuance/6"}, clerk=CLERK, case_id=case.id)
    archive.note("fault", {"code": "К-0101", "fault": "NoService"}, clerk=CLERK)
    with archive.store.read() as db:
        found = failures.failures(db, day())
    assert [(one.kind, one.step, one.reader, one.code) for one in found] == [
        ("refused", "renewal", "", "card_valid pin_known"),
        ("fault", "issuance/3", "TEST", "К-0201"),
        ("fault", "issuance/6", "TEST", "К-0201"),
        ("fault", "", "", "К-0101"),
    ]


def test_of_an_erased_person_only_the_number_of_failures_is_left(archive: Archive) -> None:
    from data import persons

    case = new_case(archive, who=person(1))
    archive.note("fault", {"code": "К-0201", "step": "issuance/1"}, clerk=CLERK, case_id=case.id)
    with archive.store.immediate() as db:
        subject = persons.name_of_case(db, case.id)
        db.execute("DELETE FROM subject_keys WHERE subject = ?", [subject])
    with archive.store.read() as db:
        (one,) = failures.failures(db, day())
    assert (one.step, one.reader, one.code) == ("", "", "")


@pytest.mark.parametrize("query", [reports.COUNTED, reports.ROWS, balance.COMPLETED, balance.UNENDED, balance.WAITING])
def test_no_query_walks_through_the_journal(archive: Archive, query: str) -> None:
    with archive.store.read() as db:
        plan = db.execute(f"EXPLAIN QUERY PLAN {query}", {"begin": "", "end": "", "acknowledged": 0}).fetchall()
    scanned = [row[3] for row in plan if row[3].startswith("SCAN") and row[3] not in ("SCAN each", "SCAN written")]
    assert scanned == []


def test_nothing_is_written(archive: Archive) -> None:
    whole_case(archive, "issuance", 1)
    before = archive.store.path.stat().st_mtime_ns, archive.head_code()
    with archive.store.read() as db:
        changes = db.conn.total_changes
        reports.rows(db, day()), balance.tallies(db, day()), balance.exchanged(db, day())
        reports.ending(db, day()), failures.failures(db, day()), reports.clock_moves(db, day())
        assert db.conn.total_changes == changes
    assert before == (archive.store.path.stat().st_mtime_ns, archive.head_code())
