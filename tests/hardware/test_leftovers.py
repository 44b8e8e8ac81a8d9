"""What other programs and cuts left on a chip is listed, and removed only when somebody chose it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from hardware.cardedge import CardEdgeKeyStore
from hardware.cardedge.layout import GENERAL, PRIVATE_KEY, Pair, Place
from hardware.errors import NotUnlocked
from hardware.interface import KeyPurpose, Leftover, LeftoverKind, PinPolicy
from hardware.pkcs11 import Pkcs11KeyStore
from hardware.remote import RemoteDevices
from hardware.settings import DeviceSettings
from hardware.training.card import TrainingCard
from hardware.training.citizens import CITIZENS
from tests.hardware.cards import card_of, pin_of, transmit_to, unlocked_store
from tests.hardware.observers import Citizen
from tests.hardware.test_cardedge import certificate_for, require_signs
from tests.services import softhsm
from tests.services.requirement import ServiceMissing, skip_or_fail

KEY_PAIR, PART = LeftoverKind.KEY_PAIR, LeftoverKind.PART
CERTIFICATE, NAME = LeftoverKind.CERTIFICATE, LeftoverKind.NAME


def store_of(card: TrainingCard) -> CardEdgeKeyStore:
    """The key store before the PIN."""
    return CardEdgeKeyStore(transmit_to(card))


def found(leftovers: tuple[Leftover, ...]) -> set[tuple[LeftoverKind, str]]:
    return {(one.kind, one.name) for one in leftovers}


@pytest.mark.parametrize("citizen", ["jovana", "milan"])
def test_a_card_in_order_has_none(citizen: str) -> None:
    assert store_of(card_of(citizen)).leftovers() == ()


def test_a_renewed_card_has_none() -> None:
    store = unlocked_store(card_of("milan"))
    for old in store.key_pairs():
        assert old.purpose is not None
        new = store.generate_key_pair(old.purpose)
        store.write_certificate(new.key_id, certificate_for(new))
        store.delete_key_pair(old.key_id)
    assert store.leftovers() == ()


def strew(card: TrainingCard) -> None:
    """One of each kind, as cuts and other programs leave them."""
    system = card._state.system
    lone = Place(5, Pair.SIGNATURE)
    system.put(lone.private, bytes(655), PRIVATE_KEY)
    system.put(Place(7, Pair.EXCHANGE).pin_link, b"\x01\x00\x00\x00", GENERAL)
    system.put(0x71A0, b"torn", GENERAL)
    system.put(Place(2, Pair.EXCHANGE).certificate_metadata, bytes(9), GENERAL)
    del system.files[Place(1, Pair.SIGNATURE).private]


def test_each_kind_is_listed_and_the_whole_pair_is_not() -> None:
    card = card_of("milan")
    store = unlocked_store(card)
    store.generate_key_pair(KeyPurpose.SIGNATURE)
    strew(card)
    assert found(store.leftovers()) == {
        (KEY_PAIR, "6038"),
        (PART, "6059"),
        (PART, "607F"),
        (PART, "8027"),
        (PART, "6018"),
        (PART, "8018"),
        (PART, "8019"),
        (PART, "801B"),
        (CERTIFICATE, "ksc01"),
        (CERTIFICATE, "71A0"),
    }


def test_removed_is_only_what_was_chosen() -> None:
    card = card_of("milan")
    store = unlocked_store(card)
    authentication = store.key_pairs()[0]
    store.generate_key_pair(KeyPurpose.SIGNATURE)
    strew(card)
    before = store.leftovers()
    chosen = tuple(one for one in before if one.name in ("6038", "71A0"))
    store.remove_leftovers(chosen)
    assert set(store.leftovers()) == set(before) - set(chosen)
    store.remove_leftovers(store.leftovers())
    assert store.leftovers() == ()
    assert store.key_pairs() == (authentication,)
    assert len(store.certificates()) == 1
    require_signs(store, authentication)


def test_names_that_lead_nowhere() -> None:
    card = card_of("milan")
    store = unlocked_store(card)
    system = card._state.system
    place = Place(1, Pair.SIGNATURE)
    for file_id in (place.public, place.private, place.pin_link, place.public_metadata):
        del system.files[file_id]
    store.delete_certificate(store.certificates()[1].key_id)
    assert {one.kind for one in store.leftovers()} == {NAME, PART}
    store.remove_leftovers(store.leftovers())
    assert store.leftovers() == ()
    assert store.key_pairs()[0].purpose is KeyPurpose.AUTHENTICATION


def test_what_has_an_owner_by_now_stays() -> None:
    store = unlocked_store(card_of("jovana"))
    pair = store.generate_key_pair(KeyPurpose.AUTHENTICATION)
    chosen = store.leftovers()
    assert found(chosen) == {(KEY_PAIR, "6004")}
    assert chosen[0].key_id == pair.key_id
    store.write_certificate(pair.key_id, certificate_for(pair))
    store.remove_leftovers(chosen)
    assert store.read_certificate(pair.key_id) == certificate_for(pair)


def test_a_card_that_hides_private_keys_loses_nothing() -> None:
    card = card_of("milan")
    for container, pair in ((0, Pair.EXCHANGE), (1, Pair.SIGNATURE)):
        del card._state.system.files[Place(container, pair).private]
    assert store_of(card).leftovers() == ()


def test_nothing_is_removed_without_the_pin() -> None:
    card = card_of("jovana")
    unlocked_store(card).generate_key_pair(KeyPurpose.AUTHENTICATION)
    card.power_on()
    store = store_of(card)
    chosen = store.leftovers()
    with pytest.raises(NotUnlocked):
        store.remove_leftovers(chosen)
    assert store.leftovers() == chosen


@pytest.fixture
def token(tmp_path: Path) -> Iterator[Pkcs11KeyStore]:
    try:
        made = softhsm.soft_token(tmp_path)
    except ServiceMissing as error:
        skip_or_fail(error)
    os.environ.update(made.environment)
    store = Pkcs11KeyStore(made.module, label=made.label)
    yield store
    store.close()


def test_the_same_on_a_pkcs11_token(token: Pkcs11KeyStore) -> None:
    with pin_of(softhsm.PIN) as pin:
        token.verify_pin(pin)
    whole, lone, lost = (token.generate_key_pair(KeyPurpose.SIGNATURE) for _ in range(3))
    for pair in (whole, lost):
        token.write_certificate(pair.key_id, certificate_for(pair))
    token.delete_key_pair(lost.key_id)
    assert found(token.leftovers()) == {(KEY_PAIR, lone.key_id.hex()), (CERTIFICATE, lost.key_id.hex())}
    assert [one.key_id for one in token.leftovers()] == [lone.key_id, b""]
    token.remove_leftovers(token.leftovers())
    assert token.leftovers() == ()
    assert token.key_pairs() == (whole,)
    assert token.read_certificate(whole.key_id) == certificate_for(whole)


def test_through_the_device_host() -> None:
    reading, writing = os.pipe()
    devices = RemoteDevices(DeviceSettings(training_citizen="jovana", pin_fd=reading))
    try:
        chip = devices.open_chip()
        chip.unlock(Citizen(writing, [CITIZENS["jovana"].pin]), PinPolicy())
        chip.generate_key_pair(KeyPurpose.SIGNATURE)
        assert found(chip.leftovers()) == {(KEY_PAIR, "6018")}
        chip.remove_leftovers(chip.leftovers())
        assert chip.leftovers() == ()
    finally:
        devices.close()
        os.close(reading)
        os.close(writing)
