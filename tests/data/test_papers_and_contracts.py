"""Contracts, certificates and printed forms."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from data.archive import Archive
from data.errors import RecordConflict
from data.records import CertificateRecord, Contract, PaperCopy
from kiosk.ca.interface import Profile
from kiosk.cases import Case, step_back
from tests.data.invented import CLERK, citizen, finish_step, new_case


def certificate(case: Case, serial: str = "1f2e3d4c", body: bytes = b"TEST", end: int = 2031) -> CertificateRecord:
    return CertificateRecord(
        serial=serial,
        profile=Profile.SIGNATURE,
        case_id=case.id,
        personal_number=case.citizen.personal_number,
        document_number=case.citizen.document_number,
        certificate=body,
        not_before=datetime(2026, 3, 2, tzinfo=UTC),
        not_after=datetime(end, 3, 2, tzinfo=UTC),
    )


def at_agreement(archive: Archive) -> Case:
    case = new_case(archive)
    while case.step.key != "agreement":
        case = finish_step(archive, case)
    return case


def test_concluding_the_agreement_archives_the_contract_with_it(archive: Archive) -> None:
    case = at_agreement(archive)
    number = archive.reserve_contract_number(case.id, "7130")
    finish_step(archive, case, agreement_number=number)
    contract = Contract(
        number="7130-2026-000001",
        personal_number=case.citizen.personal_number,
        concluded_on=date(2026, 3, 2),
        case_id=case.id,
        seen_by=CLERK,
    )
    assert archive.contracts_of(case.citizen.personal_number) == [contract]
    assert archive.contract(number) == contract
    assert archive.record_of(case.id).contracts == (contract,)


def test_a_corrected_agreement_leaves_one_contract(archive: Archive) -> None:
    case = finish_step(archive, at_agreement(archive), agreement_number="7130-2026-000001")
    finish_step(archive, step_back(case), agreement_number="7130-2026-000002")
    assert [c.number for c in archive.contracts_of(case.citizen.personal_number)] == ["7130-2026-000002"]
    assert archive.contract("7130-2026-000001") is None
    finish_step(archive, step_back(case), agreement_number="7130-2026-000002")
    assert [c.number for c in archive.contracts_of(case.citizen.personal_number)] == ["7130-2026-000002"]


def test_another_citizens_contract_number_is_refused_and_nothing_of_the_step_stays(archive: Archive) -> None:
    finish_step(archive, at_agreement(archive), agreement_number="7130-2026-000001")
    case = at_agreement(archive)
    archive.reserve_contract_number(case.id, "7130")
    rows = archive.journal_rows(1)
    with pytest.raises(RecordConflict):
        finish_step(archive, case, agreement_number="7130-2026-000001")
    assert archive.case(case.id) == case
    assert archive.journal_rows(1) == rows


def test_the_number_of_a_cases_contract_is_the_same_each_time(archive: Archive) -> None:
    first, second = new_case(archive), new_case(archive)
    numbers = [archive.reserve_contract_number(case.id, "7130") for case in (first, second, first, second)]
    assert numbers == ["7130-2026-000001", "7130-2026-000002"] * 2
    assert archive.reserve_contract_number(new_case(archive).id, "7131") == "7131-2026-000001"


def test_a_contract_from_the_paper_is_found_at_renewal(archive: Archive) -> None:
    paper = Contract(
        number="0001-2019-000123",
        personal_number=citizen().personal_number,
        concluded_on=date(2019, 5, 6),
        case_id=None,
        seen_by=CLERK,
        note="на увид",
    )
    archive.add_contract(paper, clerk=CLERK)
    archive.add_contract(paper, clerk=CLERK)
    assert archive.contracts_of(paper.personal_number) == [paper]
    assert len(archive.journal_rows(10)) == 1
    renewal = new_case(archive, "renewal", contract_number=paper.number)
    assert archive.record_of(renewal.id).contracts == (paper,)


def test_newest_contract_first(archive: Archive) -> None:
    for year in (2019, 2024, 2021):
        contract = Contract(
            number=f"1-{year}", personal_number="1", concluded_on=date(year, 1, 1), case_id=None, seen_by=CLERK
        )
        archive.add_contract(contract, clerk=CLERK)
    assert [c.concluded_on.year for c in archive.contracts_of("1")] == [2024, 2021, 2019]


def test_a_certificate_is_archived_once(archive: Archive) -> None:
    case = new_case(archive)
    record = certificate(case)
    for _ in range(2):
        archive.add_certificate(record, clerk=CLERK)
    assert archive.certificates_of(case.citizen.personal_number) == [record]
    assert archive.record_of(case.id).certificates == (record,)
    assert [row.kind for row in archive.journal_rows(2)] == ["certificate_archived", "case_opened"]
    with pytest.raises(RecordConflict):
        archive.add_certificate(certificate(case, body=b"another"), clerk=CLERK)


def test_certificates_come_latest_end_first(archive: Archive) -> None:
    case = new_case(archive)
    for serial, end in (("01", 2027), ("02", 2031), ("03", 2029)):
        archive.add_certificate(certificate(case, serial, end=end), clerk=CLERK)
    assert [c.serial for c in archive.certificates_of(case.citizen.personal_number)] == ["02", "03", "01"]


def test_printed_forms_are_kept_with_their_case(archive: Archive) -> None:
    case = new_case(archive)
    blank, filled = (
        PaperCopy(
            form="obrazac_1",
            case_id=case_id,
            copies=2,
            sha256="ab" * 32,
            printed_at=datetime(2026, 3, 2, 9, tzinfo=UTC),
            where="TEST",
        )
        for case_id in (None, case.id)
    )
    archive.add_paper(blank, clerk=CLERK)
    archive.add_paper(filled, clerk=CLERK)
    assert archive.record_of(case.id).papers == (filled,)
    assert [row.body["case_id"] for row in archive.journal_rows(2)] == [case.id, None]
