"""`kiosk report …`."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kiosk.__main__ import kiosk
from tests.documents.reading import pages, squeezed
from tests.reports.office import Hands, office, whole_case

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """An office that has done two cases an hour ago, by the machine's clock: the command has no other."""
    archive = office(tmp_path / "station", Hands(datetime.now(UTC)), None)
    whole_case(archive, "issuance", 1, days=30)
    whole_case(archive, "unblock", 2)
    archive.close()
    settings = tmp_path / "kiosk.toml"
    settings.write_text(
        'folder = "station"\nlanguage = "en"\n[office]\nnumber = "7130"\n[exchange]\ncentre = "c.json"\n'
    )

    def invoke(*arguments: str) -> Result:
        return CliRunner().invoke(kiosk, ["report", *arguments, "--config", str(settings)])

    return invoke


def test_text_for_eyes(run: Run) -> None:
    result = run("day")
    assert result.exit_code == 0, result.output
    assert result.output.startswith("Day book · ")
    assert "case opened" in result.output
    assert result.output.splitlines()[-1].startswith("SHA-256 ")


def test_json_is_what_the_paper_names(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    first = run("expiring", "--format", "json", "--out", str(folder))
    second = run("expiring", "--format", "pdf", "--out", str(folder))
    (data, paper) = (Path(result.output.strip()) for result in (first, second))
    assert (data.parent, data.suffix, paper.suffix) == (folder, ".json", ".pdf")
    digest = hashlib.sha256(data.read_bytes()).hexdigest()
    assert digest in squeezed("".join(pages(paper.read_bytes())))
    assert [row[2] for row in json.loads(data.read_bytes())["rows"]] == ["2026-000001"] * 2
    assert {path.stat().st_mode & 0o777 for path in (data, paper)} == {0o600}
    assert "ПРОБ" not in data.name and "000000001" not in data.name


def test_csv_of_a_span_of_days(run: Run) -> None:
    today = datetime.now().date()
    before = (today - timedelta(days=40)).isoformat()
    result = run("balance", "--from", before, "--to", today.isoformat(), "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(result.stdout_bytes.decode("utf-8-sig"), newline="")))
    assert {row["pair"]: row["balanced"] for row in rows} == {
        "printed_signed": "yes",
        "signed_filed": "yes",
        "issued_written": "yes",
        "named_written": "yes",
        "completed_served": "yes",
        "tables_journal": "yes",
        "journal_centre": "no",
    }
    empty = run("failures", "--from", before, "--to", before, "--format", "csv")
    assert empty.stdout_bytes.decode("utf-8-sig").splitlines() == [
        '"seq","at","clerk","case_id","kind","step","reader","code"'
    ]


def test_every_look_is_in_the_day_book(run: Run) -> None:
    run("failures")
    run("balance")
    seen = list(csv.DictReader(io.StringIO(run("day", "--format", "csv").output.lstrip("\ufeff"))))
    assert [row["kind"] for row in seen].count("report_viewed") == 2


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["day", "--format", "pdf"], "a PDF needs --out FILE"),
        (["day", "--from", "2026-03-02", "--to", "2026-03-01"], "--to is before --from"),
        (["nothing"], "'nothing' is not one of 'day', 'balance', 'expiring', 'failures'"),
        (["day", "--out", "/nowhere/at/all"], "/nowhere/at/all: No such file or directory"),
    ],
    ids=["no file", "backwards", "no report", "no folder"],
)
def test_what_is_wrong_is_said_in_one_sentence(run: Run, arguments: list[str], sentence: str) -> None:
    result = run(*arguments)
    assert result.exit_code in (1, 2)
    assert sentence in result.output
    assert "Traceback" not in result.output
