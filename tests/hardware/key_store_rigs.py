"""The key stores under contract, each on the real part it is made for."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from hardware.cardedge import CardEdgeKeyStore
from hardware.interface import UnblockChallenge
from hardware.key_store import KeyStore
from hardware.pcsc import PcscSlot
from hardware.pin import Pin
from hardware.pkcs11 import Pkcs11KeyStore
from hardware.training.card import TrainingCard
from hardware.training.citizens import CITIZENS
from hardware.training.key_service import TrainingKeyService
from tests.services import pkcs15_card, softhsm
from tests.services.card_process import training_card
from tests.services.fixtures import READER_A, READER_B
from tests.services.pcscd import PrivatePcscd
from tests.services.ports import wait_until

CITIZEN = CITIZENS["jovana"]
WRONG, NEW = b"135791", b"864297"


@dataclass(frozen=True)
class Rig:
    """A key store, and what only its owner knows."""

    store: KeyStore
    pin: bytes
    unblocking_code: bytes | None
    """`None` where a challenge is answered."""
    counts_tries: bool

    def response(self, challenge: UnblockChallenge) -> bytes:
        if self.unblocking_code is None:
            return TrainingKeyService().answer(challenge)
        return self.unblocking_code


def typed(digits: bytes) -> Pin:
    """A PIN as the citizen's keys make it."""
    pin = Pin()
    for digit in digits:
        pin.append(digit)
    return pin


@contextmanager
def cardedge_in_process(folder: Path, service: PrivatePcscd) -> Iterator[Rig]:
    card = TrainingCard(CITIZEN)
    card.power_on()
    yield Rig(CardEdgeKeyStore(lambda command: card.transmit(bytes(command))), CITIZEN.pin, None, counts_tries=True)


@contextmanager
def cardedge_behind_pcscd(folder: Path, service: PrivatePcscd) -> Iterator[Rig]:
    with training_card("jovana", service.ports[READER_A]):
        slot = PcscSlot(READER_A, 10)
        wait_until(lambda: slot.state().value == "card", "the training card in the reader")
        connection = slot.connect()
        yield Rig(CardEdgeKeyStore(connection.transmit), CITIZEN.pin, None, counts_tries=True)
        connection.close()


@contextmanager
def soft_hsm(folder: Path, service: PrivatePcscd) -> Iterator[Rig]:
    token = softhsm.soft_token(folder / "softhsm")
    os.environ.update(token.environment)
    store = Pkcs11KeyStore(token.module, label=token.label)
    try:
        yield Rig(store, softhsm.PIN, softhsm.OFFICER_PIN, counts_tries=False)
    finally:
        store.close()


@contextmanager
def opensc_on_pkcs15(folder: Path, service: PrivatePcscd) -> Iterator[Rig]:
    with pkcs15_card.pkcs15_card(service, READER_B):
        store = Pkcs11KeyStore(pkcs15_card.MODULE, label=pkcs15_card.LABEL)
        try:
            yield Rig(store, pkcs15_card.PIN, pkcs15_card.PUK, counts_tries=True)
        finally:
            store.close()


RIGS = {
    "cardedge-in-process": cardedge_in_process,
    "cardedge-pcscd": cardedge_behind_pcscd,
    "softhsm": soft_hsm,
    "opensc-pkcs15": opensc_on_pkcs15,
}
