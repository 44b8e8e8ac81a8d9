"""A citizen is erased when the term has run out and not before; nothing of the person is left, every proof holds."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from data import retention
from data.archive import Archive
from data.batch_store import BatchStore
from data.errors import MustBeKept, RecordConflict, UnknownCase
from data.keys import key_of
from data.retention import Retention
from kiosk.ca.batch.entry import Approval
from kiosk.ca.interface import WireKind
from kiosk.cases import Case
from tests.data.invented import CLERK, Clock, citizen, finish_step, new_case
from tests.data.test_export import inspect
from tests.data.test_rebuild import _papers_and_orders

TERMS = Retention()
GONE = citizen("ЗЛАТОУСТИЋ", "НЕПОСТОЈАН", personal_number="0202980000025", document_number="000000777")
STAYS = citizen()
SECOND = "0099"


def opened(folder: Path, at: datetime = datetime(2026, 3, 2, tzinfo=UTC)) -> Archive:
    return Archive.open(folder, Clock(at), zone=UTC)


def live(archive: Archive) -> tuple[Case, Case]:
    """Two citizens, each with a whole case, papers, orders and a certificate to 2031."""
    cases = []
    for who in (GONE, STAYS):
        case = new_case(archive, who=who)
        for _ in case.procedure.steps:
            case = finish_step(archive, case)
        _papers_and_orders(archive, case.id, who.personal_number)
        cases.append(case)
    archive.checkpoint()
    return cases[0], cases[1]


def test_the_term_is_the_longer_of_the_two(archive: Archive) -> None:
    live(archive)
    number = GONE.personal_number
    assert archive.kept_until(number, TERMS) == date(2038, 3, 2)
    assert archive.kept_until(number, Retention(after_case_end=20)) == date(2046, 3, 2)
    assert archive.kept_until(number, Retention(after_certificate_end=1, after_case_end=1)) == date(2032, 3, 2)
    assert archive.kept_until("0000000000000", TERMS) is None
    assert retention.later(date(2028, 2, 29), 7) == date(2035, 3, 1)


def test_before_the_term_nothing_is_erased(archive: Archive) -> None:
    live(archive)
    rows = archive.verify().rows
    assert archive.erasable(TERMS) == []
    for number in (GONE.personal_number, "0000000000000"):
        with pytest.raises(MustBeKept):
            archive.erase_person(number, TERMS, clerk=CLERK, second_clerk=SECOND)
    with pytest.raises(RecordConflict):
        archive.erase_person(GONE.personal_number, TERMS, clerk=CLERK, second_clerk=CLERK)
    assert archive.verify().rows == rows
    assert len(archive.search("zlatoustić")) == 1


def test_what_waited_for_a_bundle_goes_with_its_citizen(tmp_path: Path) -> None:
    with closing(opened(tmp_path / "a")) as archive:
        cases = live(archive)
        for case in cases:
            order, approval = f"{case.id}/signature", Approval(clerk=CLERK, at="2026-03-02T00:00:00+00:00")
            BatchStore(archive.store).put(WireKind.ISSUE, order, order.encode(), approval)
    with closing(opened(tmp_path / "a", datetime(2038, 3, 3, tzinfo=UTC))) as archive:
        archive.erase_person(GONE.personal_number, TERMS, clerk=CLERK, second_clerk=SECOND)
        assert BatchStore(archive.store).orders() == {f"{cases[1].id}/signature": False}


def test_an_erased_citizen_is_nowhere_and_every_proof_holds(tmp_path: Path) -> None:
    with closing(opened(tmp_path / "a")) as archive:
        gone, stays = live(archive)
        before = archive.stored_rows(0, 10_000)
        early = archive.checkpoint()
        with archive.store.read() as db:
            key = db.execute(
                "SELECT key FROM subject_keys JOIN persons USING (subject) WHERE personal_number = ?",
                [GONE.personal_number],
            ).fetchone()[0]
    assert _left(tmp_path / "a", [key, *_words()]) == [key, *_words()]
    with closing(opened(tmp_path / "a", datetime(2038, 3, 3, tzinfo=UTC))) as archive:
        archive.restrict(stays.id, "citizen_asked", clerk=CLERK)
        assert {case.case_id for case in archive.erasable(TERMS)} == {gone.id, stays.id}
        subject = archive.erase_person(GONE.personal_number, TERMS, clerk=CLERK, second_clerk=SECOND)
        assert archive.search("zlatoustić") == [] and archive.contracts_of(GONE.personal_number) == []
        with pytest.raises(UnknownCase):
            archive.case(gone.id)
        assert archive.case(stays.id) == stays
        assert archive.stored_rows(0, len(before)) == before
        erased = [row for row in archive.journal_rows(1000) if row.subject == subject]
        assert len(erased) > 10 and all(row.is_erased and row.body == {} for row in erased)
        assert archive.verify(early.head.code).ok
        assert [result for result in archive.rebuild() if not result.is_equal] == []
        archive.export(tmp_path / "export")
        assert inspect(tmp_path / "export", "--head", early.head.code)[0] == 0
        # The file as it lies on the disk while the desk works on: free pages, index and log included.
        assert _left(tmp_path / "a", [key, *_words()]) == []
    assert _left(tmp_path / "a", [key, *_words()]) == []


def _words() -> list[bytes]:
    return ["ЗЛАТОУСТИЋ".encode(), b"zlatoustic", b"0202980000025", b"000000777"]


def _left(folder: Path, secrets: list[bytes]) -> list[bytes]:
    """What of the secrets stands in the archive's files once their encryption is taken away."""
    key = key_of(folder / "archive.db")
    content = _decrypted((folder / "archive.db").read_bytes(), key)
    log = folder / "archive.db-wal"
    frames = log.read_bytes()[WAL_HEADER:] if log.exists() else b""
    content += b"".join(_decrypted(frames[i + 24 : i + 24 + PAGE], key, 0) for i in range(0, len(frames), 24 + PAGE))
    return [secret for secret in secrets if secret in content]


PAGE, RESERVED, SALT, WAL_HEADER = 4096, 80, 16, 32
"""SQLCipher 4: each page ends in its IV and a seal of 64 bytes; the first begins with the file's salt."""


def _decrypted(pages: bytes, key: bytes, skipped: int = SALT) -> bytes:
    plain = []
    for start in range(0, len(pages), PAGE):
        page = pages[start : start + PAGE]
        sealed = page[skipped if start == 0 else 0 : PAGE - RESERVED]
        decryptor = Cipher(algorithms.AES(key), modes.CBC(page[PAGE - RESERVED : PAGE - RESERVED + 16])).decryptor()
        plain.append(decryptor.update(sealed) + decryptor.finalize())
    return b"".join(plain)


def test_who_comes_back_after_an_erasure_is_somebody_new(tmp_path: Path) -> None:
    with closing(opened(tmp_path)) as archive:
        gone, _ = live(archive)
    with closing(opened(tmp_path, datetime(2040, 1, 1, tzinfo=UTC))) as archive:
        name = archive.erase_person(GONE.personal_number, TERMS, clerk=CLERK, second_clerk=SECOND)
        again = new_case(archive, who=GONE)
        assert again.id != gone.id
        assert archive.journal_rows(1)[0].subject not in (None, name)
        assert archive.kept_until(GONE.personal_number, TERMS) == date(2050, 1, 1)
        assert [result for result in archive.rebuild() if not result.is_equal] == []


def test_a_restricted_case_is_kept_and_not_found(archive: Archive) -> None:
    case = new_case(archive)
    archive.restrict(case.id, "citizen_asked", clerk=CLERK)
    assert archive.search("probnić") == [] and archive.search("") == []
    assert archive.restriction_of(case.id) == "citizen_asked"
    assert archive.case(case.id) == case
    assert all(result.is_equal for result in archive.rebuild())
    archive.lift_restriction(case.id, "agreed", clerk=CLERK)
    assert archive.restriction_of(case.id) is None
    assert len(archive.search("probnić")) == 1
    with pytest.raises(UnknownCase):
        archive.restrict("2026-999999", "x", clerk=CLERK)


def test_a_correction_is_a_new_row_and_the_old_words_stay_in_the_journal(archive: Archive) -> None:
    case = new_case(archive)
    right = replace(case.citizen, surname="ИСПРАВЉЕНИЋ")
    archive.correct(case.id, right, "misread", clerk=CLERK)
    assert archive.case(case.id).citizen == right
    assert len(archive.search("ispravljenic")) == 1 and archive.search("probnić") == []
    (row, opened_row) = archive.journal_rows(2)
    assert (row.body["reason"], opened_row.body["citizen"]["surname"]) == ("misread", "ПРОБНИЋ")
    assert all(result.is_equal for result in archive.rebuild())
    with pytest.raises(RecordConflict):
        archive.correct(case.id, replace(right, personal_number="1"), "x", clerk=CLERK)
