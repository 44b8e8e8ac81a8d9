"""The settings of an authority behind a network: what they lead to, and what is said when they are wrong."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key

from hardware.errors import HardwareError
from hardware.signing_process import SigningProcess
from kiosk.ca.interface import AuthFailed, AuthorityError, AuthorityUnusable, Confirmation, Issued
from kiosk.ca.token_key import TokenKey
from kiosk.cmp_office import OfficeToken, build_cmp_authority
from kiosk.config import BadConfig, CmpSettings, Config, load
from kiosk.wiring import build_desk
from tests.ca.houses import order_of
from tests.services import softhsm
from tests.services.cmp.lines import serving
from tests.services.cmp.pki import OFFICE_NAME, Identity, Pki, certificate_for, make_pki
from tests.services.cmp.responder import Responder
from tests.services.requirement import ServiceMissing, skip_or_fail


def utc_now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return make_pki(tmp_path_factory.mktemp("pki"))


@pytest.fixture(scope="module")
def chip_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


SETTINGS = """
authority = "cmp"
[cmp]
url = "http://127.0.0.1:9/pkix/"
chain = "chain.pem"
anchors = "infrastructure.pem"
certificate = "office.pem"
private_key = "office.key"
is_test = true
"""


@pytest.fixture
def config(pki: Pki, tmp_path: Path) -> Config:
    """As an administrator would write it: the files beside the settings."""
    pki.write(tmp_path)
    (tmp_path / "kiosk.toml").write_text(SETTINGS)
    return load(tmp_path / "kiosk.toml")


def changed(config: Config, **changes: object) -> Config:
    return replace(config, cmp=replace(config.cmp, **changes))  # type: ignore[arg-type]  # the tests name real fields


def certified(config: Config, pki: Pki, key: rsa.RSAPrivateKey, pin_fd: int | None = None) -> Issued:
    """One order, over HTTP to a responder of that PKI."""
    with serving(Responder(pki)) as server:
        authority = build_cmp_authority(changed(config, url=server.url), utc_now, pin_fd)
        order = order_of(key)
        wire = authority.prepare(order)
        outcome = authority.accept(order, wire, authority.exchange(wire))
        office_key = authority._credentials.private_key
        if isinstance(office_key, TokenKey):
            assert isinstance(office_key._signer, OfficeToken)
            office_key._signer.close()
    assert isinstance(outcome, Issued)
    return outcome


def test_with_the_offices_key_in_a_file(config: Config, pki: Pki, chip_key: rsa.RSAPrivateKey) -> None:
    certified(config, pki, chip_key)


@pytest.fixture
def token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> softhsm.SoftToken:
    try:
        made = softhsm.soft_token(tmp_path / "softhsm", "TEST office")
    except ServiceMissing as error:
        skip_or_fail(error)
    for name, value in made.environment.items():
        monkeypatch.setenv(name, value)
    return made


@contextmanager
def typed_pin() -> Iterator[int]:
    reading, writing = os.pipe()
    os.write(writing, softhsm.PIN + b"\n")
    os.close(writing)
    try:
        yield reading
    finally:
        os.close(reading)


def test_with_the_offices_key_in_a_token(
    config: Config, pki: Pki, token: softhsm.SoftToken, chip_key: rsa.RSAPrivateKey, tmp_path: Path
) -> None:
    with typed_pin() as pin, SigningProcess(token.module, token.label, pin) as process:
        public = load_der_public_key(process.make_key("office", 2048).public_key)
    assert isinstance(public, rsa.RSAPublicKey)
    made = certificate_for(OFFICE_NAME, public, pki.infrastructure, utc_now())
    in_token = changed(config, private_key=None, pkcs11_module=token.module, token_label=token.label)
    with typed_pin() as pin, pytest.raises(AuthFailed, match="does not hold"):
        build_cmp_authority(in_token, utc_now, pin)
    (tmp_path / "office.pem").write_bytes(Identity(chip_key, made).certificate_pem())
    with typed_pin() as pin:
        certified(in_token, pki, chip_key, pin)


def test_a_token_that_is_not_there(config: Config, token: softhsm.SoftToken) -> None:
    other = changed(config, private_key=None, pkcs11_module=token.module, token_label="another")
    with typed_pin() as pin, pytest.raises(HardwareError):
        build_cmp_authority(other, utc_now, pin)


def test_what_was_agreed_is_what_is_used(config: Config, pki: Pki, tmp_path: Path) -> None:
    authority = build_cmp_authority(
        changed(config, confirmation="implicit", lookup=False, responder=tmp_path / "responder.pem"), utc_now
    )
    assert authority.is_test
    assert authority.capabilities.confirmation is Confirmation.IMPLICIT
    assert not authority.capabilities.lookup
    assert authority._terms.recipient == pki.responder.certificate.subject.public_bytes()
    assert authority._terms.station == config.office.number


WRONG: dict[str, tuple[dict[str, object], str]] = {
    "no url": ({"url": ""}, "cmp.url"),
    "another url": ({"url": "ftp://ca/"}, "cmp.url"),
    "no chain": ({"chain": None}, "cmp.chain"),
    "no such chain": ({"chain": Path("/nowhere/chain.pem")}, "cmp.chain"),
    "no certificate": ({"certificate": None}, "cmp.certificate"),
    "no key": ({"private_key": None}, "cmp: either"),
    "two keys": ({"pkcs11_module": Path("/x.so")}, "cmp: either"),
    "no such key": ({"private_key": Path("/nowhere/office.key")}, "cmp.private_key"),
    "another confirmation": ({"confirmation": "never"}, "cmp.confirmation"),
    "no such tls anchors": ({"tls_anchors": Path("/nowhere/tls.pem")}, "cmp.tls_anchors"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_setting_that_is_wrong_is_named(case: str, config: Config) -> None:
    changes, said = WRONG[case]
    with pytest.raises(BadConfig) as caught:
        build_cmp_authority(changed(config, **changes), utc_now)
    assert str(caught.value).startswith(said)
    assert "/nowhere" not in str(caught.value)


@pytest.mark.parametrize("name", ["chain.pem", "infrastructure.pem", "office.pem"])
def test_a_file_that_holds_no_certificate(name: str, config: Config, tmp_path: Path) -> None:
    (tmp_path / name).write_text("garbage")
    with pytest.raises(BadConfig, match=f"{name}: not a file of PEM certificates"):
        build_cmp_authority(config, utc_now)


def damaged(path: Path) -> None:
    path.write_text("garbage")


def open_to_all(path: Path) -> None:
    path.chmod(0o644)


@pytest.mark.parametrize("spoil", [damaged, open_to_all])
def test_a_key_file_that_cannot_be_used(spoil: Callable[[Path], None], config: Config, tmp_path: Path) -> None:
    spoil(tmp_path / "office.key")
    with pytest.raises(AuthorityUnusable, match=r"office\.key"):
        build_cmp_authority(config, utc_now)


def test_no_pin_can_be_written_into_the_settings() -> None:
    assert not [name for name in CmpSettings.__slots__ if "pin" in name.lower() or "password" in name.lower()]


def test_the_training_card_is_kept_from_a_real_authority(config: Config, tmp_path: Path) -> None:
    with pytest.raises(BadConfig, match=r"cmp\.is_test"):
        build_desk(replace(changed(config, is_test=False), folder=tmp_path / "desk"))


def test_an_authority_nobody_has_heard_of(tmp_path: Path) -> None:
    with pytest.raises(BadConfig, match="authority: one of"):
        build_desk(Config(authority="other", folder=tmp_path))


def test_nobody_there_is_no_reason_not_to_start(config: Config) -> None:
    """The first message says that nobody listens; the archive can be used all the same."""
    authority = build_cmp_authority(config, utc_now)
    with pytest.raises(AuthorityError):
        authority.exchange(authority.prepare(order_of(rsa.generate_private_key(public_exponent=65537, key_size=2048))))
