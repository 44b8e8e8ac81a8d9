"""What modules and the binding do wrong, and what the key store makes of it."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hardware.errors import CardRemoved, HardwareError, ModuleFault, NoCard, NoPinPad, TokenMismatch, WrongPin
from hardware.interface import KeyPurpose, PinState, UnblockMethod
from hardware.pin import ProtectedPath
from hardware.pkcs11 import Pkcs11KeyStore
from tests.hardware.certificates import contract_certificate
from tests.hardware.key_store_rigs import NEW, WRONG, typed
from tests.services import pkcs15_card, softhsm
from tests.services.fixtures import READER_C
from tests.services.pcscd import PrivatePcscd
from tests.services.requirement import ServiceMissing, skip_or_fail


@pytest.fixture
def token(tmp_path: Path) -> softhsm.SoftToken:
    try:
        made = softhsm.soft_token(tmp_path / "softhsm")
    except ServiceMissing as error:
        skip_or_fail(error)
    os.environ.update(made.environment)
    return made


@pytest.fixture
def store(token: softhsm.SoftToken) -> Iterator[Pkcs11KeyStore]:
    made = Pkcs11KeyStore(token.module, label=token.label)
    yield made
    made.close()


def unlock(store: Pkcs11KeyStore, digits: bytes = softhsm.PIN) -> None:
    with typed(digits) as pin:
        store.verify_pin(pin)


def test_a_refused_login_leaves_no_session_in_the_way(store: Pkcs11KeyStore) -> None:
    """A session left open as user would make the security officer's login fail."""
    with pytest.raises(WrongPin):
        unlock(store, WRONG)
    challenge = store.unblock_challenge()
    assert challenge.method is UnblockMethod.SECURITY_OFFICER
    assert challenge.challenge == b""
    with typed(NEW) as new:
        store.unblock(softhsm.OFFICER_PIN, new)
    unlock(store, NEW)


class AskingModule(ProtectedPath):
    """Lets a module ask, as the path to a pin pad does."""

    def by_module(self, attempt: Callable[[], PinState | None]) -> None:
        assert attempt() is None


def test_no_login_without_a_pin_where_the_token_cannot_ask(store: Pkcs11KeyStore) -> None:
    with pytest.raises(NoPinPad):
        store.verify_pin(AskingModule())
    with pytest.raises(NoPinPad):
        store.change_pin(AskingModule(), AskingModule())
    unlock(store)


def test_a_pin_that_was_used_is_overwritten(store: Pkcs11KeyStore) -> None:
    pin = typed(softhsm.PIN)
    store.verify_pin(pin)
    handed = pin._handed[0]
    assert bytes(handed) == softhsm.PIN
    pin.clear()
    assert bytes(handed) == bytes(len(softhsm.PIN))


def test_many_threads_are_one_to_the_module(store: Pkcs11KeyStore) -> None:
    unlock(store)
    pair = store.generate_key_pair(KeyPurpose.SIGNATURE)
    signatures: list[bytes] = []
    threads = [
        threading.Thread(target=lambda: signatures.extend(store.sign(pair.key_id, b"TEST") for _ in range(20)))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(signatures) == 160
    assert len(set(signatures)) == 1


def test_a_torn_replacement_is_finished_by_the_next(store: Pkcs11KeyStore) -> None:
    """The new certificate stands under its waiting name, the old one is gone: as after a cut between the two."""
    from pkcs11 import Attribute, ObjectClass

    from hardware.pkcs11_objects import WAITING, find

    unlock(store)
    pair = store.generate_key_pair(KeyPurpose.SIGNATURE)
    certificate = contract_certificate(pair.public_key, "TEST")
    store.write_certificate(pair.key_id, certificate)

    def tear() -> None:
        [found] = find(store._private(), ObjectClass.CERTIFICATE, pair.key_id)
        found[Attribute.ID] = WAITING + pair.key_id

    store._run(tear)
    assert store.read_certificate(pair.key_id) is None
    store.write_certificate(pair.key_id, certificate)
    assert [(stored.key_id, stored.certificate) for stored in store.certificates()] == [(pair.key_id, certificate)]


def test_no_module_and_no_token(tmp_path: Path, token: softhsm.SoftToken) -> None:
    with pytest.raises(ModuleFault):
        Pkcs11KeyStore(tmp_path / "nothing.so", label="x")
    with pytest.raises(TokenMismatch):
        Pkcs11KeyStore(token.module, label="another")


def test_a_card_that_leaves_and_comes_back(pcscd: PrivatePcscd) -> None:
    try:
        with pkcs15_card.pkcs15_card(pcscd, READER_C) as card:
            store = Pkcs11KeyStore(pkcs15_card.MODULE, label=pkcs15_card.LABEL)
            unlock(store, pkcs15_card.PIN)
            pair = store.generate_key_pair(KeyPurpose.SIGNATURE)
            card.take_out()
            with pytest.raises(CardRemoved):
                store.sign(pair.key_id, b"TEST")
            with pytest.raises(HardwareError) as told:
                store.key_pairs()
            assert isinstance(told.value, CardRemoved | NoCard)
        with pkcs15_card.pkcs15_card(pcscd, READER_C):
            unlock(store, pkcs15_card.PIN)
            assert store.key_pairs() == ()
            store.close()
    except ServiceMissing as error:
        skip_or_fail(error)
