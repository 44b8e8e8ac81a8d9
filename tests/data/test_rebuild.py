"""Every table is what the journal makes of it; whatever else got into one is found."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from data.archive import Archive
from data.errors import ArchiveDamaged
from data.orders import OrderJournal
from data.rebuild import NOT_PROJECTED
from data.records import CertificateRecord, Contract, PaperCopy
from kiosk.ca.interface import Profile
from kiosk.cases import Suspended, advance, resume, step_back
from kiosk.orders import Act, Order, OrderState
from tests.data.invented import CLERK, citizen, finish_step, new_case, open_archive

NOW = datetime(2026, 3, 2, tzinfo=UTC)
TABLES = {
    "cases",
    "certificates",
    "contract_numbers",
    "contracts",
    "epochs",
    "evidence",
    "journal",
    "journal_head",
    "numbers",
    "office_keys",
    "orders",
    "papers",
    "persons",
    "restrictions",
    "search",
    "search_version",
}


def live(archive: Archive) -> None:
    """A day at the desk: whole cases, one set aside and taken up, corrections, orders, papers, certificates."""
    for number in ("0101990000018", "0202980000025"):
        case = new_case(archive, who=citizen(personal_number=number))
        case = finish_step(archive, case)
        case = finish_step(archive, step_back(case), email_wish="proba@example.rs")
        waiting = advance(case, Suspended("citizen_left"))
        archive.record(case, Suspended("citizen_left"), waiting, clerk=CLERK)
        case = resume(waiting)
        archive.resumed(case, CLERK)
        for _ in range(case.at, 8):
            case = finish_step(archive, case)
        _papers_and_orders(archive, case.id, number)
    archive.note("refused", {"document_number": "000000009"}, clerk=CLERK)
    archive.checkpoint()


def _papers_and_orders(archive: Archive, case_id: str, number: str) -> None:
    journal = OrderJournal(archive, CLERK)
    order = Order(order_id=f"{case_id}/signature", case_id=case_id, profile=Profile.SIGNATURE, keys_before=("01",))
    journal.begin(order, Act.GENERATE)
    journal.finish(replace(order, state=OrderState.KEY_MADE, public_key=b"spki", key_id=b"\x05"), Act.GENERATE)
    archive.add_certificate(
        CertificateRecord(
            serial=number,
            profile=Profile.SIGNATURE,
            case_id=case_id,
            personal_number=number,
            document_number="000000001",
            certificate=b"DER" + number.encode(),
            not_before=NOW,
            not_after=NOW.replace(year=2031),
        ),
        clerk=CLERK,
    )
    archive.add_paper(
        PaperCopy(form="request", case_id=case_id, copies=2, sha256="00", printed_at=NOW, where="TEST"), clerk=CLERK
    )
    paper = Contract(
        number=f"old-{number}", personal_number=number, concluded_on=date(2021, 1, 1), case_id=None, seen_by=CLERK
    )
    archive.add_contract(paper, clerk=CLERK)


def test_every_table_comes_out_of_the_journal(archive: Archive, tmp_path: Path) -> None:
    live(archive)
    files = {path.name for path in tmp_path.iterdir()}
    results = archive.rebuild()
    assert {result.name for result in results} == TABLES
    assert [result for result in results if not result.is_equal or result.rows != result.rebuilt] == []
    # Only what this day did not touch is empty.
    assert {result.name for result in results if not result.rows} == {"epochs", "restrictions"}
    assert {path.name for path in tmp_path.iterdir()} == files
    with archive.store.read() as db:
        names = {row[0] for row in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()}
    assert names >= set(NOT_PROJECTED) - {"receipts"}


def test_an_empty_archive_rebuilds(tmp_path: Path) -> None:
    archive = open_archive(tmp_path)
    assert all(result.is_equal for result in archive.rebuild())
    archive.close()


@pytest.mark.parametrize(
    ("table", "tampering"),
    [
        ("cases", "UPDATE cases SET status = 'open' WHERE n = (SELECT min(n) FROM cases)"),
        ("cases", "UPDATE cases SET full_name = 'ДРУГИ'"),
        ("certificates", "UPDATE certificates SET not_after = '2099'"),
        ("certificates", "DELETE FROM certificates WHERE serial = '0101990000018'"),
        ("contract_numbers", "UPDATE contract_numbers SET number = number || '9'"),
        ("contracts", "UPDATE contracts SET concluded_on = '2020-01-01'"),
        ("evidence", "DROP TRIGGER evidence_no_update; UPDATE evidence SET facts = '{}' WHERE step = 3"),
        ("journal_head", "UPDATE journal_head SET size = size + 1"),
        ("numbers", "UPDATE numbers SET last = last + 1"),
        ("office_keys", "INSERT INTO office_keys VALUES (x'00', 1)"),
        ("orders", "UPDATE orders SET state = 'closed'"),
        ("papers", "INSERT INTO papers SELECT n + 1000, form, case_id, copies, sha256, printed_at, '' FROM papers"),
        ("persons", "UPDATE persons SET personal_number = '1' WHERE personal_number = '0101990000018'"),
        ("restrictions", "INSERT INTO restrictions SELECT id, 'x', 'y' FROM cases"),
        ("search", "DELETE FROM search"),
        ("search_version", "UPDATE search_version SET fold_version = 0"),
    ],
)
def test_a_table_that_was_changed_behind_the_journal_is_named(archive: Archive, table: str, tampering: str) -> None:
    live(archive)
    with archive.store.immediate() as db:
        db.executescript(tampering)
    assert [result.name for result in archive.rebuild() if not result.is_equal] == [table]


def test_a_row_that_does_not_tell_enough_is_named(archive: Archive) -> None:
    case = new_case(archive)
    archive.note("case_resumed", {"step": 1}, clerk=CLERK, case_id=case.id)
    with pytest.raises(ArchiveDamaged, match="journal row 3 does not tell 'after'"):
        archive.rebuild()
