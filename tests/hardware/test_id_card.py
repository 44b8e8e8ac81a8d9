"""What a chip refuses: a token of another document, commands nobody published, a card that was swapped."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from hardware.errors import CardSwapped, NoPinDevice, TokenMismatch, Unsupported
from hardware.id_card import same_card
from hardware.interface import Authenticity, Feature, Identity, KeyPurpose, PinPolicy
from hardware.key_stores import ConfiguredKeyStores
from hardware.local import LocalDevices
from hardware.settings import DeviceSettings
from hardware.training.citizens import CITIZENS
from tests.hardware.observers import Citizen, keypad
from tests.services import softhsm
from tests.services.requirement import ServiceMissing, skip_or_fail

POLICY = PinPolicy(timeout_s=10)


@pytest.fixture
def token(tmp_path: Path) -> softhsm.SoftToken:
    try:
        made = softhsm.soft_token(tmp_path / "softhsm")
    except ServiceMissing as error:
        skip_or_fail(error)
    os.environ.update(made.environment)
    return made


@contextmanager
def desk(token: softhsm.SoftToken, label: str) -> Iterator[tuple[LocalDevices, int]]:
    with keypad() as (reading, writing):
        yield (
            LocalDevices(
                DeviceSettings(pin_fd=reading, key_store="pkcs11", pkcs11_module=token.module, token_label=label)
            ),
            writing,
        )


def test_a_named_token_beside_the_training_card(token: softhsm.SoftToken) -> None:
    with desk(token, token.label) as (devices, writing):
        chip = devices.open_chip()
        chip.unlock(Citizen(writing, [softhsm.PIN]), POLICY)
        with chip.transaction():
            pair = chip.generate_key_pair(KeyPurpose.SIGNATURE)
        assert chip.key_pairs() == (pair,)
        chip.close()


def test_a_token_of_another_document(token: softhsm.SoftToken) -> None:
    with desk(token, "") as (devices, writing):
        chip = devices.open_chip()
        asked = Citizen(writing)
        with pytest.raises(TokenMismatch):
            chip.unlock(asked, POLICY)
        assert asked.events == []
        chip.close()


def test_a_swapped_card() -> None:
    devices = LocalDevices(DeviceSettings())
    number = devices.open_chip().identity().document.document_number
    same_card(devices.open_chip(), number)
    devices.insert("milan")
    with pytest.raises(CardSwapped):
        same_card(devices.open_chip(), number)


@pytest.fixture(scope="module")
def identity() -> Identity:
    return LocalDevices(DeviceSettings()).open_chip().identity()


def stores(**changes: object) -> ConfiguredKeyStores:
    settings = replace(DeviceSettings(reader="Reader"), **changes)  # type: ignore[arg-type]  # each test names its field
    return ConfiguredKeyStores(settings, lambda command: b"\x6d\x00")


def test_a_real_card_is_only_read_with_observed_commands(identity: Identity) -> None:
    real = replace(identity, authenticity=Authenticity.CHAIN_UNKNOWN)
    forbidden = {Feature.GENERATE, Feature.WRITE_CERTIFICATE, Feature.DELETE, Feature.UNBLOCK}
    assert stores().forbidden(real) == forbidden
    assert stores(trusted_signers=Path("/")).forbidden(identity) == forbidden
    assert stores(provisioning="cardedge").forbidden(real) == frozenset()
    assert stores(key_store="pkcs11").forbidden(real) == frozenset()
    assert stores().forbidden(identity) == frozenset()


def test_a_label_counts_only_beside_a_training_card(identity: Identity) -> None:
    real = replace(identity, authenticity=Authenticity.CHAIN_UNKNOWN)
    named = stores(token_label="TEST")
    assert named.accepts_label(identity, "TEST")
    assert not named.accepts_label(identity, "OTHER")
    assert not named.accepts_label(real, "TEST")
    assert not stores().accepts_label(identity, "")


def test_a_forbidden_act_does_not_reach_the_card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    devices = LocalDevices(DeviceSettings())
    chip = devices.open_chip()
    chip.token()
    before = chip.apdu_count()
    monkeypatch.setattr(ConfiguredKeyStores, "is_training", lambda self, identity: False)
    for act in (
        lambda: chip.generate_key_pair(KeyPurpose.SIGNATURE),
        lambda: chip.write_certificate(b"\x01", b""),
        lambda: chip.delete_key_pair(b"\x01"),
        chip.unblock_challenge,
    ):
        with pytest.raises(Unsupported, match="training"):
            act()
    assert chip.apdu_count() == before
    assert Feature.GENERATE not in chip.token().features


def test_only_in_training_is_a_pin_typed_on_the_clerks_keyboard(monkeypatch: pytest.MonkeyPatch) -> None:
    with keypad() as (reading, writing):
        chip = LocalDevices(DeviceSettings(pin_fd=reading)).open_chip()
        monkeypatch.setattr(ConfiguredKeyStores, "is_training", lambda self, identity: False)
        asked = Citizen(writing)
        for entry in (chip.unlock, chip.change_pin, lambda *told: chip.unblock(b"", *told)):
            with pytest.raises(NoPinDevice):
                entry(asked, POLICY)
        assert asked.events == []
        assert chip.pin_status().tries_left == 3


def test_an_unknown_key_store_is_said(identity: Identity) -> None:
    with pytest.raises(Unsupported, match="key store smoke"):
        stores(key_store="smoke").open(identity)


def test_the_invented_citizens_are_as_many_as_promised() -> None:
    assert len(CITIZENS) >= 6
