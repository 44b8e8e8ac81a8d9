"""The drill: the office burns down, the archive comes back from a backup, and issues nothing before it was compared."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from data import age, backup, checkpoints
from data.archive import Archive
from data.errors import (
    ArchiveDamaged,
    BackupUnusable,
    BadCheckpoint,
    DiskFault,
    DiskFull,
    DiskNearlyFull,
    HeadBehind,
    HeadForked,
    WrongKey,
)
from data.office_key import FileKey
from tests.data.invented import CLERK, Clock, finish_step, new_case, open_archive

IDENTITY, RECIPIENT = age.new_identity()
SECOND = "0099"


@pytest.fixture
def centre(tmp_path: Path) -> FileKey:
    (tmp_path / "centre").mkdir()
    return FileKey(tmp_path / "centre")


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Archive]:
    archive = open_archive(tmp_path / "office")
    finish_step(archive, new_case(archive))
    yield archive
    archive.close()


def restored(generation: Path, target: Path) -> Archive:
    target.mkdir()
    return backup.restore(generation, target, IDENTITY, Clock(), clerk=CLERK)


def test_the_drill(tmp_path: Path, office: Archive, centre: FileKey) -> None:
    saved = backup.make(office, tmp_path / "usb", [RECIPIENT], CLERK)
    assert saved.folder.name == f"0000-0001-{saved.rows:012}"
    seen = checkpoints.countersigned(office.checkpoint(), "centre", centre)
    cases = office.open_cases()
    office.close()
    shutil.rmtree(tmp_path / "office")
    with closing(restored(saved.folder, tmp_path / "new")) as archive:
        assert archive.open_cases() == cases
        assert archive.heads.head().epoch == int(archive.clock().timestamp()) // 60
        assert not archive.may_issue()
        # The rows that tell of the backup itself were lost with the office.
        with pytest.raises(HeadBehind) as caught:
            archive.compare_head(seen.note, centre.spki(), clerk=CLERK)
        assert caught.value.missing == 1
        with pytest.raises(HeadBehind):
            archive.compare_head(seen.note, centre.spki(), clerk=CLERK, loss_accepted_by=CLERK)
        assert not archive.may_issue()
        archive.compare_head(seen.note, centre.spki(), clerk=CLERK, loss_accepted_by=SECOND)
        assert archive.may_issue()
        assert archive.new_case_number() > "2026-400000"
        assert archive.verify().ok
        assert all(result.is_equal for result in archive.rebuild())
    with closing(Archive.open(tmp_path / "new", Clock())) as again:
        assert again.may_issue() and again.verify().ok


def test_two_restores_of_one_backup_never_give_the_same_numbers(tmp_path: Path, office: Archive) -> None:
    saved = backup.make(office, tmp_path / "usb", [RECIPIENT], CLERK)
    given: list[str] = []
    for minute in range(3):
        (tmp_path / str(minute)).mkdir()
        clock = Clock(datetime(2026, 12, 31, 22, minute, tzinfo=UTC))
        with closing(backup.restore(saved.folder, tmp_path / str(minute), IDENTITY, clock, clerk=CLERK)) as archive:
            given += [archive.new_case_number(), archive.new_case_number()]
    assert len({*given[::2]}) == 3 and all("2026-400000" < number < "2026-999999" for number in given[::2])


def test_nothing_lost_is_compared_at_once_and_another_history_is_an_alarm(
    tmp_path: Path, office: Archive, centre: FileKey
) -> None:
    assert office.may_issue()
    known = checkpoints.countersigned(office.checkpoint(), "centre", centre)
    saved = backup.make(office, tmp_path / "usb", [RECIPIENT], CLERK)
    with closing(open_archive(tmp_path / "other")) as other:
        new_case(other)
        forked = checkpoints.countersigned(other.checkpoint(), "centre", centre)
    with closing(restored(saved.folder, tmp_path / "new")) as archive:
        with pytest.raises(HeadForked):
            archive.compare_head(forked.note, centre.spki(), clerk=CLERK, loss_accepted_by=SECOND)
        with pytest.raises(BadCheckpoint):
            archive.compare_head(office.checkpoint().note, centre.spki(), clerk=CLERK)
        assert not archive.may_issue()
        archive.compare_head(known.note, centre.spki(), clerk=CLERK)
        assert archive.may_issue()


def test_three_generations_stay_and_names_tell_nothing(tmp_path: Path, office: Archive) -> None:
    made = [backup.make(office, tmp_path / "usb", [RECIPIENT], CLERK) for _ in range(5)]
    assert len(list((tmp_path / "usb").iterdir())) == 3
    assert backup.generations(tmp_path / "usb", "0000") == [one.folder for one in made[2:]]
    files = {path.name for one in made[2:] for path in one.folder.iterdir()}
    assert files == {"archive.db", "archive.head", "key.json"}
    content = b"".join(path.read_bytes() for path in (tmp_path / "usb").rglob("*") if path.is_file())
    assert "ПРОБНИЋ".encode() not in content and b"0101990000018" not in content
    key_file = made[-1].folder / "archive.key"
    key_file.write_bytes(bytes(32))
    key_file.chmod(0o600)
    with pytest.raises(WrongKey):
        Archive.open(made[-1].folder, Clock())


def test_the_desk_writes_on_while_a_backup_is_made(tmp_path: Path, office: Archive) -> None:
    stop = threading.Event()
    written: list[int] = []

    def write() -> None:
        while not stop.is_set():
            office.note("refused", {"n": len(written)}, clerk=CLERK)
            written.append(len(written))

    desk = threading.Thread(target=write)
    desk.start()
    try:
        backup.make(office, tmp_path / "usb", [RECIPIENT], CLERK)
    finally:
        stop.set()
        desk.join()
    assert len(written) > 1
    assert office.verify().ok


def test_an_archive_that_is_not_true_gets_no_backup(tmp_path: Path, office: Archive) -> None:
    office.checkpoint()
    with office.store.immediate() as db:
        db.executescript("DROP TRIGGER journal_no_update; UPDATE journal SET leaf = root WHERE seq = 2")
    with pytest.raises(BackupUnusable, match="journal row 2"):
        backup.make(office, tmp_path / "usb", [RECIPIENT], CLERK)
    assert list((tmp_path / "usb").iterdir()) == []


def test_what_cannot_be_restored_is_named(tmp_path: Path, office: Archive) -> None:
    saved = backup.make(office, tmp_path / "usb", [RECIPIENT], CLERK)
    with pytest.raises(BackupUnusable, match="holds an archive"):
        backup.restore(saved.folder, tmp_path / "office", IDENTITY, Clock(), clerk=CLERK)
    (tmp_path / "new").mkdir()
    with pytest.raises(BackupUnusable, match="recovery key"):
        backup.restore(saved.folder, tmp_path / "new", age.new_identity()[0], Clock(), clerk=CLERK)
    with pytest.raises(DiskFault):
        backup.restore(tmp_path / "absent", tmp_path / "new", IDENTITY, Clock(), clerk=CLERK)
    content = bytearray((saved.folder / "archive.db").read_bytes())
    content[len(content) // 2] ^= 1
    (saved.folder / "archive.db").write_bytes(content)
    with pytest.raises((ArchiveDamaged, BackupUnusable, WrongKey)):
        backup.restore(saved.folder, tmp_path / "new", IDENTITY, Clock(), clerk=CLERK)
    with pytest.raises(BackupUnusable):
        backup.make(office, tmp_path / "usb", ["age1nobody"], CLERK)


def test_without_room_nothing_is_begun(tmp_path: Path, office: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(tmp_path)._replace(free=1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    with pytest.raises(DiskFull, match="need 1 MB"):
        backup.make(office, tmp_path / "usb", [RECIPIENT], CLERK)
    case = office.case("2026-000001")
    finish_step(office, case)
    with pytest.raises(DiskNearlyFull):
        new_case(office)


CONTENDER = """
import sys; from pathlib import Path
from tests.data.invented import open_archive
archive = open_archive(Path(sys.argv[1]), 5); archive.note("refused", {}, clerk="1"); archive.close()
"""


def test_another_program_may_use_the_archive_meanwhile(tmp_path: Path, office: Archive) -> None:
    command = [sys.executable, "-c", CONTENDER, str(tmp_path / "office")]
    with subprocess.Popen(command, cwd=Path(__file__).parents[2]) as contender:
        backup.make(office, tmp_path / "usb", [RECIPIENT], CLERK)
        assert contender.wait(30) == 0
    assert office.verify().ok
