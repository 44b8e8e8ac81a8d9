"""The commands of an office without a network and of its TEST centre, as their people would type them; its settings."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, load_der_public_key
from cryptography.x509 import load_der_x509_certificate

from data.archive import Archive
from data.batch_store import BatchStore
from hardware.signing_process import SigningProcess
from kiosk.__main__ import kiosk
from kiosk.batch_office import build_batch_authority
from kiosk.ca.interface import AuthFailed, Issued, IssueRequest, Outcome
from kiosk.config import BadConfig, Config, load
from kiosk.wiring import build_desk, utc_now
from tests.ca.houses import order_of
from tests.services import softhsm
from tests.services.batch import answer_messages
from tests.services.cmp.pki import Pki, certificate_for, make_pki
from tests.services.cmp.responder import Responder
from tests.services.requirement import ServiceMissing, skip_or_fail


@dataclass
class Place:
    """An office's folder with its settings, a centre's, and a stick."""

    folder: Path
    key: rsa.RSAPrivateKey

    @property
    def stick(self) -> str:
        return str(self.folder / "stick")

    def run(self, *words: str, code: int = 0) -> str:
        done = CliRunner().invoke(kiosk, words)
        assert done.exit_code == code, done.output
        assert "Traceback" not in done.output
        return done.output.strip()

    def office(self, *words: str, code: int = 0) -> str:
        return self.run(*words, "--config", str(self.folder / "office.toml"), code=code)

    def centre(self, *words: str, code: int = 0) -> str:
        return self.run("authority", *words, "--config", str(self.folder / "centre.toml"), code=code)

    def config(self) -> Config:
        return load(self.folder / "office.toml")

    def order(self) -> tuple[IssueRequest, Outcome]:
        """Ask the outbox after the one order."""
        store = BatchStore.open(self.config().folder)
        try:
            authority = build_batch_authority(self.config(), store, utc_now)
            order = order_of(self.key)
            wire = authority.prepare(order)
            return order, authority.accept(order, wire, authority.exchange(wire))
        finally:
            store.close()


@pytest.fixture(scope="module")
def chip_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory, chip_key: rsa.RSAPrivateKey) -> Path:
    """Made once: four RSA keys take their time."""
    folder = tmp_path_factory.mktemp("template")
    (folder / "stick").mkdir()
    (folder / "centre.toml").write_text('folder = "centre"\n')
    settings = Place(folder, chip_key).centre("office", "7130", str(folder))
    (folder / "office.toml").write_text(f'folder = "office"\n{settings}\n')
    Archive.open(folder / "office", utc_now, office="7130").close()
    return folder


@pytest.fixture
def place(tmp_path: Path, template: Path, chip_key: rsa.RSAPrivateKey) -> Place:
    shutil.copytree(template, tmp_path, dirs_exist_ok=True)
    return Place(tmp_path, chip_key)


def test_a_round_by_command(place: Place) -> None:
    place.order()
    assert "orders: 1 wait for the next export, 0 for their answer" in place.office("bundle", "status")
    assert place.office("bundle", "export", place.stick) == "1 orders in 1 new files, 0 were already there"
    assert place.office("bundle", "export", place.stick) == "0 orders in 0 new files, 1 were already there"
    said = place.centre("answer", place.stick)
    assert said.startswith("7130-000001-") and said.endswith("orders: 1 answers")
    assert place.centre("answer", place.stick) == "no batch there without its answers"
    taken = place.office("bundle", "import", place.stick)
    assert taken == "1 answers, 0 known before, 1 batches received; 0 orders have no answer yet"
    assert list(Path(place.stick).iterdir()) == []
    status = json.loads(place.office("bundle", "status", "--json"))
    assert status["orders"] == {"waiting": 0, "under_way": 0, "answered": 1}
    _, outcome = place.order()
    assert isinstance(outcome, Issued)


def test_what_is_bad_is_told_and_the_rest_is_taken(place: Place) -> None:
    place.order()
    place.office("bundle", "export", place.stick)
    [batch] = Path(place.stick).iterdir()
    torn = batch.with_name(batch.name.replace("000001", "000002"))
    torn.write_bytes(batch.read_bytes()[:-1])
    said = place.centre("answer", place.stick, code=1)
    assert "1 of 2 batches were bad" in said
    assert f"{torn.name}: " in said
    [answers] = [path for path in Path(place.stick).iterdir() if path.name.endswith(".answers")]
    bad = answers.with_name(answers.name.replace("000001", "000003"))
    bad.write_bytes(answers.read_bytes())
    said = place.office("bundle", "import", place.stick, code=1)
    assert f"{bad.name}: answers a batch that this office does not know; set aside as {bad.name}.bad" in said
    assert "1 were bad; the others were taken: 1 answers" in said


def test_a_change_of_status_goes_the_same_way(place: Place) -> None:
    place.order()
    for command, said in (("suspend", "suspended"), ("reactivate", "active"), ("revoke", "revoked")):
        if command == "suspend":
            _round(place)
        _, outcome = place.order()
        assert isinstance(outcome, Issued)
        assert "goes with the next kiosk bundle export" in place.office("authority", command, outcome.serial, code=1)
        _round(place)
        assert place.office("authority", command, outcome.serial) == f"{outcome.serial}: {said}"
        listed = place.centre("list")
        assert f"  {said}" in listed


def _round(place: Place) -> None:
    place.office("bundle", "export", place.stick)
    place.centre("answer", place.stick)
    place.office("bundle", "import", place.stick)


def test_rows_and_orders_go_by_one_command(place: Place, tmp_path: Path) -> None:
    recipient = place.run("registry", "keys", "--keys", str(tmp_path / "keys"))
    assert recipient
    settings = tmp_path / "office.toml"
    head, rest = settings.read_text().split("[batch]")
    settings.write_text(f'{head}[exchange]\ncentre = "keys/centre.json"\n[batch]{rest}')
    archive = Archive.open(tmp_path / "office", utc_now, office="7130")
    archive.note("fault", {"fault": "Test", "code": ""}, clerk="0042")
    archive.close()
    place.order()
    rows, orders = place.office("bundle", "export", place.stick).splitlines()
    assert rows == "2 rows in 1 new bundles, 0 were already there"
    assert orders == "1 orders in 1 new files, 0 were already there"
    assert sorted(path.suffix for path in Path(place.stick).iterdir()) == [".bundle", ".orders"]
    place.centre("answer", place.stick)
    assert place.office("bundle", "import", place.stick).splitlines()[0] == "no receipt there"
    assert [path.suffix for path in Path(place.stick).iterdir()] == [".bundle"]


def test_a_lost_stick_is_made_anew(place: Place) -> None:
    place.order()
    place.office("bundle", "export", place.stick)
    [lost] = Path(place.stick).iterdir()
    lost.unlink()
    assert place.office("bundle", "export", "--again", place.stick) == "1 orders in 1 new files, 0 were already there"
    [made] = Path(place.stick).iterdir()
    assert made.name.startswith("7130-000002-")


def test_an_office_the_centre_does_not_know(place: Place) -> None:
    place.order()
    settings = place.folder / "office.toml"
    settings.write_text(settings.read_text().replace("[batch]", '[office]\nnumber = "7131"\n[batch]'))
    place.office("bundle", "export", place.stick)
    assert "not of a known signer" in place.centre("answer", place.stick, code=1)


@contextmanager
def typed_pin() -> Iterator[int]:
    reading, writing = os.pipe()
    os.write(writing, softhsm.PIN + b"\n")
    os.close(writing)
    try:
        yield reading
    finally:
        os.close(reading)


def test_with_the_offices_key_in_a_token(place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The station needs no PIN; the export asks for it, once, and only when something must be signed."""
    try:
        token = softhsm.soft_token(tmp_path / "softhsm", "TEST office")
    except ServiceMissing as error:
        skip_or_fail(error)
    for name, value in token.environment.items():
        monkeypatch.setenv(name, value)
    pki = make_pki(tmp_path / "pki")
    with typed_pin() as pin, SigningProcess(token.module, token.label, pin) as process:
        public = load_der_public_key(process.make_key("office", 2048).public_key)
    assert isinstance(public, rsa.RSAPublicKey)
    made = certificate_for("TEST Registration Office 7130", public, pki.infrastructure, utc_now())
    pem = made.public_bytes(Encoding.PEM)
    (tmp_path / "office.pem").write_bytes(pem)
    (tmp_path / "centre/test-centre/offices/7130.pem").write_bytes(pem)
    settings = tmp_path / "office.toml"
    in_token = f'pkcs11_module = "{token.module}"\ntoken_label = "{token.label}"'
    settings.write_text(settings.read_text().replace('private_key = "office.key"', in_token))
    place.order()
    with typed_pin() as pin:
        said = place.office("bundle", "export", place.stick, "--pin-fd", str(pin))
    assert said == "1 orders in 1 new files, 0 were already there"
    assert place.office("bundle", "export", place.stick) == "0 orders in 0 new files, 1 were already there"
    place.centre("answer", place.stick)
    place.office("bundle", "import", place.stick)
    _, outcome = place.order()
    assert isinstance(outcome, Issued)


def test_messages_by_command(place: Place, tmp_path: Path) -> None:
    pki = make_pki(tmp_path / "pki")
    pki.write(tmp_path)
    settings = place.folder / "office.toml"
    settings.write_text(
        settings.read_text().replace('centre = "centre.pem"', 'centre = "responder.pem"\nformat = "cmp"')
    )
    place.order()
    assert place.office("bundle", "export", place.stick) == "1 orders in 1 new files, 0 were already there"
    answer_messages(Responder(pki), Path(place.stick))
    assert place.office("bundle", "import", place.stick).startswith("1 answers, 0 known before")
    _, outcome = place.order()
    assert isinstance(outcome, Issued)
    assert load_der_x509_certificate(outcome.certificate).issuer == pki.ca.issuing.subject


WRONG: dict[str, tuple[dict[str, object], str]] = {
    "another format": ({"format": "xml"}, "batch.format"),
    "no chain": ({"chain": None}, "batch.chain"),
    "no centre": ({"centre": None}, "batch.centre"),
    "no such centre": ({"centre": Path("/nowhere/centre.pem")}, "batch.centre"),
    "no certificate": ({"certificate": None}, "batch.certificate"),
    "training": ({"is_test": False}, "batch.is_test"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_setting_that_is_wrong_is_named(case: str, place: Place) -> None:
    changes, said = WRONG[case]
    config = place.config()
    config = replace(config, batch=replace(config.batch, **changes))  # type: ignore[arg-type]  # real fields
    with pytest.raises(BadConfig) as caught:
        build_desk(config)
    assert str(caught.value).startswith(said)
    assert "/nowhere" not in str(caught.value)


def test_what_cannot_be_carried_is_one_sentence(place: Place) -> None:
    place.order()
    assert "folder or a stick" in place.office("bundle", "export", "https://example.com/", code=1)
    assert "say a folder" in place.office("bundle", "export", code=2)
    settings = place.folder / "office.toml"
    good = settings.read_text()
    settings.write_text(good.replace('private_key = "office.key"\n', ""))
    assert "batch: either private_key or pkcs11_module" in place.office("bundle", "export", place.stick, code=1)
    settings.write_text(good)
    (place.folder / "office.key").chmod(0o644)
    assert "others may read it" in place.office("bundle", "export", place.stick, code=1)
    assert list(Path(place.stick).iterdir()) == []


def test_an_expired_office_is_told_before_anything_is_asked(place: Place, tmp_path: Path) -> None:
    pki: Pki = make_pki(tmp_path / "pki")
    expired = certificate_for("TEST", pki.office.key.public_key(), pki.infrastructure, utc_now(), days=(-9, -1))
    (tmp_path / "office.pem").write_bytes(expired.public_bytes(Encoding.PEM))
    with pytest.raises(AuthFailed, match="not valid now"):
        place.order()
