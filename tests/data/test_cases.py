"""What a case leaves in the archive is what comes out of it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.archive import Archive
from data.errors import RecordConflict, UnknownCase
from kiosk.cases import Abandoned, Case, CaseStatus, Completed, Suspended, advance, resume, step_back
from kiosk.procedures import PROCEDURES
from kiosk.procedures.evidence import RequestReceived
from kiosk.procedures.preconditions import Check, Remedy
from tests.data.invented import CLERK, Clock, citizen, finish_step, new_case, open_archive


@pytest.mark.parametrize("procedure_key", PROCEDURES)
def test_every_step_of_every_procedure_comes_back_as_it_was_recorded(archive: Archive, procedure_key: str) -> None:
    case = new_case(archive, procedure_key, contract_number="7130-2025-000007" if procedure_key == "renewal" else None)
    assert archive.case(case.id) == case
    for _ in case.procedure.steps:
        case = finish_step(archive, case)
        assert archive.case(case.id) == case
    assert case.status is CaseStatus.COMPLETED
    assert [row.body["reference"] for row in archive.record_of(case.id).evidence] == [
        case.procedure.reference(step.number) for step in case.procedure.steps
    ]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(option=st.integers(-(2**53), 2**53), flag=st.booleans(), wish=st.none() | st.text(), name=st.text())
def test_any_value_survives(archive: Archive, option: int, flag: bool, wish: str | None, name: str) -> None:
    case = new_case(archive, who=citizen(surname=name, date_of_birth=None))
    evidence = RequestReceived(circled_option=option, is_signed=flag, identity_compared=not flag, email_wish=wish)
    after = advance(case, Completed(evidence))
    archive.record(case, Completed(evidence), after, clerk=CLERK)
    assert archive.case(case.id) == after
    assert archive.record_of(case.id).evidence[0].body["facts"] == evidence.as_record()
    assert archive.verify().ok


def test_a_case_outlives_the_program_and_keeps_its_edition(tmp_path: Path, archive: Archive) -> None:
    case = finish_step(archive, new_case(archive, edition="0"))
    archive.close()
    again = open_archive(tmp_path)
    assert again.case(case.id) == case
    assert again.case(case.id).edition == "0"
    again.close()


def test_a_step_recorded_again_gets_the_next_attempt_and_overwrites_nothing(archive: Archive) -> None:
    case = finish_step(archive, new_case(archive), email_wish="staro@example.rs")
    case = finish_step(archive, step_back(case), email_wish="novo@example.rs")
    rows = archive.record_of(case.id).evidence
    assert [(row.body["attempt"], row.body["facts"]["email_wish"]) for row in rows] == [
        (1, "staro@example.rs"),
        (2, "novo@example.rs"),
    ]
    assert archive.case(case.id) == case


def test_a_case_is_set_aside_taken_up_and_abandoned_with_its_cause(archive: Archive) -> None:
    case = new_case(archive)
    for outcome in (Suspended("citizen_left"), Abandoned("citizen_withdrew")):
        after = advance(case, outcome)
        archive.record(case, outcome, after, clerk=CLERK)
        assert archive.case(case.id) == after
        if after.status is CaseStatus.SUSPENDED:
            case = resume(after)
            archive.resumed(case, clerk="0043")
            assert archive.case(case.id) == case
    record = archive.record_of(case.id)
    assert [(row.kind, row.body["reason"]) for row in record.evidence] == [
        ("case_suspended", "citizen_left"),
        ("case_abandoned", "citizen_withdrew"),
    ]
    assert record.summary.status == "abandoned"
    assert [(row.kind, row.clerk) for row in archive.journal_rows(10)][1] == ("case_resumed", "0043")


def test_a_case_that_has_ended_takes_nothing_more(archive: Archive) -> None:
    case = new_case(archive)
    abandoned = advance(case, Abandoned("citizen_withdrew"))
    archive.record(case, Abandoned("citizen_withdrew"), abandoned, clerk=CLERK)
    rows = len(archive.journal_rows(100))
    with pytest.raises(RecordConflict):
        finish_step(archive, case)
    with pytest.raises(RecordConflict):
        archive.resumed(case, clerk=CLERK)
    assert archive.case(case.id) == abandoned
    assert len(archive.journal_rows(100)) == rows


def test_the_preconditions_checked_are_in_the_journal(archive: Archive) -> None:
    check = Check(key="pin_known", holds=False, reason="ПИН", remedy=Remedy.UNBLOCK_FIRST, values=(("date", "1"),))
    case = Case(id=archive.new_case_number(), procedure_key="issuance", edition="1", citizen=citizen())
    archive.open_case(case, clerk=CLERK, checks=[check], facts={"reader": "TEST 00"})
    (row,) = archive.journal_rows(1)
    assert (row.kind, row.clerk, row.case_id) == ("case_opened", CLERK, case.id)
    assert row.body["checks"][0]["remedy"] == "unblock_first"
    assert row.body["facts"] == {"reader": "TEST 00"}


def test_the_unblock_knows_the_case_it_goes_back_to(archive: Archive) -> None:
    parent = new_case(archive)
    child = new_case(archive, "unblock", parent_id=parent.id)
    assert archive.case(child.id).parent_id == parent.id
    assert archive.record_of(child.id).summary.parent_id == parent.id


def test_a_number_is_taken_once(archive: Archive) -> None:
    case = new_case(archive)
    with pytest.raises(RecordConflict):
        archive.open_case(case, clerk=CLERK, checks=(), facts={})
    assert archive.new_case_number() == "2026-000002"


def test_a_case_nobody_opened_is_named(archive: Archive) -> None:
    for ask in (archive.case, archive.record_of, lambda n: archive.reserve_contract_number(n, "7130")):
        with pytest.raises(UnknownCase) as caught:
            ask("2026-999999")
        assert caught.value.case_id == "2026-999999"


def test_open_cases_are_the_unfinished_ones_latest_change_first(archive: Archive) -> None:
    first, second, third = (new_case(archive) for _ in range(3))
    archive.record(first, Suspended("x"), advance(first, Suspended("x")), clerk=CLERK)
    archive.record(second, Abandoned("x"), advance(second, Abandoned("x")), clerk=CLERK)
    assert [(s.case_id, s.status) for s in archive.open_cases()] == [(first.id, "suspended"), (third.id, "open")]


def test_numbers_begin_anew_with_the_offices_year(tmp_path: Path) -> None:
    # 23:30 UTC on New Year's Eve is already the new year in Belgrade.
    clock = Clock(datetime(2026, 12, 31, 22, 30, tzinfo=UTC))
    archive = Archive.open(tmp_path, clock, zone=ZoneInfo("Europe/Belgrade"))
    assert archive.new_case_number() == "2026-000001"
    assert archive.new_case_number() == "2026-000002"
    clock.now = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
    assert archive.new_case_number() == "2027-000001"
    archive.close()


def test_the_day_is_counted_at_the_office(tmp_path: Path) -> None:
    belgrade = ZoneInfo("Europe/Belgrade")
    clock = Clock(datetime(2026, 3, 2, 22, 30, tzinfo=UTC))
    archive = Archive.open(tmp_path, clock, zone=belgrade)
    done = new_case(archive, "renewal")
    for _ in done.procedure.steps:
        done = finish_step(archive, done)
    clock.now = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)
    gone, _waiting = new_case(archive), new_case(archive, "unblock")
    archive.record(gone, Abandoned("x"), advance(gone, Abandoned("x")), clerk=CLERK)
    nothing = {"issuance": 0, "renewal": 0, "unblock": 0, "status_change": 0, "abandoned": 0, "open": 1}
    assert archive.counts_today(date(2026, 3, 2)) == nothing | {"renewal": 1}
    assert archive.counts_today(date(2026, 3, 3)) == nothing | {"abandoned": 1}
    assert archive.counts_today(date(2026, 3, 2), UTC) == nothing | {"renewal": 1, "abandoned": 1}
    archive.close()
