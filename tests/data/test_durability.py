"""What was acknowledged stays: over kills, full disks, locks and damage; and each of them has a name."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from data.archive import Archive
from data.errors import (
    ArchiveDamaged,
    ArchiveError,
    ArchiveLocked,
    ArchiveTooNew,
    DiskFault,
    KeyFileUnusable,
    WrongKey,
)
from data.keys import key_of
from data.migrations import archive_migrations
from data.sqlcipher import connect, driver
from data.store import Store
from tests.data.invented import CLERK, citizen, finish_step, new_case, open_archive

ROOT = Path(__file__).parents[2]


def run(module: str, *arguments: str, before: tuple[str, ...] = ()) -> str:
    command = [*before, sys.executable, "-m", module, *arguments]
    return subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True, timeout=60).stdout


def test_a_killed_writer_loses_nothing_it_acknowledged(tmp_path: Path) -> None:
    trials = [json.loads(line) for line in run("tests.data.killed_writer", str(tmp_path)).splitlines()]
    assert len(trials) == 35
    assert [t for t in trials if t["missing"] or not t["ok"]] == []
    assert sum(t["acknowledged"] for t in trials) > 100
    assert trials[-1]["rows"] >= sum(t["acknowledged"] for t in trials)


OWN_MOUNTS = ("unshare", "--map-root-user", "--mount")


@pytest.mark.parametrize(
    ("way", "before", "error"), [("tmpfs", OWN_MOUNTS, "DiskFull"), ("limit", (), "DiskFault")], ids=["full", "refused"]
)
def test_a_disk_that_takes_no_more_is_named_and_nothing_is_lost(
    tmp_path: Path, way: str, before: tuple[str, ...], error: str
) -> None:
    result = json.loads(run("tests.data.full_disk", str(tmp_path), way, before=before))
    assert result.pop("cases") > 2
    assert result == {"errors": [error, error], "read_while_full": True, "held": True, "verified": True}


def test_a_disk_that_is_read_only_is_named_and_nothing_is_lost(tmp_path: Path) -> None:
    result = json.loads(run("tests.data.read_only_disk", str(tmp_path), before=OWN_MOUNTS))
    assert result == {"error": "DiskFault", "held": True, "verified": True}


def test_another_program_that_holds_the_archive_is_named_and_waited_out(tmp_path: Path, archive: Archive) -> None:
    case = new_case(archive)
    command = [sys.executable, "-m", "tests.data.holder", str(tmp_path / "archive.db")]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdin is not None and holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(ArchiveLocked) as caught:
            finish_step(archive, case)
        assert caught.value.code == "К-0601"
        assert archive.case(case.id) == case
        second = open_archive(tmp_path)
        assert second.case(case.id) == case
        second.close()
        holder.stdin.close()
        holder.wait(10)
    after = finish_step(archive, case)
    assert archive.case(case.id) == after
    assert archive.verify().ok


def test_programs_that_open_a_new_archive_at_once_share_it(tmp_path: Path) -> None:
    code = (
        "from tests.data.invented import *; import sys; a = open_archive(Path(sys.argv[1]), 10); new_case(a); a.close()"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    programs = [subprocess.Popen(command, cwd=ROOT) for _ in range(4)]
    assert [program.wait(30) for program in programs] == [0] * 4
    archive = open_archive(tmp_path)
    assert len(archive.open_cases()) == 4
    assert archive.verify().rows == 8
    archive.close()


def test_the_file_tells_nothing(tmp_path: Path, archive: Archive) -> None:
    new_case(archive, who=citizen("ЗЛАТОУСТИЋ", "НЕПОСТОЈАН", personal_number="0202980000025"))
    for is_closed in (False, True):
        if is_closed:
            archive.close()
        files = [path for path in tmp_path.iterdir() if path.name.startswith("archive.db")]
        content = b"".join(path.read_bytes() for path in files)
        assert not (tmp_path / "archive.db").read_bytes().startswith(b"SQLite format 3")
        for secret in ("ЗЛАТОУСТИЋ".encode(), b"zlatoustic", b"0202980000025", b"case_opened", b"CREATE TABLE"):
            assert secret not in content


def test_folder_file_and_key_are_the_stations_alone(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        archive = open_archive(tmp_path / "station")
    finally:
        os.umask(old)
    new_case(archive)
    modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "station").iterdir()}
    assert (tmp_path / "station").stat().st_mode & 0o777 == 0o700
    assert modes == dict.fromkeys(["archive.db", "archive.db-wal", "archive.db-shm", "archive.key"], 0o600)
    archive.close()


def test_another_key_is_named(tmp_path: Path) -> None:
    open_archive(tmp_path).close()
    (tmp_path / "archive.key").write_bytes(bytes(32))
    with pytest.raises(WrongKey):
        open_archive(tmp_path)


def test_a_key_file_that_cannot_be_right_is_named_and_never_replaced(tmp_path: Path) -> None:
    open_archive(tmp_path).close()
    key = tmp_path / "archive.key"
    right = key.read_bytes()
    for spoil in (lambda: key.chmod(0o644), lambda: key.write_bytes(b"short"), key.unlink):
        key.write_bytes(right)
        key.chmod(0o600)
        spoil()
        with pytest.raises(KeyFileUnusable):
            open_archive(tmp_path)
    assert not key.exists()
    key.touch(0o600)
    key.write_bytes(right)
    open_archive(tmp_path).close()


@pytest.mark.parametrize("damage", ["flip", "cut", "overwrite"])
def test_a_damaged_file_is_named(tmp_path: Path, damage: str) -> None:
    archive = open_archive(tmp_path)
    for _ in range(30):
        new_case(archive)
    archive.close()
    path = tmp_path / "archive.db"
    content = bytearray(path.read_bytes())
    if damage == "flip":
        for page in range(1, len(content) // 4096):
            content[page * 4096 + 77] ^= 1
    elif damage == "cut":
        del content[len(content) // 2 :]
    else:
        content[:4096] = bytes(4096)
    path.write_bytes(content)
    with pytest.raises((ArchiveDamaged, WrongKey)):
        again = open_archive(tmp_path)
        try:
            again.verify()
            again.search("")
        finally:
            again.close()


def test_a_value_of_another_edition_is_named(archive: Archive) -> None:
    case = new_case(archive)
    with archive.store.immediate() as db:
        db.execute("UPDATE cases SET citizen = '{}'")
    with pytest.raises(ArchiveDamaged):
        archive.case(case.id)


def test_an_archive_of_a_newer_program_is_left_alone(tmp_path: Path) -> None:
    open_archive(tmp_path).close()
    path = tmp_path / "archive.db"
    raw = connect(path, key_of(path), busy_s=1)
    raw.table("_sqlite_migrations").insert({"migration_set": "archive", "name": "m9999_later", "applied_at": "x"})
    raw.conn.close()
    with pytest.raises(ArchiveTooNew, match="m9999_later"):
        open_archive(tmp_path)


def test_migrations_twice_do_nothing_and_half_a_set_is_completed(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    raw = connect(path, key_of(path), busy_s=1)
    archive_migrations().apply(raw, stop_before="m0003_enrolment")
    raw.conn.close()
    for _ in range(2):
        archive = open_archive(tmp_path)
        finish_step(archive, new_case(archive))
        with archive.store.immediate() as db:
            archive_migrations().apply(db)
        archive.close()
    archive = open_archive(tmp_path)
    assert len(archive.search("probnić")) == 2
    archive.close()


def test_the_connection_is_set_up_to_lose_nothing(archive: Archive) -> None:
    pragmas = {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "trusted_schema": 0,
        "cell_size_check": 1,
        "secure_delete": 1,
        "cipher_log_level": "NONE",
    }
    with archive.store.read() as db:
        found = {name: db.execute(f"PRAGMA {name}").fetchone()[0] for name in pragmas}
    assert found == pragmas
    assert driver().sqlite_version_info >= (3, 51, 3)


def test_a_block_that_raises_changes_nothing_and_frees_the_lock(archive: Archive) -> None:
    with pytest.raises(KeyboardInterrupt), archive.store.immediate() as db:
        db.execute("INSERT INTO numbers VALUES ('x', 1, 1)")
        raise KeyboardInterrupt
    with archive.store.read() as db:
        assert db.execute("SELECT count(*) FROM numbers").fetchone()[0] == 0


def test_any_other_error_of_sqlite_leaves_as_ours(archive: Archive) -> None:
    with pytest.raises(ArchiveError, match="no such table"), archive.store.read() as db:
        db.execute("SELECT * FROM absent")


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DiskFault):
        open_archive(tmp_path / "file" / "archive")


def test_a_closed_archive_says_so(archive: Archive) -> None:
    archive.close()
    archive.close()
    with pytest.raises(ArchiveError, match="closed"):
        archive.open_cases()


def test_a_store_waits_for_its_own_threads_only_so_long(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "archive.db", archive_migrations(), busy_s=0.01)
    with store.read(), pytest.raises(ArchiveLocked), store.read():
        pass
    store.close()


def test_nothing_heavy_is_imported_before_the_archive_is_opened() -> None:
    code = "import sys, data.archive, data.orders, data.authority_register; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    assert not {"sqlite3", "sqlite_utils", "sqlcipher3", "cryptography", "textual"} & set(loaded.split())


def test_a_note_survives(tmp_path: Path, archive: Archive) -> None:
    archive.note("refused", {"reasons": ["card_valid"]}, clerk=CLERK)
    archive.close()
    again = open_archive(tmp_path)
    (row,) = again.journal_rows(5)
    assert (row.kind, row.body, row.clerk, row.case_id) == ("refused", {"reasons": ["card_valid"]}, CLERK, None)
    again.close()
