"""`kiosk archive …` says what it found in one line, and where."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from data import age
from data.checkpoints import countersigned, parse
from data.office_key import FileKey
from kiosk.cli.archive import archive as command
from tests.data.invented import finish_step, new_case, open_archive
from tests.proofs.tamper.forger import behind_the_program, rows_of, write_consistently
from tests.services.softhsm import PIN, SoftToken

ROOT = Path(__file__).parents[2]
Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    settings = tmp_path / "kiosk.toml"
    settings.write_text('folder = "station"\n[office]\nnumber = "7130"\n')

    def invoke(*arguments: str) -> Result:
        place = 2 if arguments[0] == "keys" else 1
        return CliRunner().invoke(command, [*arguments[:place], "--config", str(settings), *arguments[place:]])

    return invoke


def fill(folder: Path) -> str:
    """One step of a case; the code of the head."""
    archive = open_archive(folder)
    finish_step(archive, new_case(archive))
    archive.checkpoint()
    code = archive.head_code()
    archive.close()
    return code


def test_verify_says_how_many_rows_and_the_code(run: Run, tmp_path: Path) -> None:
    code = fill(tmp_path / "station")
    assert run("verify").output == f"4 of 4 rows, code {code}\n"
    assert run("verify", "--head", code.lower()).exit_code == 0
    assert "no code" in run("verify", "--head", "12").output


def test_verify_says_where_and_what(run: Run, tmp_path: Path) -> None:
    code = fill(tmp_path / "station")
    with behind_the_program(tmp_path / "station") as db:
        write_consistently(db, [row[1] for row in rows_of(db)][:2])
    result = run("verify", "--head", code)
    assert result.exit_code == 1
    assert result.output.splitlines() == [
        "archive.head: 2 rows are missing at the end",
        "printed code: 2 rows are missing at the end",
        "Error: 2 things are not as they were written",
    ]


def test_rebuild_says_how_many_tables_are_equal(run: Run, tmp_path: Path) -> None:
    fill(tmp_path / "station")
    assert run("rebuild").output.startswith("16 of 16 tables equal, ")
    with behind_the_program(tmp_path / "station") as db:
        db.execute("UPDATE cases SET full_name = 'ДРУГИ'")
    result = run("rebuild")
    assert (result.exit_code, result.output.splitlines()[0]) == (1, "cases: differs from row 2 on")


def test_export_says_how_to_check(run: Run, tmp_path: Path) -> None:
    fill(tmp_path / "station")
    assert run("export", str(tmp_path / "export")).output.startswith("4 rows; check them with: python3 ")


def test_slots_are_added_listed_and_taken_away(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(tmp_path / "station")
    identity, recipient = age.new_identity()
    name = run("keys", "add", "--recovery", recipient).output.strip()
    assert run("keys", "list").output == f"bare  bare\n{name}  age\n"
    assert run("keys", "remove", "bare").exit_code == 0
    assert "no slot opens (К-0615)" in run("verify").output
    (tmp_path / "recovery.txt").write_text(f"# public key: {recipient}\n{identity}\n")
    monkeypatch.setenv("KIOSK_RECOVERY_KEY_FILE", str(tmp_path / "recovery.txt"))
    assert run("keys", "rotate").exit_code == 0
    assert run("verify").output.startswith("8 of 8 rows")


def test_backup_restore_and_compare(run: Run, tmp_path: Path) -> None:
    fill(tmp_path / "station")
    identity, recipient = age.new_identity()
    usb = str(tmp_path / "usb")
    assert "nobody could open it" in run("backup", usb).output
    run("keys", "add", "--recovery", recipient)
    assert run("backup", usb).output.endswith(": 5 of 5 rows, restored and verified\n")
    (tmp_path / "recovery.txt").write_text(f"{identity}\n")
    shutil.rmtree(tmp_path / "station")
    (generation,) = (tmp_path / "usb").iterdir()
    restored = run("restore", str(generation), "--identity", str(tmp_path / "recovery.txt"))
    assert "; it issues nothing" in restored.output
    (tmp_path / "centre").mkdir()
    centre = FileKey(tmp_path / "centre")
    seen = countersigned(parse((generation / "archive.head").read_text()), "centre", centre)
    (tmp_path / "head.note").write_text(seen.note)
    (tmp_path / "centre.der").write_bytes(centre.spki())
    options = (str(tmp_path / "head.note"), "--centre", str(tmp_path / "centre.der"))
    assert run("compare", *options).output == "the heads agree; the office may issue\n"


def test_erasing_before_the_term_is_refused(run: Run, tmp_path: Path) -> None:
    fill(tmp_path / "station")
    assert run("erasable").output == ""
    refused = run("erase", "2026-000001", "--second-clerk", "0099")
    assert (refused.exit_code, refused.output) == (1, "Error: must be kept until 2036-03-02 (К-0619)\n")
    settings = tmp_path / "kiosk.toml"
    settings.write_text(settings.read_text() + "[rules]\nkept_years_after_case = 0\n")
    assert run("erasable").output == "2026-000001\n"
    assert run("erase", "2026-000001", "--second-clerk", "0099").output.startswith("erased; ")
    assert run("verify").exit_code == run("rebuild").exit_code == 0


def test_the_office_key_on_a_token_is_asked_for_when_something_is_signed(tmp_path: Path, token: SoftToken) -> None:
    fill(tmp_path / "station")
    settings = tmp_path / "kiosk.toml"
    place = f'module = "{token.module}"\ntoken = "{token.label}"\nkey = "office"\n'
    settings.write_text(f'folder = "station"\n[office]\nnumber = "7130"\n[office_key]\n{place}')
    (tmp_path / "station" / "office.key").unlink()

    def kiosk(*arguments: str, pin: bytes) -> str:
        command = [sys.executable, "-m", "kiosk", "archive", arguments[0], "--config", str(settings), *arguments[1:]]
        return subprocess.run(command, cwd=ROOT, input=pin, capture_output=True, check=True).stdout.decode()

    assert kiosk("export", str(tmp_path / "export"), pin=PIN).startswith("5 rows")
    assert kiosk("verify", pin=b"").startswith("5 of 5 rows")
    assert len((tmp_path / "export" / "office-keys.txt").read_text().split()) == 2
    assert not (tmp_path / "station" / "office.key").exists()
