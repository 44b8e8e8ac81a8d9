"""The TEST hierarchy is made once, whole or not at all, and never replaced when damaged."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from kiosk.ca.authority_key import AuthorityKey
from kiosk.ca.interface import AuthorityUnusable
from kiosk.ca.root import load_or_create
from tests.ca.conftest import NOW


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "deep" / "test-authority"
    load_or_create(folder, NOW)
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    """A copy to damage."""
    return Path(shutil.copytree(made, tmp_path / "test-authority"))


def test_it_is_made_once(made: Path) -> None:
    assert load_or_create(made, NOW).chain() == load_or_create(made, NOW + timedelta(days=1)).chain()
    assert [path.name for path in made.parent.iterdir()] == ["test-authority"]


def test_only_the_owner_may_read_the_keys(made: Path) -> None:
    assert {path.name for path in made.iterdir()} == {"root.key", "root.pem", "issuing.key", "issuing.pem"}
    assert made.stat().st_mode & 0o777 == 0o700
    for path in made.iterdir():
        assert path.stat().st_mode & 0o777 == 0o600, path.name


def test_the_chain_is_for_citizens_only(ca: AuthorityKey) -> None:
    issuing, root = ca.certificates
    for certificate, path_length in ((issuing, 0), (root, None)):
        constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
        assert constraints.critical
        assert constraints.value == x509.BasicConstraints(ca=True, path_length=path_length)
        assert "TEST" in certificate.subject.rfc4514_string()
        assert certificate.public_key() is not None
    assert issuing.issuer == root.subject == root.issuer
    assert ca.chain_pem().count("BEGIN CERTIFICATE") == 2


def test_the_linters_and_openssl_find_nothing(made: Path) -> None:
    linter = [sys.executable, "-m", "pkilint.bin.lint_pkix_signer_signee_cert_chain", "lint", "-s", "WARNING"]
    for certificate in ("issuing.pem", "root.pem"):
        done = subprocess.run([*linter, "root.pem", certificate], cwd=made, capture_output=True, text=True, check=True)
        assert (done.stdout.strip(), done.stderr) == ("", ""), certificate
    verify = ["openssl", "verify", "-x509_strict", "-attime", str(int(NOW.timestamp())), "-CAfile", "root.pem"]
    subprocess.run([*verify, "issuing.pem"], cwd=made, capture_output=True, check=True)


@pytest.mark.parametrize("name", ["root.pem", "issuing.pem", "issuing.key"])
@pytest.mark.parametrize("content", [b"", b"garbage", None])
def test_damage_is_named_and_kept(name: str, content: bytes | None, folder: Path) -> None:
    if content is None:
        (folder / name).unlink()
    else:
        (folder / name).write_bytes(content)
    with pytest.raises(AuthorityUnusable, match=name) as caught:
        load_or_create(folder, NOW)
    assert str(folder) not in str(caught.value)
    assert (folder / name).exists() is (content is not None)


def test_a_key_others_may_read(folder: Path) -> None:
    (folder / "issuing.key").chmod(0o640)
    with pytest.raises(AuthorityUnusable, match=r"issuing\.key: others may read it"):
        load_or_create(folder, NOW)


def test_a_key_of_another_kind(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    (folder / "issuing.key").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    with pytest.raises(AuthorityUnusable, match="not an RSA key"):
        load_or_create(folder, NOW)


def test_parts_that_do_not_belong_together(folder: Path) -> None:
    (folder / "issuing.key").write_bytes((folder / "root.key").read_bytes())
    with pytest.raises(AuthorityUnusable, match="not the one"):
        load_or_create(folder, NOW)


def test_the_root_of_another(folder: Path, other_ca: AuthorityKey) -> None:
    (folder / "root.pem").write_text("-----BEGIN" + other_ca.chain_pem().split("-----BEGIN")[2])
    with pytest.raises(AuthorityUnusable, match="signature"):
        load_or_create(folder, NOW)


@pytest.mark.parametrize("days", [-1, 366 * 20])
def test_outside_its_validity(days: int, folder: Path) -> None:
    with pytest.raises(AuthorityUnusable, match="not valid now"):
        load_or_create(folder, NOW + timedelta(days=days))


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(AuthorityUnusable):
        load_or_create(tmp_path / "file" / "test-authority", NOW)


def test_a_disk_that_fills_up_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(AuthorityUnusable, match="No space left"):
        load_or_create(tmp_path / "test-authority", NOW)
    assert not list(tmp_path.iterdir())


def test_two_processes_make_one(tmp_path: Path) -> None:
    program = (
        "import sys, pathlib, datetime, hashlib; from kiosk.ca.root import load_or_create;"
        "ca = load_or_create(pathlib.Path(sys.argv[1]), datetime.datetime.now(datetime.UTC));"
        "print(hashlib.sha256(ca.chain_pem().encode()).hexdigest())"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "test-authority")]
    racers = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(2)]
    printed = [racer.communicate(timeout=60)[0] for racer in racers]
    assert printed[0] == printed[1] != b""
    assert [path.name for path in tmp_path.iterdir()] == ["test-authority"]
