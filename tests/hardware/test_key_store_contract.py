"""What every key store must do, asked of each on its real part."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from hardware.errors import NoSuchKey, NotUnlocked, PinBlocked, UnblockRefused, WrongPin
from hardware.interface import Feature, KeyPair, KeyPurpose
from hardware.key_store import KeyStore
from tests.hardware.certificates import contract_certificate
from tests.hardware.key_store_rigs import NEW, RIGS, WRONG, Rig, typed
from tests.services.pcscd import PrivatePcscd
from tests.services.requirement import ServiceMissing, skip_or_fail

NONCE = b"TEST nonce"


@pytest.fixture(params=list(RIGS))
def rig(request: pytest.FixtureRequest, tmp_path: Path, pcscd: PrivatePcscd) -> Iterator[Rig]:
    try:
        with RIGS[request.param](tmp_path, pcscd) as made:
            yield made
    except ServiceMissing as error:
        skip_or_fail(error)


def unlock(rig: Rig, digits: bytes | None = None) -> None:
    with typed(digits or rig.pin) as pin:
        rig.store.verify_pin(pin)


def is_signed_by(pair: KeyPair, signature: bytes) -> None:
    """Raises `InvalidSignature`."""
    public = load_der_public_key(pair.public_key)
    assert isinstance(public, RSAPublicKey)
    assert public.key_size == 2048
    public.verify(signature, NONCE, PKCS1v15(), SHA256())


def by_id(store: KeyStore) -> dict[bytes, KeyPair]:
    return {pair.key_id: pair for pair in store.key_pairs()}


def test_the_life_of_two_key_pairs(rig: Rig) -> None:
    """Empty, two pairs, signatures, certificates written, replaced and read back, all removed."""
    store = rig.store
    assert store.key_pairs() == ()
    assert store.certificates() == ()
    unlock(rig)
    made = {purpose: store.generate_key_pair(purpose) for purpose in KeyPurpose}
    assert {pair.key_id for pair in made.values()} == set(by_id(store))
    for purpose, pair in made.items():
        assert by_id(store)[pair.key_id].purpose is purpose
        assert by_id(store)[pair.key_id].public_key == pair.public_key
        is_signed_by(pair, store.sign(pair.key_id, NONCE))

    pair, other = made[KeyPurpose.SIGNATURE], made[KeyPurpose.AUTHENTICATION]
    assert store.read_certificate(pair.key_id) is None
    first = contract_certificate(pair.public_key, "TEST first")
    store.write_certificate(pair.key_id, first)
    store.write_certificate(pair.key_id, first)
    assert [stored.certificate for stored in store.certificates()] == [first]
    second = contract_certificate(pair.public_key, "TEST second")
    store.write_certificate(pair.key_id, second)
    assert [stored.certificate for stored in store.certificates()] == [second]
    assert store.read_certificate(pair.key_id) == second
    assert store.read_certificate(other.key_id) is None
    is_signed_by(pair, store.sign(pair.key_id, NONCE))

    store.delete_certificate(pair.key_id)
    store.delete_certificate(pair.key_id)
    assert store.certificates() == ()
    store.delete_key_pair(pair.key_id)
    store.delete_key_pair(pair.key_id)
    assert set(by_id(store)) == {other.key_id}
    with pytest.raises(NoSuchKey):
        store.sign(pair.key_id, NONCE)
    with pytest.raises(NoSuchKey):
        store.write_certificate(pair.key_id, first)


def test_the_pin_opens_and_lock_closes(rig: Rig) -> None:
    store = rig.store
    with pytest.raises(NotUnlocked):
        store.generate_key_pair(KeyPurpose.SIGNATURE)
    with pytest.raises(WrongPin):
        unlock(rig, WRONG)
    with pytest.raises(NotUnlocked):
        store.generate_key_pair(KeyPurpose.SIGNATURE)
    unlock(rig)
    pair = store.generate_key_pair(KeyPurpose.SIGNATURE)
    is_signed_by(pair, store.sign(pair.key_id, NONCE))
    store.lock()
    with pytest.raises(NotUnlocked):
        store.sign(pair.key_id, NONCE)


def test_three_wrong_pins_block_and_the_code_unblocks(rig: Rig) -> None:
    store = rig.store
    for _ in range(3):
        with pytest.raises((WrongPin, PinBlocked)):
            unlock(rig, WRONG)
    if not rig.counts_tries:
        # SoftHSM counts for ever: nothing is blocked, and the right PIN still opens it.
        assert not store.pin_status().is_blocked
        unlock(rig)
        store.lock()
    else:
        assert store.pin_status().is_blocked
        with pytest.raises(PinBlocked):
            unlock(rig)
    with typed(NEW) as new:
        store.unblock(rig.response(store.unblock_challenge()), new)
    assert not store.pin_status().is_blocked
    unlock(rig, NEW)


def test_a_wrong_answer_does_not_unblock(rig: Rig) -> None:
    challenge = rig.store.unblock_challenge()
    wrong = bytes(byte ^ 1 for byte in rig.response(challenge))
    with typed(NEW) as new, pytest.raises(UnblockRefused):
        rig.store.unblock(wrong, new)
    unlock(rig)


def test_the_pin_is_changed_under_the_old_one(rig: Rig) -> None:
    with typed(WRONG) as wrong, typed(NEW) as new, pytest.raises(WrongPin):
        rig.store.change_pin(wrong, new)
    with typed(rig.pin) as old, typed(NEW) as new:
        rig.store.change_pin(old, new)
    rig.store.lock()
    with pytest.raises(WrongPin):
        unlock(rig)
    unlock(rig, NEW)


def test_the_token_says_what_it_can_do(rig: Rig) -> None:
    info = rig.store.token()
    assert info.label
    assert info.serial
    assert {Feature.GENERATE, Feature.WRITE_CERTIFICATE, Feature.UNBLOCK, Feature.CHANGE_PIN} <= info.features
    assert Feature.PROTECTED_PATH not in info.features


def test_the_final_try_is_announced_where_tries_are_counted(rig: Rig) -> None:
    for _ in range(2):
        with pytest.raises(WrongPin):
            unlock(rig, WRONG)
    status = rig.store.pin_status()
    assert status.is_final_try == rig.counts_tries
    assert status.tries_left == (1 if rig.counts_tries else None)
    unlock(rig)
    assert not rig.store.pin_status().is_final_try
