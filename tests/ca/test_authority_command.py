"""`kiosk authority …` as people use it: with software keys, and with keys in a token whose PIN is in no file."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from data.authority_register import AuthorityRegister
from kiosk.__main__ import kiosk
from kiosk.ca.interface import AuthorityUnusable, Issued, IssueRequest
from kiosk.ca.permit_errors import NotPermitted
from kiosk.ca.token_key import TokenKey
from kiosk.cmp_office import build_cmp_authority
from kiosk.config import load
from kiosk.local_authority import FOLDER, build_authority, opened_key
from kiosk.wiring import utc_now
from tests.ca.citizens import order_for
from tests.ca.houses import order_of
from tests.services import softhsm
from tests.services.cmp.lines import serving
from tests.services.cmp.pki import Pki
from tests.services.cmp.responder import Responder
from tests.services.requirement import ServiceMissing, skip_or_fail

WITNESSES = ("--witness", "Petar Example", "--witness", "Mara Example")


class Machine:
    """A folder with settings, on which commands are run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "kiosk"
        self.folder.mkdir(parents=True)
        self.settings = folder / "kiosk.toml"
        self.settings.write_text(f'folder = "{self.folder}"\n')
        self.pin = b""

    def run(self, *arguments: str) -> Result:
        return CliRunner().invoke(kiosk, ["authority", *arguments])

    def does(self, *arguments: str) -> str:
        """Run a command that must succeed; what it prints."""
        done = self.on(*arguments)
        assert done.exit_code == 0, done.output
        return done.output

    def fails(self, *arguments: str) -> str:
        """Run a command that must fail with one sentence; the sentence."""
        done = self.on(*arguments)
        assert done.exit_code == 1
        assert done.output.startswith("Error: ") and done.output.count("\n") == 1, done.output
        return done.output

    def on(self, command: str, *arguments: str) -> Result:
        """Run a command on these settings, with the PIN, where there is one, at a descriptor."""
        settings = ("--config", str(self.settings))
        if not self.pin or command in ("show", "list", "ocsp", "status", "import-crl"):
            return self.run(command, *settings, *arguments)
        reading, writing = os.pipe()
        os.write(writing, self.pin + b"\n")
        os.close(writing)
        try:
            return self.run(command, *settings, "--pin-fd", str(reading), *arguments)
        finally:
            os.close(reading)

    def issue(self, request: IssueRequest) -> Issued:
        config = load(self.settings)
        reading, writing = os.pipe()
        os.write(writing, self.pin + b"\n")
        os.close(writing)
        register = AuthorityRegister.open(config.folder)
        try:
            with opened_key(config.folder / FOLDER, utc_now(), reading) as key:
                authority = build_authority(config, register, key, utc_now)
                wire = authority.prepare(request)
                outcome = authority.accept(request, wire, authority.exchange(wire))
        finally:
            os.close(reading)
            register.close()
        assert isinstance(outcome, Issued)
        return outcome

    def files(self, outcome: Issued) -> None:
        """What openssl needs, beside the settings."""
        (self.folder / "citizen.pem").write_bytes(pem(outcome.certificate))
        (self.folder / "issuing.pem").write_bytes(pem(outcome.chain[0]))
        (self.folder / "chain.pem").write_bytes(b"".join(pem(der) for der in outcome.chain))

    def openssl(self, *arguments: str) -> str:
        done = subprocess.run(["openssl", *arguments], cwd=self.folder, capture_output=True, text=True)
        return done.stdout + done.stderr


def pem(der: bytes) -> bytes:
    return x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


# --- software keys ----------------------------------------------------------------------------------------------------


def test_the_life_of_a_certificate(machine: Machine, chip_key: rsa.RSAPrivateKey) -> None:
    for command in (("crl",), ("show",), ("revoke", "7f")):
        assert "make one with: kiosk authority init" in machine.fails(*command)
    assert "for training only" in machine.does("init")
    assert "never replaced" in machine.fails("init")
    assert "issuing: free, since it is a TEST authority" in machine.does("show")
    outcome = machine.issue(order_for(chip_key))
    machine.files(outcome)
    assert re.fullmatch(rf"{outcome.serial} +2026-000001/signature +\d{{4}}-\d\d-\d\d +active\n", machine.does("list"))
    machine.does("crl")
    assert machine.does("crl", "--if-due") == "not due\n"
    crl = str(machine.folder / "citizens.crl")
    with_colons = ":".join(re.findall("..", outcome.serial.upper().rjust(32, "0")))
    steps: tuple[tuple[tuple[str, ...] | None, str, int, str], ...] = (
        (None, "", 0, "not revoked as of"),
        (("suspend", outcome.serial), f"{outcome.serial}: suspended\n", 1, "certificateHold"),
        (("reactivate", with_colons), f"{outcome.serial}: active\n", 0, "not revoked as of"),
        (("revoke", outcome.serial, "--reason", "superseded"), f"{outcome.serial}: revoked\n", 1, "superseded"),
    )
    for asked_for, said, code, told in steps:
        if asked_for is not None:
            assert machine.does(*asked_for) == said
        machine.does("import-crl", crl)
        answered = machine.on("status", with_colons)
        assert (answered.exit_code, told in answered.output) == (code, True), answered.output
    assert "revoked since" in machine.does("list", "--status", "revoked")
    assert machine.does("list", "--status", "active") == ""
    assert "certRevoked" in machine.fails("reactivate", outcome.serial)
    question = ("-issuer", "issuing.pem", "-cert", "citizen.pem")
    machine.openssl("ocsp", *question, "-reqout", "question.der")
    asked, out = str(machine.folder / "question.der"), str(machine.folder / "answer.der")
    machine.does("ocsp", "--request", asked, "--out", out)
    told = machine.openssl("ocsp", *question, "-respin", "answer.der", "-CAfile", "chain.pem", "-no_nonce")
    assert "Response verify OK" in told and "citizen.pem: revoked" in told and "superseded" in told


def test_a_list_of_another_authority(machine: Machine, tmp_path: Path) -> None:
    machine.does("init")
    other = Machine(tmp_path / "other")
    other.does("init")
    other.does("crl")
    crl = str(other.folder / "citizens.crl")
    assert "(К-0532)" in machine.fails("import-crl", crl)
    assert machine.on("status", "7f").exit_code == 2
    certificate = other.folder / FOLDER / "issuing.pem"
    with open(machine.settings, "a") as settings:
        settings.write(f'[revocation]\nissuer = "{certificate}"\n')
    assert "list no. 1" in machine.does("import-crl", crl)
    certificate.write_bytes(b"none")
    assert "revocation.issuer: issuing.pem is no certificate" in machine.fails("import-crl", crl)


@pytest.mark.parametrize("serial", ["", "xyz", "-7f", "0", "1" * 41])
def test_a_serial_number_that_is_none(serial: str, machine: Machine) -> None:
    done = machine.run("status", "--config", str(machine.settings), "--", serial)
    assert done.exit_code == 2
    assert "hexadecimal" in done.output


CMP = """
authority = "cmp"
[cmp]
url = "{url}"
chain = "chain.pem"
anchors = "infrastructure.pem"
certificate = "office.pem"
private_key = "office.key"
is_test = true
"""


def test_a_change_goes_to_the_authority_behind_the_network(
    machine: Machine, pki: Pki, chip_key: rsa.RSAPrivateKey
) -> None:
    """The same commands where the desk asks another authority; nothing is kept here."""
    responder, order = Responder(pki), order_of(chip_key)
    pki.write(machine.settings.parent)
    with serving(responder) as server:
        machine.settings.write_text(f'folder = "{machine.folder}"\n' + CMP.format(url=server.url))
        asked = build_cmp_authority(load(machine.settings), utc_now)
        wire = asked.prepare(order)
        outcome = asked.accept(order, wire, asked.exchange(wire))
        assert isinstance(outcome, Issued)
        for command, standing in (("suspend", "suspended"), ("reactivate", "active"), ("revoke", "revoked")):
            for _ in range(2):
                assert machine.does(command, outcome.serial) == f"{outcome.serial}: {standing}\n"
        assert "Error: " in machine.fails("reactivate", outcome.serial)
    assert "(К-0501)" in machine.fails("suspend", outcome.serial)
    assert not list(machine.folder.iterdir())


# --- keys in a token --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """A machine whose authority was made in a token."""
    folder = tmp_path_factory.mktemp("office")
    try:
        token = softhsm.soft_token(folder / "softhsm", "TEST authority")
    except ServiceMissing as error:
        skip_or_fail(error)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in token.environment.items():
            patch.setenv(name, value)
        made = Machine(folder)
        made.pin = softhsm.PIN
        yield made


@pytest.fixture(scope="module")
def record(office: Machine) -> str:
    """What the ceremony printed; first it was refused in every way."""
    made = ("init", "--module", str(softhsm.MODULE), "--token", "TEST authority")
    assert "at least 2 people" in office.fails(*made)
    assert "at least 2 people" in office.fails(*made, "--witness", "Petar", "--witness", "Petar")
    assert "К-0220" in office.fails(*made[:-1], "another", *WITNESSES)
    office.pin = b"999999"
    assert "wrong PIN" in office.fails(*made, *WITNESSES)
    office.pin = softhsm.PIN
    assert not (office.folder / FOLDER).exists()
    return office.does(*made, *WITNESSES)


def test_the_record_names_keys_certificates_and_people(office: Machine, record: str) -> None:
    assert "TEST authority" in record and "RSA 3072, made in the token" in record
    for name in ("root.pem", "issuing.pem"):
        certificate = x509.load_pem_x509_certificate((office.folder / FOLDER / name).read_bytes())
        assert certificate.fingerprint(hashes.SHA256()).hex() in record
    assert "Petar Example  ____" in record and "Mara Example  ____" in record
    assert (office.folder / FOLDER / "ceremony.txt").read_text() == record.rstrip("\n") + "\n"


@pytest.mark.parametrize("half", [("--token", "TEST authority"), ("--module", str(softhsm.MODULE))])
def test_half_a_token_is_none(half: tuple[str, str], machine: Machine) -> None:
    """Never software keys where somebody meant a token."""
    done = machine.on("init", *half, *WITNESSES)
    assert done.exit_code == 2 and "go together" in done.output
    assert not (machine.folder / FOLDER).exists()


def test_a_token_is_used_for_one_authority(office: Machine, record: str, tmp_path: Path) -> None:
    second = Machine(tmp_path)
    second.pin = office.pin
    made = ("init", "--module", str(softhsm.MODULE), "--token", "TEST authority", *WITNESSES)
    assert "take an empty token" in second.fails(*made)
    assert not (second.folder / FOLDER).exists()


def test_it_issues_under_a_permit_only(
    office: Machine, record: str, chip_key: rsa.RSAPrivateKey, other_key: rsa.RSAPrivateKey
) -> None:
    request = order_for(chip_key)
    assert "issuing: OFF: issuing on this machine is off, as by default" in office.does("show")
    with pytest.raises(NotPermitted, match="off, as by default"):
        office.issue(request)
    digest = re.findall("public key:  ([0-9a-f]{64})", office.does("show"))[0]
    centre = office.folder / "centre.key"
    centre.write_bytes(
        ed25519.Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    arguments = ("--key", str(centre), "--authority", digest, "--number", "2026/17", "--certificates", "1")
    signed = office.run("permit", *arguments, "--days", "14", "--out", str(office.folder / "permit.json"))
    assert signed.exit_code == 0, signed.output
    with open(office.settings, "a") as settings:
        settings.write(signed.output)
    assert "issuing: permit 2026/17, 1 certificates, 14 days from" in office.does("show")
    outcome = office.issue(request)
    assert office.issue(request) == outcome
    with pytest.raises(NotPermitted, match="2026/17 is used up"):
        office.issue(order_for(other_key, order_id="2026-000002/signature"))
    office.files(outcome)
    assert office.openssl("verify", "-x509_strict", "-CAfile", "chain.pem", "citizen.pem") == "citizen.pem: OK\n"
    assert office.does("suspend", outcome.serial) == f"{outcome.serial}: suspended\n"
    shown = office.openssl("crl", "-inform", "DER", "-in", "citizens.crl", "-CAfile", "chain.pem", "-text")
    assert "verify OK" in shown and "Certificate Hold" in shown
    office.pin = b"999999"
    assert "wrong PIN" in office.fails("reactivate", outcome.serial)
    office.pin = softhsm.PIN
    assert office.does("reactivate", outcome.serial) == f"{outcome.serial}: active\n"


def test_the_station_asks_for_the_pin_at_its_terminal(office: Machine, record: str) -> None:
    program = (
        "import sys; from pathlib import Path; from kiosk.config import load; from kiosk.wiring import build_desk;"
        "desk = build_desk(load(Path(sys.argv[1]))); desk.close(); print('opened and closed')"
    )
    child, terminal = pty.fork()
    if not child:
        os.execv(sys.executable, [sys.executable, "-c", program, str(office.settings)])  # noqa: S606  # no shell is wanted
    shown = b""
    while b"clears): " not in shown:
        shown += os.read(terminal, 1000)
    os.write(terminal, softhsm.PIN + b"\r")
    while b"opened and closed" not in shown:
        shown += os.read(terminal, 1000)
    assert os.waitpid(child, 0)[1] == 0
    os.close(terminal)
    assert softhsm.PIN not in shown


def test_no_file_holds_the_pin(office: Machine, record: str) -> None:
    files = [path for path in office.folder.parent.rglob("*") if path.is_file() and "tokens" not in path.parts]
    assert len(files) > 5
    assert not [path.name for path in files if softhsm.PIN in path.read_bytes()]


def test_a_damaged_note_of_the_token_is_named(office: Machine, record: str) -> None:
    note = office.folder / FOLDER / "token.json"
    whole = note.read_bytes()
    for content in (b"", b"{}", whole.replace(b'"label"', b'"name"')):
        note.write_bytes(content)
        assert "token.json: damaged" in office.fails("crl")
    note.write_bytes(whole)


def test_a_token_that_signs_with_another_key_is_found_out(chip_key: rsa.RSAPrivateKey) -> None:
    class Wrong:
        def sign_digest(self, key_id: bytes, digest: bytes) -> bytes:
            return bytes(256)

    key = TokenKey(Wrong(), b"1", chip_key.public_key())
    now = datetime.now(UTC)
    builder = x509.CertificateRevocationListBuilder().issuer_name(x509.Name([])).last_update(now)
    builder = builder.next_update(now + timedelta(days=1))
    with pytest.raises(AuthorityUnusable, match="does not fit"):
        builder.sign(key, hashes.SHA256())
    with pytest.raises(AuthorityUnusable, match="SHA-256 only"):
        builder.sign(key, hashes.SHA512())
    with pytest.raises(AuthorityUnusable, match="stays in its token"):
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
