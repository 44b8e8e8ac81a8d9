"""The list of trusted ministry certificates: used as it is, or refused with the name of what is wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from hardware import trust_list
from hardware.errors import TrustListInvalid
from hardware.interface import Authenticity, Feature
from hardware.local import LocalDevices
from hardware.remote import RemoteDevices
from hardware.settings import DeviceSettings
from hardware.training.test_authority import training_signers, trusted_test_signers
from hardware.trust_list import LIST

DATED = date(2026, 11, 1)
CERTIFICATE = trusted_test_signers()[0]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "resursi.der").write_bytes(CERTIFICATE)
    return tmp_path


def test_a_list_is_written_and_read(folder: Path) -> None:
    pin = trust_list.write(folder, DATED)
    assert trust_list.load(folder, pin) == trust_list.TrustList((CERTIFICATE,), DATED)
    assert trust_list.load(folder, f" {pin.upper()}\n").dated == DATED
    assert trust_list.sha256((folder / LIST).read_bytes()) == pin


@pytest.mark.parametrize("kind", [LocalDevices, RemoteDevices])
def test_a_card_signed_under_the_list(folder: Path, kind: type[LocalDevices | RemoteDevices]) -> None:
    settings = DeviceSettings(trusted_signers=folder, trusted_signers_sha256=trust_list.write(folder, DATED))
    devices = kind(settings)
    identity = devices.open_chip().identity()
    assert (identity.authenticity, identity.trust_list_date) == (Authenticity.AUTHENTIC, DATED)
    devices.close()


def test_a_newer_list_replaces_the_older(folder: Path) -> None:
    old = trust_list.write(folder, DATED)
    (folder / "resursi.der").unlink()
    (folder / "other.der").write_bytes(der_of_the_signer())
    new = trust_list.write(folder, date(2027, 3, 1))
    devices = LocalDevices(DeviceSettings(trusted_signers=folder, trusted_signers_sha256=new))
    identity = devices.open_chip().identity()
    assert (identity.authenticity, identity.trust_list_date) == (Authenticity.CHAIN_UNKNOWN, date(2027, 3, 1))
    with pytest.raises(TrustListInvalid, match="not the one in the settings"):
        trust_list.load(folder, old)


def der_of_the_signer() -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding

    return training_signers()[1].certificate.public_bytes(Encoding.DER)


def change_list(folder: Path) -> None:
    (folder / LIST).write_bytes((folder / LIST).read_bytes() + b"\n")


def change_certificate(folder: Path) -> None:
    (folder / "resursi.der").write_bytes(CERTIFICATE[:-1] + bytes((CERTIFICATE[-1] ^ 1,)))


def add_certificate(folder: Path) -> None:
    (folder / "guest.cer").write_bytes(der_of_the_signer())


@pytest.mark.parametrize(
    ("spoil", "where", "reason"),
    [
        (change_list, LIST, "its SHA-256 is not the one in the settings"),
        (lambda folder: (folder / LIST).unlink(), LIST, "No such file or directory"),
        (lambda folder: (folder / LIST).write_bytes(bytes(1 << 17)), LIST, "too large"),
        (change_certificate, "resursi.der", "its SHA-256 is not the one on the list"),
        (lambda folder: (folder / "resursi.der").write_bytes(der_of_the_signer()), "resursi.der", "on the list"),
        (lambda folder: (folder / "resursi.der").unlink(), "resursi.der", "No such file or directory"),
        (add_certificate, "guest.cer", "not on the list"),
    ],
)
def test_what_does_not_agree_is_named(folder: Path, spoil: Callable[[Path], object], where: str, reason: str) -> None:
    settings = DeviceSettings(trusted_signers=folder, trusted_signers_sha256=trust_list.write(folder, DATED))
    spoil(folder)
    for kind in (LocalDevices, RemoteDevices):
        devices = kind(settings)
        chip = devices.open_chip()
        before = chip.apdu_count()
        with pytest.raises(TrustListInvalid) as told:
            chip.identity()
        assert told.value.where == where
        assert reason in told.value.reason
        assert told.value.code == "К-0107"
        assert chip.apdu_count() == before, "nothing is read before it is known who may vouch for it"
        devices.close()


def test_a_folder_without_a_pin_is_not_trusted(folder: Path) -> None:
    pin = trust_list.write(folder, DATED)
    with pytest.raises(TrustListInvalid, match="settings name no SHA-256"):
        trust_list.load(folder, "")
    with pytest.raises(TrustListInvalid, match="not the one in the settings"):
        trust_list.load(folder, pin[:-1])


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(TrustListInvalid, match="No such file"):
        trust_list.load(tmp_path / "absent", "00")


@pytest.mark.parametrize(
    ("content", "where"),
    [
        ("date = ", LIST),
        ("[certificates]\n'resursi.der' = '00'\n", LIST),
        ("date = 2026-11-01T10:00:00Z\n[certificates]\n'resursi.der' = '00'\n", LIST),
        ("date = 2026-11-01\n", LIST),
        ("date = 2026-11-01\n[certificates]\n", LIST),
        ("date = 2026-11-01\n[certificates]\n'../resursi.der' = '00'\n'resursi.der' = '00'\n", "../resursi.der"),
        ("date = 2026-11-01\n[certificates]\n'resursi.der' = 0\n", "resursi.der"),
        ("date = 2026-11-01\n[certificates]\n'resursi.der' = 'ј'\n", "resursi.der"),
    ],
)
def test_a_list_that_follows_no_format_is_named_although_its_pin_agrees(folder: Path, content: str, where: str) -> None:
    (folder / LIST).write_text(content)
    with pytest.raises(TrustListInvalid) as told:
        trust_list.load(folder, trust_list.sha256(content.encode()))
    assert told.value.where == where


def test_a_listed_file_that_is_no_certificate_is_named(folder: Path) -> None:
    (folder / "resursi.der").write_bytes(b"0\x03\x02\x01\x01")
    digest = trust_list.sha256(b"0\x03\x02\x01\x01")
    content = f"date = 2026-11-01\n[certificates]\n'resursi.der' = '{digest}'\n"
    (folder / LIST).write_text(content)
    with pytest.raises(TrustListInvalid, match=r"resursi\.der: not a certificate"):
        trust_list.load(folder, trust_list.sha256(content.encode()))


def test_only_certificates_that_can_be_read_are_listed(folder: Path) -> None:
    (folder / "old.crt").write_bytes(b"0\x03\x02\x01\x01")
    with pytest.raises(TrustListInvalid) as told:
        trust_list.write(folder, DATED)
    assert told.value.where == "old.crt"
    assert not (folder / LIST).exists()


def test_an_empty_folder_makes_no_list(tmp_path: Path) -> None:
    with pytest.raises(TrustListInvalid, match="no certificates"):
        trust_list.write(tmp_path, DATED)


def test_a_desk_with_ministry_certificates_has_no_training_card(folder: Path) -> None:
    """Even a list that held the TEST authority would not open the observed commands on a card behind a reader."""
    from hardware.key_stores import ConfiguredKeyStores

    settings = DeviceSettings(trusted_signers=folder, trusted_signers_sha256=trust_list.write(folder, DATED))
    identity = LocalDevices(settings).open_chip().identity()
    stores = ConfiguredKeyStores(replace(settings, reader="Reader"), lambda command: b"\x6d\x00")
    assert identity.authenticity is Authenticity.AUTHENTIC
    assert Feature.GENERATE in stores.forbidden(identity)
