"""The journal only grows, and says where it was touched."""

from __future__ import annotations

import threading
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.archive import Archive
from data.errors import ArchiveError, RecordConflict
from data.keys import key_of
from data.merkle import EMPTY_ROOT, Frontier, leaf_hash, node_hash
from data.sqlcipher import connect
from kiosk.cases import step_back
from tests.data.invented import CLERK, finish_step, new_case, open_archive

KNOWN_LEAVES = ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
"""The leaves of the reference trees that RFC 6962 implementations share, and some of their roots."""
KNOWN_ROOTS = {
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    7: "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}


def root_by_definition(leaves: list[bytes]) -> bytes:
    """RFC 6962, 2.1, word for word."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return node_hash(root_by_definition(leaves[:k]), root_by_definition(leaves[k:]))


def test_the_roots_are_those_every_implementation_has() -> None:
    tree = Frontier()
    assert tree.root() == EMPTY_ROOT == sha256(b"").digest()
    for size, leaf in enumerate(KNOWN_LEAVES, 1):
        tree = tree.append(leaf_hash(bytes.fromhex(leaf)))
        assert tree.root().hex() == KNOWN_ROOTS.get(size, tree.root().hex())


@given(st.lists(st.binary(max_size=4), max_size=70))
def test_the_frontier_gives_the_root_of_the_definition(bodies: list[bytes]) -> None:
    tree = Frontier()
    for body in bodies:
        tree = tree.append(leaf_hash(body))
    assert tree.root() == root_by_definition([leaf_hash(body) for body in bodies])
    assert Frontier.from_bytes(tree.size, tree.as_bytes()) == tree


def test_peaks_that_do_not_fit_the_size_are_refused() -> None:
    with pytest.raises(ValueError, match="3 leaves"):
        Frontier.from_bytes(3, bytes(32))


def test_an_empty_and_a_lived_in_journal_verify(archive: Archive) -> None:
    assert (archive.verify().rows, archive.verify().ok) == (0, True)
    case = new_case(archive)
    for _ in case.procedure.steps:
        case = finish_step(archive, case)
    result = archive.verify()
    # Nine rows of the case with its number, two of the contract's number.
    assert (result.rows, result.ok, result.broken_at) == (11, True, None)
    assert result.root != EMPTY_ROOT


def test_a_long_journal_is_verified_in_pieces(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("data.journal.VERIFY_AT_ONCE", 5)
    for count in range(1, 12):
        archive.note("log_in", {"n": count}, clerk=CLERK)
        result = archive.verify()
        assert (result.rows, result.ok) == (count, True)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE journal SET kind = 'x'",
        "UPDATE journal SET body = x'7b7d'",
        "UPDATE journal SET seq = 99 WHERE seq = 2",
        "DELETE FROM journal WHERE seq = 2",
        "INSERT OR REPLACE INTO journal (seq, body, leaf, root) SELECT 2, body, leaf, root FROM journal WHERE seq = 1",
        "INSERT INTO journal (seq, body, leaf, root) SELECT 99, body, leaf, root FROM journal WHERE seq = 1",
        "INSERT INTO journal (seq, body, leaf, root) SELECT 0, body, leaf, root FROM journal WHERE seq = 1",
        "UPDATE evidence SET facts = '{}'",
        "DELETE FROM evidence",
    ],
)
def test_rows_cannot_be_changed(archive: Archive, change: str) -> None:
    finish_step(archive, new_case(archive))
    archive.note("log_in", {}, clerk=CLERK)
    before = archive.journal_rows(10)
    with pytest.raises(ArchiveError), archive.store.immediate() as db:
        db.execute(change)
    assert archive.journal_rows(10) == before
    assert archive.verify().ok


def test_evidence_cannot_be_replaced(archive: Archive) -> None:
    case = finish_step(archive, new_case(archive))
    with pytest.raises(RecordConflict), archive.store.immediate() as db:
        db.execute("INSERT OR REPLACE INTO evidence SELECT case_id, step, attempt, 'x', '{}', seq FROM evidence")
    assert archive.case(case.id) == case


UNGUARD = "DROP TRIGGER journal_no_update; DROP TRIGGER journal_no_delete; DROP TRIGGER journal_only_next;"


@pytest.mark.parametrize(
    ("tampering", "broken_at"),
    [
        ("UPDATE journal SET body = CAST(replace(CAST(body AS TEXT), '0042', '0043') AS BLOB) WHERE seq = 4", 4),
        ("UPDATE journal SET leaf = (SELECT leaf FROM journal WHERE seq = 7) WHERE seq = 3", 3),
        ("UPDATE journal SET root = (SELECT root FROM journal WHERE seq = 7) WHERE seq = 3", 3),
        ("UPDATE journal SET body = (SELECT body FROM journal WHERE seq = 6) WHERE seq = 5", 5),
        ("UPDATE journal SET seq = -6 WHERE seq = 5; UPDATE journal SET seq = 5 WHERE seq = 6;"
         "UPDATE journal SET seq = 6 WHERE seq = -6", 5),
        ("DELETE FROM journal WHERE seq = 5", 5),
        ("DELETE FROM journal WHERE seq = 1", 1),
        ("DELETE FROM journal WHERE seq = 10", 10),
        ("DELETE FROM journal", 1),
        ("INSERT INTO journal (seq, body, leaf, root) SELECT 11, body, leaf, root FROM journal WHERE seq = 10", 11),
    ],
)  # fmt: skip
def test_what_was_changed_behind_the_program_is_found(tmp_path: Path, tampering: str, broken_at: int) -> None:
    archive = open_archive(tmp_path)
    for n in range(1, 11):
        archive.note("log_in", {"n": n}, clerk=CLERK)
    archive.close()
    path = tmp_path / "archive.db"
    raw = connect(path, key_of(path), busy_s=1)
    raw.executescript(f"{UNGUARD}{tampering};")
    raw.conn.close()
    again = open_archive(tmp_path)
    result = again.verify()
    again.close()
    assert (result.ok, result.broken_at, result.rows) == (False, broken_at, broken_at - 1)


@pytest.mark.parametrize(
    ("tampering", "broken_at"),
    [
        ("UPDATE evidence SET facts = replace(facts, 'staro@', 'novo@') WHERE attempt = 1", 3),
        ("UPDATE evidence SET attempt = 5 - attempt", 3),
        ("UPDATE evidence SET step = 2 WHERE attempt = 2", 4),
        ("UPDATE evidence SET kind = 'ProcessStarted' WHERE attempt = 2", 4),
        ("DELETE FROM evidence WHERE attempt = 2", 4),
        ("INSERT INTO evidence SELECT case_id, 2, 1, kind, facts, 1 FROM evidence WHERE attempt = 1", 1),
    ],
)
def test_evidence_that_contradicts_the_journal_is_found(archive: Archive, tampering: str, broken_at: int) -> None:
    case = finish_step(archive, new_case(archive), email_wish="staro@example.rs")
    finish_step(archive, step_back(case), email_wish="staro@example.rs")
    assert archive.verify().ok
    with archive.store.immediate() as db:
        db.executescript(f"DROP TRIGGER evidence_no_update; DROP TRIGGER evidence_no_delete; {tampering};")
    result = archive.verify()
    assert (result.ok, result.broken_at, result.rows) == (False, broken_at, 4)


def test_rows_are_read_newest_first_and_continued(archive: Archive) -> None:
    for n in range(5):
        archive.note("refused", {"n": n}, clerk=CLERK)
    newest = archive.journal_rows(2)
    assert [(row.seq, row.body["n"]) for row in newest] == [(5, 4), (4, 3)]
    assert [row.seq for row in archive.journal_rows(10, before_seq=newest[-1].seq)] == [3, 2, 1]


def test_a_note_that_is_no_json_leaves_nothing(archive: Archive) -> None:
    with pytest.raises(TypeError):
        archive.note("fault", {"pin": bytearray(b"x")}, clerk=CLERK)
    assert archive.journal_rows(1) == []


def test_many_threads_share_one_archive(archive: Archive) -> None:
    def work(name: str) -> None:
        for n in range(15):
            archive.note("log_in", {"n": n}, clerk=name)
            archive.open_cases()

    threads = [threading.Thread(target=work, args=(f"{t:04}",)) for t in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rows = archive.journal_rows(1000)
    assert [row.seq for row in rows] == list(range(90, 0, -1))
    for t in range(6):
        assert [row.body["n"] for row in reversed(rows) if row.clerk == f"{t:04}"] == list(range(15))
    assert archive.verify().ok
