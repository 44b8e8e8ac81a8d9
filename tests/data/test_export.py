"""An inspector with Python alone checks what the office exported."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data import verifier
from data.archive import Archive
from data.errors import RecordConflict
from data.office_key import FileKey
from tests.data.invented import CLERK, finish_step, new_case, open_archive

KEY = FileKey(Path(tempfile.mkdtemp()))


def inspect(folder: Path, *options: str) -> tuple[int, str]:
    """What the exported program says, run by an interpreter that has no packages at all."""
    python = shutil.which("python3", path="/usr/bin") or "python3"
    command = [python, "-I", "-S", str(folder / "verify.py"), str(folder), *options]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    return finished.returncode, finished.stdout + finished.stderr


def test_an_export_is_checked_by_its_own_one_file(archive: Archive, tmp_path: Path) -> None:
    archive.checkpoint()
    finish_step(archive, new_case(archive))
    code = archive.head_code()
    fingerprint = sha256(FileKey(tmp_path).spki()).hexdigest()
    rows = archive.export(tmp_path / "export")
    assert rows == archive.verify().rows
    assert {path.name for path in (tmp_path / "export").iterdir()} == {
        *("verify.py", "journal.rows", "checkpoints.txt", "office-keys.txt")
    }
    status, said = inspect(tmp_path / "export", "--head", code, "--key", fingerprint)
    assert (status, said) == (0, f"{rows} of {rows} rows, 2 of 2 signed heads, code {code}\n")
    assert inspect(tmp_path / "export", "--key", "00" * 32)[0] == 1
    assert inspect(tmp_path / "export", "--head", f"{rows}-0000-0000-0000-0000")[0] == 1
    assert "ПРОБНИЋ".encode() not in b"".join(path.read_bytes() for path in (tmp_path / "export").iterdir())
    with pytest.raises(RecordConflict):
        archive.export(tmp_path / "export")


def test_rows_after_the_last_signed_head_are_not_exported(archive: Archive, tmp_path: Path) -> None:
    archive.note("log_in", {}, clerk=CLERK)
    assert archive.export(tmp_path / "export") == 2
    with (tmp_path / "export" / "journal.rows").open("ab") as file:
        file.write(b"\0\0\0\1x")
    assert "1 rows after the last signed head" in inspect(tmp_path / "export")[1]


def test_an_export_of_an_empty_archive_is_true(tmp_path: Path) -> None:
    archive = open_archive(tmp_path / "archive")
    archive.export(tmp_path / "export")
    archive.close()
    assert inspect(tmp_path / "export")[0] == 0


@settings(max_examples=25, deadline=None)
@given(data=st.binary(max_size=40), place=st.integers(0, 10**6), bit=st.integers(0, 7))
def test_the_arithmetic_agrees_with_openssl(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, place: int, bit: int
) -> None:
    key = FileKey(tmp_path_factory.mktemp("key"))
    signature = bytearray(key.sign(data))
    assert verifier.verifies(key.spki(), data, bytes(signature))
    assert not verifier.verifies(key.spki(), data + b"x", bytes(signature))
    signature[place % len(signature)] ^= 1 << bit
    assert not verifier.verifies(key.spki(), data, bytes(signature))
