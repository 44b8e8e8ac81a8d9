"""A card that answers nonsense at any command, in any act, ends in a named error or in a right result."""

from __future__ import annotations

import copy
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardware.cardedge import CardEdgeKeyStore
from hardware.errors import HardwareError
from hardware.interface import KeyPurpose
from hardware.training.faults import FaultyCard
from hardware.training.key_service import TrainingKeyService
from tests.hardware.cards import card_of, pin_of, transmit_to, unlocked_store
from tests.hardware.test_cardedge import certificate_for

TEMPLATE = card_of("milan")
PAIR = unlocked_store(TEMPLATE).key_pairs()[0]
CERTIFICATE = certificate_for(PAIR)


def enter_pin(store: CardEdgeKeyStore) -> None:
    with pin_of(TEMPLATE.citizen.pin) as pin:
        store.verify_pin(pin)


def change_pin(store: CardEdgeKeyStore) -> None:
    with pin_of(TEMPLATE.citizen.pin) as old, pin_of(TEMPLATE.citizen.new_pin) as new:
        store.change_pin(old, new)


def unblock(store: CardEdgeKeyStore) -> None:
    with pin_of(TEMPLATE.citizen.new_pin) as new:
        store.unblock(TrainingKeyService().answer(store.unblock_challenge()), new)


ACTS: dict[str, Callable[[CardEdgeKeyStore], object]] = {
    "token": lambda store: store.token(),
    "pin_status": lambda store: store.pin_status(),
    "verify_pin": enter_pin,
    "change_pin": change_pin,
    "unblock": unblock,
    "key_pairs": lambda store: store.key_pairs(),
    "certificates": lambda store: store.certificates(),
    "read": lambda store: store.read_certificate(PAIR.key_id),
    "sign": lambda store: store.sign(PAIR.key_id, b"nonce"),
    "write": lambda store: store.write_certificate(PAIR.key_id, CERTIFICATE),
    "delete": lambda store: store.delete_key_pair(PAIR.key_id),
}


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS.keys())
@pytest.mark.parametrize("fault", ["garbage", "mute", "sw6F00", "sw9000", "sw6282", "sw6A82", "sw6982"])
def test_nonsense_at_any_command(act: Callable[[CardEdgeKeyStore], object], fault: str) -> None:
    number = 0
    while True:
        number += 1
        card = FaultyCard(copy.deepcopy(TEMPLATE), f"{fault}@{number}")
        try:
            act(CardEdgeKeyStore(transmit_to(card)))
        except HardwareError:
            continue
        if card.commands < number:
            break
    assert number > 2


@pytest.mark.parametrize("fault", ["garbage", "mute", "sw6F00", "sw9000", "sw6A82"])
def test_after_nonsense_while_writing_the_certificate_can_still_be_written(fault: str) -> None:
    for number in range(1, 90):
        card = copy.deepcopy(TEMPLATE)
        faulty = FaultyCard(card, f"{fault}@{number}")
        with suppress(HardwareError):
            CardEdgeKeyStore(transmit_to(faulty)).write_certificate(PAIR.key_id, CERTIFICATE)
        store = unlocked_store(card)
        if any(one.key_id == PAIR.key_id for one in store.key_pairs()):
            store.write_certificate(PAIR.key_id, CERTIFICATE)
            assert store.read_certificate(PAIR.key_id) == CERTIFICATE


def test_a_full_generation_under_nonsense_is_a_named_error() -> None:
    for number in range(1, 40):
        card = FaultyCard(copy.deepcopy(TEMPLATE), f"garbage@{number}")
        with pytest.raises(HardwareError):
            CardEdgeKeyStore(transmit_to(card)).generate_key_pair(KeyPurpose.SIGNATURE)


@settings(max_examples=300)
@given(st.lists(st.binary(max_size=270), max_size=6), st.booleans())
def test_the_card_answers_any_bytes(commands: list[bytes], in_pki: bool) -> None:
    card = card_of("jovana")
    first = "00A404000CA000000063504B43532D3135" if in_pki else "00A404000BF381000002534552494401"
    for command in (bytes.fromhex(first), *commands):
        assert len(card.transmit(command)) >= 2


@settings(max_examples=300)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([0x0020, 0x0022, 0x0024, 0x002A, 0x0082, 0x0084, 0x00A4, 0x00B0, 0x00D6, 0x00E0, 0x00E4,
                             0xB022, 0xB083, 0xB0AA, 0xB0D8]),
            st.sampled_from([0x0000, 0x0080, 0x0081, 0x0180, 0x41B6, 0x9E00, 0x8000]) | st.integers(0, 0xFFFF),
            st.binary(max_size=30) | st.sampled_from([bytes.fromhex("80010284026005"), b"\x60\x05", b"\x71\x01"]),
        ),
        max_size=8,
    )
)  # fmt: skip
def test_the_card_answers_any_command(commands: list[tuple[int, int, bytes]]) -> None:
    card = copy.deepcopy(TEMPLATE)
    card.transmit(bytes.fromhex("00A404000CA000000063504B43532D3135"))
    for head, parameters, data in commands:
        raw = head.to_bytes(2, "big") + parameters.to_bytes(2, "big")
        answer = card.transmit(raw + (bytes((len(data),)) + data if data else b""))
        assert len(answer) >= 2
