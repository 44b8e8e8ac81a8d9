"""Heads of the journal: signed here, countersigned there, printed as a code; two that contradict are named."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data import checkpoints
from data.archive import Archive
from data.errors import BadCheckpoint, HeadBehind, HeadForked
from data.head_code import BadCode, head_code, parse
from data.office_key import FileKey
from data.signed_note import parse as parse_note
from tests.data.invented import CLERK, new_case


@given(st.integers(0, 10**9), st.binary(min_size=32, max_size=32))
def test_a_code_is_read_back_however_it_is_typed(size: int, root: bytes) -> None:
    code = head_code(size, root)
    assert parse(code) == (size, root[:10])
    letters = code.partition("-")[2].lower().replace("0", "o").replace("1", "l").replace("-", " ")
    assert parse(f" {size}-{letters}") == (size, root[:10])


@pytest.mark.parametrize("typed", ["", "12", "x-0000-0000-0000-0000", "12-0000-0000-0000-000U", "12-0000-0000-0000"])
def test_what_is_no_code_is_refused(typed: str) -> None:
    with pytest.raises(BadCode):
        parse(typed)


def test_a_checkpoint_is_signed_once_and_openssl_agrees(archive: Archive, tmp_path: Path) -> None:
    new_case(archive)
    made = archive.checkpoint()
    assert archive.checkpoint() == made == archive.heads.latest() == checkpoints.parse(made.note)
    assert made.head == archive.heads.head()
    assert archive.head_code() == made.head.code
    assert (tmp_path / "archive.head").read_text() == made.note
    archive.note("log_in", {}, clerk=CLERK)
    assert archive.checkpoint().head.size == made.head.size + 1
    note = parse_note(made.note)
    (tmp_path / "text").write_text(note.text)
    (tmp_path / "signature").write_bytes(note.signatures[0].value)
    (tmp_path / "spki").write_bytes(FileKey(tmp_path).spki())
    command = ["openssl", "dgst", "-sha256", "-keyform", "DER", "-verify", "spki", "-signature", "signature", "text"]
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).stdout == b"Verified OK\n"


def test_the_journal_names_the_key_before_it_signs(archive: Archive, tmp_path: Path) -> None:
    made = archive.checkpoint()
    (row,) = archive.journal_rows(9)
    assert (row.kind, row.body) == ("office_key", {"spki": FileKey(tmp_path).spki().hex()})
    assert made.head.size == 1


def test_what_the_centre_countersigned_is_kept(archive: Archive, tmp_path: Path) -> None:
    centre = FileKey(tmp_path / "x")
    (tmp_path / "x").mkdir()
    archive.note("log_in", {}, clerk=CLERK)
    first = archive.checkpoint()
    archive.note("log_in", {}, clerk=CLERK)
    archive.checkpoint()
    back = checkpoints.countersigned(first, "centre", centre)
    assert archive.heads.latest_countersigned() is None
    assert archive.heads.keep_countersigned(back.note, centre.spki()) == back == archive.heads.latest_countersigned()
    with pytest.raises(BadCheckpoint, match="centre"):
        archive.heads.keep_countersigned(first.note, centre.spki())


def test_a_countersigned_head_that_the_journal_contradicts_is_named(archive: Archive, tmp_path: Path) -> None:
    centre = FileKey(tmp_path)
    archive.note("log_in", {}, clerk=CLERK)
    head = archive.heads.head()
    for changes, error in (
        ({"root": bytes(32)}, HeadForked),
        ({"size": 7}, HeadBehind),
        ({"office": "1"}, BadCheckpoint),
    ):
        with pytest.raises(error):
            archive.heads.keep_countersigned(checkpoints.sign(replace(head, **changes), centre).note, centre.spki())
    assert archive.heads.latest_countersigned() is None


@pytest.mark.parametrize(
    ("old", "new"),
    [("\n\n", "\n"), ("registration-kiosk/", "kiosk/"), ("\n1\n", "\n01\n"), ("\n\n", "\nx\n\n"), ("— ", "")],
)
def test_a_note_that_is_no_checkpoint_is_refused(archive: Archive, old: str, new: str) -> None:
    note = archive.checkpoint().note
    assert checkpoints.parse(note).note == note
    with pytest.raises(BadCheckpoint):
        checkpoints.parse(note.replace(old, new))
