from __future__ import annotations

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key

from hardware.cardedge import key_file
from hardware.document_reader import APOLLO_ATR
from hardware.training.card import ATR, TrainingCard
from hardware.training.citizens import CITIZENS
from hardware.training.key_service import answer_challenge, training_admin_key
from hardware.training.secrets_store import padded
from tests.hardware.cards import card_of

SELECT_PKI = "00A404000CA000000063504B43532D3135"
JOVANA, MILAN = CITIZENS["jovana"], CITIZENS["milan"]


def say(card: TrainingCard, command: str) -> str:
    return card.transmit(bytes.fromhex(command)).hex().upper()


def pki_card(key: str = "jovana", is_unlocked: bool = False) -> TrainingCard:
    card = card_of(key)
    say(card, SELECT_PKI)
    if is_unlocked:
        assert say(card, "0020008008" + padded(card.citizen.pin).hex()) == "9000"
    return card


def become_administrator(card: TrainingCard, key: bytes) -> str:
    challenge = bytes.fromhex(say(card, "0084000008"))[:8]
    return say(card, "0082008108" + answer_challenge(key, challenge).hex())


def test_atrs() -> None:
    for atr in (ATR, APOLLO_ATR):
        check = 0
        for byte in atr[1:]:
            check ^= byte
        assert check == 0
    assert card_of("jovana").atr == ATR
    assert card_of("apolo").atr == APOLLO_ATR


def test_the_three_ways_to_select_the_pki_applet() -> None:
    card = card_of("jovana")
    assert len(card.transmit(bytes.fromhex(SELECT_PKI))) == 38
    assert len(card.transmit(bytes.fromhex(SELECT_PKI + "00"))) == 38
    assert say(card, SELECT_PKI.replace("A40400", "A4040C")) == "9000"
    assert say(card, "00A404000FE828BD080FA000000167455349474E") == "6A82"
    assert say(card, "00A4000002700000")[-4:] == "9000"


@pytest.mark.parametrize(("key", "letters"), [("jovana", "4944"), ("stranac", "4946"), ("boravak", "5250")])
def test_each_document_has_its_own_applet(key: str, letters: str) -> None:
    card = card_of(key)
    for other in ("4944", "4946", "5250"):
        assert say(card, f"00A404000BF381000002534552{other}01") == ("9000" if other == letters else "6A82")


def test_the_three_ways_to_select_a_file() -> None:
    card = pki_card()
    for command in ("00A400000270F3", "00A400000270F300", "00A400000270F30A"):
        assert say(card, command) == "70F30034FFFF000300009000"
    assert say(card, "00A40000026004") == "6A82"


def test_files_of_one_applet_are_not_seen_in_the_other() -> None:
    card = pki_card()
    assert say(card, "00A40800020F0204") == "6A86"
    assert say(card, "00A40000020F02") == "6A82"
    say(card, "00A404000BF381000002534552494401")
    assert say(card, "00A400000270F3") == "6A82"


def test_reading_past_the_end() -> None:
    card = pki_card()
    say(card, "00A400000270F1")
    assert say(card, "00B0000000") == "06000000000000009000"
    assert say(card, "00B0000009") == "06000000000000006282"
    assert say(card, "00B0000808") == "6B00"
    say(card, SELECT_PKI)
    assert say(card, "00B0000001") == "6986"


def test_nothing_is_selected_after_power() -> None:
    card = pki_card(is_unlocked=True)
    card.power_on()
    assert say(card, "00A400000270F3") == "6A82"
    assert say(card, "B0AA0000") == "6D00"
    say(card, SELECT_PKI)
    assert say(card, "00200080") == "63C3"


@pytest.mark.parametrize(
    ("command", "status"),
    [
        ("00", "6700"),
        ("0020008005AABB", "6700"),
        ("80CA9F7F00", "6E00"),
        ("00CA000000", "6D00"),
        ("00200081", "6A88"),
        ("002000800131", "6700"),
        ("00A4040000", "6A82"),
        ("B04600000103", "6700"),
        ("002241B6038001FF", "6A80"),
        ("002241B60780010284026004", "6A88"),
        ("002A9E000101", "6985"),
        ("0082008108" + "00" * 8, "6985"),
        ("00E40000", "6986"),
    ],
)
def test_wrong_commands(command: str, status: str) -> None:
    assert say(pki_card(), command) == status


def test_access_rules() -> None:
    locked, unlocked = pki_card("milan"), pki_card("milan", is_unlocked=True)
    make = "00E000000A71300004FFFF00030000"
    assert say(locked, make) == "6982"
    assert say(unlocked, make) == "9000"
    assert say(unlocked, make) == "6A89"
    say(unlocked, "00A40000027130")
    assert say(unlocked, "00D600000401020304") == "9000"
    assert say(unlocked, "00D60003020102") == "6A84"
    for card in (locked, unlocked):
        say(card, "00A40000027001")
        assert say(card, "00D600000100") == "6982"
        say(card, "00A40000026005")
        assert say(card, "00B0000010") == "6982"
    say(locked, "00A40000027102")
    assert say(locked, "00E40000") == "6982"


def test_memory_is_finite_and_told() -> None:
    card = pki_card(is_unlocked=True)
    before = int(say(card, "B0AA0000")[20:24], 16)
    assert say(card, "00E000000A71301000FFFF00030000") == "9000"
    assert int(say(card, "B0AA0000")[20:24], 16) == before - 4096 - 16
    assert say(card, "00E000000A71317FFFFFFF00030000") == "6A84"


def test_verify_tells_the_tries() -> None:
    card = pki_card()
    wrong = "0020008008" + padded(b"999990").hex()
    assert [say(card, command) for command in ("00200080", wrong, "00200080", wrong, wrong, wrong)] == [
        "63C3", "63C2", "63C2", "63C1", "6983", "6983",
    ]  # fmt: skip
    assert say(card, "0020008008" + padded(JOVANA.pin).hex()) == "6983"
    capabilities = bytes.fromhex(say(card, "B0AA0000"))
    assert (capabilities[14], capabilities[23], capabilities[15], capabilities[24]) == (0, 0, 3, 3)


def test_a_wrong_pin_takes_the_session_away() -> None:
    card = pki_card(is_unlocked=True)
    assert say(card, "00200080") == "9000"
    say(card, "0020008008" + padded(b"999990").hex())
    assert say(card, "00200080") == "63C2"


@pytest.mark.parametrize("new", [b"123", b"12345a", b"", b"1234\x005"])
def test_a_new_pin_must_be_four_to_eight_digits(new: bytes) -> None:
    card = pki_card()
    assert say(card, "0024008010" + padded(JOVANA.pin).hex() + padded(new).hex()) == "6A80"
    assert say(card, "00200080") == "63C3"


def test_the_administrator() -> None:
    card = pki_card("blokiran")
    key = training_admin_key(card.citizen.serial)
    set_pin = "0024018008" + padded(b"395814").hex()
    assert say(card, set_pin) == "6982"
    assert become_administrator(card, bytes(range(24))) == "63C2"
    assert become_administrator(card, key) == "9000"
    assert say(card, set_pin) == "9000"
    assert say(card, "00200080") == "63C3"
    assert say(card, "B0D8018118" + bytes(range(24)).hex()) == "9000"
    assert say(card, "B0220000") == "9000"
    assert say(card, set_pin) == "6982"
    assert [become_administrator(card, key) for _ in range(3)] == ["63C2", "63C1", "6983"]
    assert become_administrator(card, bytes(range(24))) == "6983"


def test_logging_out_one_role_keeps_the_other() -> None:
    card = pki_card(is_unlocked=True)
    become_administrator(card, training_admin_key(JOVANA.serial))
    assert say(card, "B0220001") == "9000"
    assert card._state.guard.roles == 2


def public_key_of(card: TrainingCard) -> rsa.RSAPublicKey:
    key = load_der_public_key(key_file.parse_public(bytes(card._state.system.files[0x6004].content), "6004"))
    assert isinstance(key, rsa.RSAPublicKey)
    return key


def test_raw_operations() -> None:
    card = pki_card("milan", is_unlocked=True)
    key = public_key_of(card)
    secret = key.encrypt(b"hello", padding.PKCS1v15())
    assert say(card, "002241B80780010084026005") == "9000"
    p1 = "9E" if secret[0] == 0x86 else "80"
    plain = say(card, f"002A{p1}{secret[0]:02X}FF{secret[1:].hex()}00")
    assert plain.endswith("00" + b"hello".hex().upper() + "9000")
    assert say(card, f"002A8086FF{bytes(255).hex()}00") == "6A80"
    assert say(card, "002A9EFFFF" + "FF" * 255 + "00") == "6A80"


def test_the_card_pads_a_signature() -> None:
    card = pki_card("milan", is_unlocked=True)
    digest = hashes.Hash(hashes.SHA256())
    digest.update(b"text")
    info = "3031300D060960864801650304020105000420" + digest.finalize().hex()
    assert say(card, "002241B60780010284026005") == "9000"
    signature = bytes.fromhex(say(card, f"002A9E0033{info}00"))[:-2]
    public_key_of(card).verify(signature, b"text", padding.PKCS1v15(), hashes.SHA256())


def test_signing_needs_the_pin() -> None:
    card = pki_card("milan")
    say(card, "002241B60780010284026005")
    assert say(card, "002A9E0033" + "00" * 51 + "00") == "6982"


def test_random_bytes() -> None:
    card = pki_card()
    first, second = say(card, "B083000010"), say(card, "B083000010")
    assert len(first) == 36
    assert first != second


def test_the_metadata_of_expired_certificates_lists_all_objects() -> None:
    card = pki_card("milan")
    say(card, "00A40000028FFF")
    assert say(card, "00B000000E") == "0600048005800780188019801B809000"
