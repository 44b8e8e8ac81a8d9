from __future__ import annotations

from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, load_der_public_key
from cryptography.x509.oid import NameOID

from hardware.cardedge import CardEdgeKeyStore
from hardware.cardedge.layout import METADATA_INDEX, MSCP
from hardware.cardedge.metadata import derived_key_id, pattern_key_id
from hardware.errors import (
    CardFull,
    MalformedCardData,
    NoSuchKey,
    NotUnlocked,
    PinBlocked,
    UnblockRefused,
    Unsupported,
    WrongCard,
    WrongPin,
)
from hardware.interface import KeyPair, KeyPurpose, PinStatus, UnblockChallenge
from hardware.key_store import KeyStore
from hardware.pin import ProtectedPath
from hardware.training.card import TrainingCard
from hardware.training.citizens import CITIZENS
from hardware.training.faults import FaultyCard
from hardware.training.key_service import TrainingKeyService
from hardware.training.test_authority import training_signers
from tests.hardware.cards import Meter, card_of, pin_of, transmit_to, unlocked_store

AUTHENTICATION, SIGNATURE = KeyPurpose.AUTHENTICATION, KeyPurpose.SIGNATURE
JOVANA = CITIZENS["jovana"]


def files_of(card: TrainingCard) -> dict[int, bytes]:
    return {file_id: bytes(one.content) for file_id, one in card._state.system.files.items()}


TEST_SUBJECT = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "ПРОБА TEST")])


def certificate_for(pair: KeyPair, serial: int = 1, subject: x509.Name = TEST_SUBJECT) -> bytes:
    key = load_der_public_key(pair.public_key)
    assert isinstance(key, rsa.RSAPublicKey)
    issuer = training_signers()[0]
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject)
        .public_key(key)
        .serial_number(serial)
        .not_valid_before(datetime(2030, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2035, 1, 1, tzinfo=UTC))
    )
    return builder.sign(issuer.key, hashes.SHA256()).public_bytes(Encoding.DER)


def require_signs(store: KeyStore, pair: KeyPair) -> None:
    key = load_der_public_key(pair.public_key)
    assert isinstance(key, rsa.RSAPublicKey)
    signature = store.sign(pair.key_id, b"nonce")
    key.verify(signature, b"nonce", padding.PKCS1v15(), hashes.SHA256())
    with pytest.raises(InvalidSignature):
        key.verify(signature, b"another", padding.PKCS1v15(), hashes.SHA256())


# --- token and PIN ----------------------------------------------------------------------------------------------------


def test_the_token_carries_the_document_number() -> None:
    info = unlocked_store(card_of("jovana")).token()
    assert (info.serial, info.model) == ("ID990000011", "CardEdge")
    assert info.free_memory is not None
    assert 20_000 < info.free_memory <= 0x7FFF


def test_a_card_without_the_applet_is_the_wrong_card() -> None:
    with pytest.raises(WrongCard) as caught:
        CardEdgeKeyStore(Meter(card_of("apolo"))).token()
    assert caught.value.reason == "no_pki_applet"


def test_three_wrong_pins_block_and_tries_are_told() -> None:
    store = CardEdgeKeyStore(Meter(card_of("jovana")))
    assert store.pin_status() == PinStatus(tries_left=3)
    for left in (2, 1):
        with pin_of(b"999990") as wrong, pytest.raises(WrongPin) as caught:
            store.verify_pin(wrong)
        assert caught.value.tries_left == left
    assert store.pin_status() == PinStatus(tries_left=1, is_final_try=True)
    with pin_of(b"999990") as wrong, pytest.raises(PinBlocked):
        store.verify_pin(wrong)
    assert store.pin_status() == PinStatus(tries_left=0, is_blocked=True)
    with pin_of(JOVANA.pin) as right, pytest.raises(PinBlocked):
        store.verify_pin(right)


def test_a_right_pin_gives_all_tries_back() -> None:
    card = card_of("jovana")
    store = CardEdgeKeyStore(Meter(card))
    with pin_of(b"999990") as wrong, pytest.raises(WrongPin):
        store.verify_pin(wrong)
    with pin_of(JOVANA.pin) as right:
        store.verify_pin(right)
    assert store.pin_status().tries_left == 3
    card.power_on()
    assert store.pin_status().tries_left == 3


def test_the_pin_command_is_wiped_and_pushed_out_of_the_drivers_buffer() -> None:
    card = card_of("jovana")
    handed: list[bytes | bytearray] = []

    def transmit(command: bytes | bytearray) -> bytes:
        handed.append(command)
        return card.transmit(bytes(command))

    with pin_of(JOVANA.pin) as old, pin_of(JOVANA.new_pin) as new:
        CardEdgeKeyStore(transmit).change_pin(old, new)
    secret, dummy = handed[-2:]
    assert isinstance(secret, bytearray)
    assert secret == bytes(21)
    assert len(dummy) >= len(secret)
    assert not any(JOVANA.pin in bytes(command) or JOVANA.new_pin in bytes(command) for command in handed)


def test_the_pin_is_pushed_out_also_after_an_answer_without_status_word() -> None:
    card = FaultyCard(card_of("jovana"), "mute@2")
    with pin_of(JOVANA.pin) as pin, pytest.raises(MalformedCardData):
        CardEdgeKeyStore(transmit_to(card)).verify_pin(pin)
    assert card.commands == 3


def test_a_pin_the_applet_cannot_take_spends_no_try() -> None:
    store = CardEdgeKeyStore(Meter(card_of("jovana")))
    for pin in (pin_of(b""), pin_of(b"123456789"), ProtectedPath()):
        with pytest.raises(Unsupported):
            store.verify_pin(pin)
    assert store.pin_status().tries_left == 3


def test_change_pin() -> None:
    store = CardEdgeKeyStore(Meter(card_of("jovana")))
    with pin_of(b"999990") as wrong, pin_of(JOVANA.new_pin) as new, pytest.raises(WrongPin) as caught:
        store.change_pin(wrong, new)
    assert caught.value.tries_left == 2
    with pin_of(JOVANA.pin) as old, pin_of(JOVANA.new_pin) as new:
        store.change_pin(old, new)
        store.verify_pin(new)
        with pytest.raises(WrongPin):
            store.verify_pin(old)


def test_lock_ends_the_session() -> None:
    store = unlocked_store(card_of("milan"))
    pair = store.key_pairs()[0]
    store.sign(pair.key_id, b"x")
    store.lock()
    with pytest.raises(NotUnlocked):
        store.sign(pair.key_id, b"x")
    with pytest.raises(NotUnlocked):
        store.generate_key_pair(AUTHENTICATION)


def test_unblock_by_challenge_and_response() -> None:
    citizen = CITIZENS["blokiran"]
    store = CardEdgeKeyStore(Meter(card_of("blokiran")))
    assert store.pin_status().is_blocked
    challenge = store.unblock_challenge()
    assert challenge.token_serial == citizen.serial
    with pin_of(citizen.new_pin) as new:
        store.unblock(TrainingKeyService().answer(challenge), new)
        assert store.pin_status() == PinStatus(tries_left=3)
        store.verify_pin(new)
    with pin_of(citizen.pin) as old, pytest.raises(WrongPin):
        store.verify_pin(old)


def test_a_wrong_answer_is_refused_and_counted_and_a_challenge_is_good_once() -> None:
    store = CardEdgeKeyStore(Meter(card_of("blokiran")))
    challenge = store.unblock_challenge()
    with pin_of(b"395814") as new:
        with pytest.raises(UnblockRefused) as caught:
            store.unblock(bytes(8), new)
        assert caught.value.tries_left == 2
        with pytest.raises(UnblockRefused):
            store.unblock(TrainingKeyService().answer(challenge), new)
    assert store.pin_status().is_blocked


def test_the_key_service_answers_for_the_card_it_is_told() -> None:
    store = CardEdgeKeyStore(Meter(card_of("blokiran")))
    challenge = store.unblock_challenge()
    other = UnblockChallenge(method=challenge.method, token_serial="ID990000011", challenge=challenge.challenge)
    with pin_of(b"395814") as new, pytest.raises(UnblockRefused):
        store.unblock(TrainingKeyService().answer(other), new)


def test_after_an_unblock_nobody_is_administrator() -> None:
    card = card_of("blokiran")
    store = CardEdgeKeyStore(Meter(card))
    with pin_of(b"395814") as new:
        store.unblock(TrainingKeyService().answer(store.unblock_challenge()), new)
    assert card._state.guard.roles == 0


# --- keys and certificates --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", [(AUTHENTICATION, SIGNATURE), (SIGNATURE, AUTHENTICATION)])
def test_first_issue_takes_the_places_other_programs_expect(order: tuple[KeyPurpose, ...]) -> None:
    card = card_of("jovana")
    store = unlocked_store(card)
    pairs = {purpose: store.generate_key_pair(purpose) for purpose in order}
    for purpose, pair in pairs.items():
        assert pair.purpose is purpose
        require_signs(store, pair)
        store.write_certificate(pair.key_id, certificate_for(pair))
    files = files_of(card)
    assert {0x6004, 0x6005, 0x600F, 0x6018, 0x6019, 0x601F, 0x7102, 0x7103, 0x8007, 0x801B} <= files.keys()
    assert b"kxc00\x00\x00\x00\x02\x71" in files[MSCP]
    assert b"ksc01\x00\x00\x00\x03\x71" in files[MSCP]
    records = files[0x7101][2:]
    assert len(records) == 2 * 86
    assert [records[index : index + 6].hex() for index in (80, 166)] == ["030000000008", "010000080000"]
    assert int.from_bytes(files[METADATA_INDEX][:2], "little") == 6
    assert files[0x70F1][4:] == bytes((4, 0, 4, 0))
    assert set(store.key_pairs()) == set(pairs.values())
    for pair in pairs.values():
        assert store.read_certificate(pair.key_id) == certificate_for(pair)
    assert {one.key_id: one.certificate for one in store.certificates()} == {
        pair.key_id: certificate_for(pair) for pair in pairs.values()
    }


def test_a_renewal_stands_beside_the_old_pairs_and_the_next_one_returns() -> None:
    card = card_of("milan")
    store = unlocked_store(card)
    old = store.key_pairs()
    assert [pair.purpose for pair in old] == [AUTHENTICATION, SIGNATURE]
    new = [store.generate_key_pair(purpose) for purpose in (AUTHENTICATION, SIGNATURE)]
    for pair in new:
        store.write_certificate(pair.key_id, certificate_for(pair))
    assert {0x6024, 0x6038, 0x7104, 0x7105} <= files_of(card).keys()
    assert len(store.certificates()) == 4
    for pair in old:
        store.delete_certificate(pair.key_id)
        store.delete_key_pair(pair.key_id)
        store.delete_key_pair(pair.key_id)
        store.delete_certificate(pair.key_id)
    assert store.key_pairs() == tuple(new)
    assert not {0x6004, 0x6005, 0x600F, 0x6018, 0x6019, 0x7102, 0x7103, 0x8004, 0x8007} & files_of(card).keys()
    third = store.generate_key_pair(AUTHENTICATION)
    require_signs(store, third)
    assert 0x6004 in files_of(card)


def test_deleting_a_pair_takes_its_certificate_along() -> None:
    card = card_of("milan")
    store = unlocked_store(card)
    store.delete_key_pair(store.key_pairs()[0].key_id)
    assert len(store.certificates()) == 1
    assert 0x7102 not in files_of(card)


def test_the_same_certificate_again_writes_nothing() -> None:
    card = card_of("milan")
    store = unlocked_store(card)
    pair = store.key_pairs()[0]
    certificate = store.read_certificate(pair.key_id)
    assert certificate is not None
    before = files_of(card)
    store.write_certificate(pair.key_id, certificate)
    assert files_of(card) == before


def test_another_certificate_takes_the_place_of_the_old_one() -> None:
    card = card_of("milan")
    store = unlocked_store(card)
    pair = store.key_pairs()[1]
    for serial in (2, 3):
        store.write_certificate(pair.key_id, certificate_for(pair, serial))
        assert store.read_certificate(pair.key_id) == certificate_for(pair, serial)
    assert len(store.certificates()) == 2
    assert sum(0x7102 <= file_id < 0x7200 for file_id in files_of(card)) == 2


def test_unknown_keys_are_named_or_nothing() -> None:
    store = unlocked_store(card_of("milan"))
    with pytest.raises(NoSuchKey):
        store.sign(bytes(20), b"x")
    with pytest.raises(NoSuchKey):
        store.write_certificate(bytes(20), b"x")
    assert store.read_certificate(bytes(20)) is None
    store.delete_certificate(bytes(20))
    store.delete_key_pair(bytes(20))


def test_a_key_that_was_removed_meanwhile_is_no_such_key() -> None:
    card = card_of("milan")
    store = unlocked_store(card)
    pair = store.key_pairs()[0]
    store.sign(pair.key_id, b"x")
    del card._state.system.files[0x6005]
    with pytest.raises(NoSuchKey):
        store.sign(pair.key_id, b"x")


def test_a_full_card_says_so_before_it_writes() -> None:
    card = card_of("jovana")
    store = unlocked_store(card)
    card._state.system.capacity = card._state.system.capacity - card._state.system.free() + 1000
    before = files_of(card)
    with pytest.raises(CardFull):
        store.generate_key_pair(AUTHENTICATION)
    assert files_of(card) == before


def test_no_room_for_a_certificate_leaves_the_old_one() -> None:
    card = card_of("milan")
    store = unlocked_store(card)
    pair = store.key_pairs()[0]
    old = store.read_certificate(pair.key_id)
    card._state.system.capacity = card._state.system.capacity - card._state.system.free() + 100
    with pytest.raises(CardFull):
        store.write_certificate(pair.key_id, certificate_for(pair))
    assert store.read_certificate(pair.key_id) == old


def test_a_long_subject_still_fits_the_metadata() -> None:
    store = unlocked_store(card_of("milan"))
    pair = store.key_pairs()[0]
    long = x509.Name([x509.NameAttribute(oid, "Ђ" * 32) for oid in (NameOID.COMMON_NAME, NameOID.TITLE) * 3])
    certificate = certificate_for(pair, subject=long)
    store.write_certificate(pair.key_id, certificate)
    assert store.read_certificate(pair.key_id) == certificate
    assert store.certificates()[0].label == "Ђ" * 32


# --- leftovers --------------------------------------------------------------------------------------------------------


def test_a_key_without_metadata_is_listed_and_can_be_used() -> None:
    card = card_of("milan")
    store = unlocked_store(card)
    for file_id in (0x8004, 0x8005, 0x8007, 0x8FFF, 0x7101):
        del card._state.system.files[file_id]
    pair = store.key_pairs()[0]
    assert pair.key_id == derived_key_id(pair.public_key)
    require_signs(store, pair)
    store.write_certificate(pair.key_id, certificate_for(pair))
    assert store.read_certificate(pair.key_id) == certificate_for(pair)
    store.delete_key_pair(pair.key_id)
    assert len(store.key_pairs()) == 1


def test_a_lost_directory_is_made_again_from_the_metadata() -> None:
    card = card_of("milan")
    store = unlocked_store(card)
    before = store.certificates()
    del card._state.system.files[MSCP]
    assert store.certificates() == before
    pair = store.key_pairs()[0]
    store.write_certificate(pair.key_id, certificate_for(pair))
    assert MSCP in files_of(card)
    assert len(store.certificates()) == 2


def test_a_directory_without_room_grows() -> None:
    card = card_of("jovana")
    store = unlocked_store(card)
    files = card._state.system.files
    files[MSCP].content = files[MSCP].content[:22]
    pair = store.generate_key_pair(AUTHENTICATION)
    store.write_certificate(pair.key_id, certificate_for(pair))
    assert len(files_of(card)[MSCP]) == 202
    assert store.read_certificate(pair.key_id) == certificate_for(pair)


def test_a_torn_certificate_is_listed_without_bytes() -> None:
    card = card_of("milan")
    store = unlocked_store(card)
    content = card._state.system.files[0x7102].content
    content[200:] = bytes(len(content) - 200)
    pair = store.key_pairs()[0]
    assert [bool(one.certificate) for one in store.certificates()] == [False, True]
    with pytest.raises(MalformedCardData):
        store.read_certificate(pair.key_id)
    store.write_certificate(pair.key_id, certificate_for(pair))
    assert store.read_certificate(pair.key_id) == certificate_for(pair)


@pytest.mark.parametrize("file_id", [0x6004, 0x7100, 0x7101, 0x8004, 0x8007, 0x8FFF, 0x7102])
@pytest.mark.parametrize("content", [b"", b"\xff", b"\xff" * 300, bytes(300)], ids=["empty", "FF", "FFs", "zeros"])
def test_garbage_in_any_file_does_not_hide_the_other_pair(file_id: int, content: bytes) -> None:
    card = card_of("milan")
    store = unlocked_store(card)
    card._state.system.files[file_id].content = bytearray(content)
    assert SIGNATURE in {pair.purpose for pair in store.key_pairs()}
    assert any(one.certificate for one in store.certificates())


def test_a_taken_identifier_is_not_given_twice() -> None:
    card = card_of("milan")
    store = unlocked_store(card)
    from hardware.cardedge.layout import Pair, Place

    wanted = pattern_key_id(Place(2, Pair.EXCHANGE))
    content = card._state.system.files[0x8018].content
    content[5:25] = wanted
    pair = store.generate_key_pair(AUTHENTICATION)
    assert pair.key_id == derived_key_id(pair.public_key)
    assert len({one.key_id for one in store.key_pairs()}) == 3
