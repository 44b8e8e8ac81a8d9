"""The commands of an office and of the centre, one after the other, as their people would type them."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from data import age
from data.office_key import FileKey
from kiosk.__main__ import kiosk
from tests.data.invented import finish_step, new_case
from tests.data.registry.places import Office


class Desk:
    """A folder with settings, and the commands typed there."""

    def __init__(self, folder: Path, dsn: str) -> None:
        self.folder, self.dsn = folder, dsn
        self.settings = folder / "kiosk.toml"
        self.settings.write_text(
            f'folder = "{folder}/office"\n[office]\nnumber = "7130"\n[exchange]\ncentre = "{folder}/keys/centre.json"\n'
        )

    def run(self, *words: str, code: int = 0) -> str:
        """What a command prints, errors included."""
        done = CliRunner().invoke(kiosk, words, env={"KIOSK_REGISTRY_DSN": self.dsn})
        assert done.exit_code == code, done.output
        assert "Traceback" not in done.output
        return done.output.strip()

    def bundle(self, command: str, *words: str, code: int = 0) -> str:
        return self.run("bundle", command, "--config", str(self.settings), *words, code=code)


@pytest.fixture
def desk(tmp_path: Path, dsn: str) -> Desk:
    office = Office(tmp_path / "office", "7130")
    with office.archive() as archive:
        finish_step(archive, new_case(archive))
    (tmp_path / "7130.der").write_bytes(office.key.spki())
    office.close()
    return Desk(tmp_path, dsn)


def test_from_the_first_day_to_a_proof(desk: Desk) -> None:
    keys, spool = str(desk.folder / "keys"), str(desk.folder / "spool")
    desk.run("registry", "keys", "--keys", keys)
    assert (desk.folder / "keys/centre.age").stat().st_mode & 0o77 == 0
    desk.run("registry", "init")
    pem = desk.folder / "7130.pem"
    subprocess.run(
        ["openssl", "pkey", "-pubin", "-inform", "DER", "-in", desk.folder / "7130.der", "-out", pem], check=True
    )
    desk.run("registry", "office", "add", "7130", "--name", "Ужице", "--key", str(pem))
    assert "speaks" in desk.run("registry", "office", "list")
    stick = desk.folder / "stick"
    stick.mkdir()
    assert "1 new bundles, 0 were" in desk.bundle("export", str(stick))
    assert "0 new bundles, 1 were" in desk.bundle("export", str(stick))
    assert "1 new bundles, 0 were" in desk.bundle("export", "--again", str(stick))
    assert desk.bundle("import", str(stick)) == "no receipt there"
    ingest = ("registry", "ingest", "--spool", spool, "--keys", keys)
    assert desk.run(*ingest) == "0 rows added; bundles: none"
    (stick / "7130-1-000000001-000000001.bundle").write_bytes(b"torn")
    (stick / "photo.jpg").write_bytes(b"x")
    received = desk.run("registry", "receive", str(stick), "--spool", spool)
    assert received.splitlines() == [
        "1 bundles received",
        "7130-1-000000001-000000001.bundle is not whole; the office writes it again",
    ]
    assert desk.run("registry", "answer", str(stick), "--spool", spool) == "receipts for nobody"
    assert "bundles: 1 taken" in desk.run(*ingest)
    assert desk.run("registry", "answer", str(stick), "--spool", spool) == "receipts for 7130"
    rows = json.loads(desk.bundle("status", "--json"))["rows"]
    assert desk.bundle("import", str(stick)).startswith("the centre has ")
    state = json.loads(desk.bundle("status", "--json"))
    assert (state["verdict"], state["level"], state["days"]) == ("agrees", "fresh", 0)
    assert rows >= state["acknowledged"] > 0
    assert desk.run("registry", "verify", "--keys", keys).startswith("7130/1: ")
    assert desk.run("registry", "ask", "--spool", spool, "--keys", keys) == "receipts of today for 1 offices"
    assert "ПРОБНИЋ ПРОБА" in desk.run("registry", "search", "Probnic")
    assert desk.run("registry", "search", "нико") == "nothing found"
    assert desk.run("registry", "erase") == "0 keys destroyed"
    report = json.loads(desk.run("registry", "status", "--spool", spool, "--json"))
    assert [(one["office"], one["epoch"]) for one in report["offices"]] == [("7130", 1)]
    assert report["spool"] == {"in": 0, "done": 1, "quarantine": 0, "out": 1}
    assert "Ужице" in desk.run("registry", "status")


def test_a_restored_office_compares_with_the_receipt_and_goes_on(desk: Desk) -> None:
    identity, recipient = age.new_identity()
    (desk.folder / "recovery").write_text(identity)
    desk.run("archive", "backup", "--config", str(desk.settings), str(desk.folder / "usb"), "--recovery", recipient)
    (generation,) = (desk.folder / "usb").iterdir()
    test_from_the_first_day_to_a_proof(desk)
    shutil.rmtree(desk.folder / "office")
    restore = ("archive", "restore", "--config", str(desk.settings), str(generation))
    assert "issues nothing before" in desk.run(*restore, "--identity", str(desk.folder / "recovery"))
    office_key = FileKey(desk.folder / "office")
    desk.run("registry", "office", "add", "7130", "--name", "x", "--key", _written(desk.folder, office_key.spki()))
    assert "no receipt of the centre" in desk.bundle("compare", code=1)
    stick = str(desk.folder / "stick")
    assert "lost in the restore" in desk.bundle("import", stick)
    assert "rows are missing here" in desk.bundle("compare", code=1)
    assert "may issue" in desk.bundle("compare", "--accept-loss", "0043")
    desk.bundle("export", stick)
    spool = str(desk.folder / "spool")
    desk.run("registry", "receive", stick, "--spool", spool)
    desk.run("registry", "ingest", "--spool", spool, "--keys", str(desk.folder / "keys"))
    desk.run("registry", "answer", stick, "--spool", spool)
    assert "lost" not in desk.bundle("import", stick)
    assert json.loads(desk.bundle("status", "--json"))["waiting"] == 0
    before, after = desk.run("registry", "verify", "--keys", str(desk.folder / "keys")).splitlines()
    assert before.startswith("7130/1: ")
    assert "rows, 1 heads" in after


def _written(folder: Path, key: bytes) -> str:
    (folder / "new.der").write_bytes(key)
    return str(folder / "new.der")


def test_what_is_wrong_is_one_sentence(desk: Desk) -> None:
    assert "centre.json" in desk.bundle("export", str(desk.folder), code=1)
    desk.run("registry", "keys", "--keys", str(desk.folder / "keys"))
    assert "neither a folder" in desk.bundle("export", "/nowhere", code=1)
    assert "https://" in desk.bundle("export", "http://127.0.0.1/", code=1)
    junk = desk.folder / "junk.pem"
    junk.write_bytes(b"x")
    add = ("registry", "office", "add")
    assert "no public key" in desk.run(*add, "7130", "--name", "x", "--key", str(junk), code=1)
    der = str(desk.folder / "7130.der")
    assert "up to 16 digits" in desk.run(*add, "../1", "--name", "x", "--key", der, code=1)
    assert "К-0670" in desk.run("registry", "init", "--dsn", f"host={desk.folder}", code=1)


def test_a_registry_that_is_not_whole_fails_the_command(desk: Desk, dsn: str) -> None:
    from data.registry.database import Database

    test_from_the_first_day_to_a_proof(desk)
    database = Database(dsn)
    database.run(lambda cursor: cursor.execute("DELETE FROM journal_row WHERE seq = 2"))
    database.close()
    assert "row 2: is missing" in desk.run("registry", "verify", "--keys", str(desk.folder / "keys"), code=1)
