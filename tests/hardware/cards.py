"""Training cards for the tests of this room."""

from __future__ import annotations

from datetime import date

from hardware.cardedge import CardEdgeKeyStore
from hardware.interface import Transmit
from hardware.pin import Pin
from hardware.training.card import TrainingCard, VirtualCard
from hardware.training.citizens import CITIZENS
from hardware.training.test_authority import trusted_test_signers
from hardware.trust_list import TrustList

TODAY = date(2031, 5, 20)
TEST_LIST = TrustList(trusted_test_signers())
NOBODY = TrustList(())


def pin_of(digits: bytes) -> Pin:
    pin = Pin()
    for digit in digits:
        pin.append(digit)
    return pin


def card_of(key: str) -> TrainingCard:
    return TrainingCard(CITIZENS[key], today=TODAY)


def transmit_to(card: VirtualCard) -> Transmit:
    """The card as the protocol code sees it."""
    return lambda command: card.transmit(bytes(command))


class Meter:
    """Counts commands and remembers them."""

    def __init__(self, card: TrainingCard) -> None:
        self._card = card
        self.commands: list[bytes] = []

    def __call__(self, command: bytes | bytearray) -> bytes:
        self.commands.append(bytes(command))
        return self._card.transmit(bytes(command))


def unlocked_store(card: TrainingCard) -> CardEdgeKeyStore:
    store = CardEdgeKeyStore(transmit_to(card))
    with pin_of(card.citizen.pin) as pin:
        store.verify_pin(pin)
    return store
