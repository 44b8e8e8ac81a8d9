"""`kiosk forms print`."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kiosk.cli.forms import forms
from kiosk.documents import FORMS
from tests.documents.reading import pages
from tests.hardware.cups_service import QUEUE, Service, cups_service, require_cupsd


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(forms, ["print", *map(str, arguments)])


@pytest.mark.parametrize("key", FORMS)
@pytest.mark.parametrize("option", [(), ("--latin",)])
def test_blank_form_is_written(tmp_path: Path, key: str, option: tuple[str, ...]) -> None:
    target = tmp_path / "form.pdf"
    result = run(key.replace("_", "-"), "--blank", *option, "--out", target)
    assert (result.exit_code, result.stdout) == (0, f"{target}\n")
    form = FORMS[key]
    assert ("MUP-a" if option else "МУП-а") in pages(target.read_bytes())[0]
    assert target.read_bytes().startswith(b"%PDF-1.7")
    assert form.code


def test_script_comes_from_the_settings(tmp_path: Path) -> None:
    settings = tmp_path / "kiosk.toml"
    settings.write_text('[printing]\nscript = "latin"\n', encoding="utf-8")
    assert run("obrazac-2", "--out", tmp_path / "f.pdf", "--config", settings).exit_code == 0
    assert "ZAHTEV ZA DEBLOKADOM" in pages((tmp_path / "f.pdf").read_bytes())[0]


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ("", "no printer queue is set: give --queue NAME or --out FILE, or set printing.queue"),
        ('[printing]\nscript = "glagolitic"\n', "settings: printing.script: one of cyrillic, latin"),
        (
            '[printing]\nqueue = "kiosk"\nsocket = "none.sock"\n',
            "no printing service: No such file or directory",
        ),
        ('[office]\nname = "Kőrös"\n', "the typeface of the forms has no 'ő' (U+0151"),
    ],
    ids=["no queue", "bad script", "no service", "bad letter"],
)
def test_what_is_wrong_is_said_in_one_sentence(tmp_path: Path, settings: str, sentence: str) -> None:
    path = tmp_path / "kiosk.toml"
    path.write_text(settings, encoding="utf-8")
    result = run("agreement", "--config", path)
    assert result.exit_code == 1
    assert result.stderr.startswith(f"Error: {sentence}")
    assert result.stderr.count("\n") == 1


def test_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    target = tmp_path / "nowhere" / "f.pdf"
    result = run("obrazac-1", "--out", target)
    assert (result.exit_code, result.stderr) == (1, f"Error: {target}: No such file or directory\n")


def test_unknown_form_is_a_usage_error() -> None:
    assert run("obrazac-9").exit_code == 2


@pytest.fixture
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    require_cupsd()
    with cups_service(tmp_path_factory.mktemp("cups")) as running:
        yield running


def test_form_reaches_the_printer(tmp_path: Path, service: Service) -> None:
    settings = tmp_path / "kiosk.toml"
    settings.write_text(f'[printing]\nsocket = "{service.path}"\n', encoding="utf-8")
    result = run("general-terms", "--queue", QUEUE, "--copies", "3", "--config", settings)
    assert result.exit_code == 0, result.stderr
    sheet = service.next_sheet()
    assert sheet.copies == 3
    assert sheet.title.startswith("blank-general-terms-")
    assert "ОПШТИ УСЛОВИ" in pages(sheet.data)[0]
