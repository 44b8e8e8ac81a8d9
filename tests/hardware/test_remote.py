"""The same devices in process and through the device host: what one does, the other does."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from hardware.errors import (
    CardRemoved,
    HardwareError,
    NoCard,
    NoSuchKey,
    NotUnlocked,
    PinBlocked,
    PinEntryCancelled,
    PinEntryExpired,
    Unsupported,
    WrongCard,
    WrongPin,
)
from hardware.interface import (
    Authenticity,
    Chip,
    Devices,
    KeyPurpose,
    PinMethod,
    PinPolicy,
    PinRequest,
    PinState,
    SlotState,
)
from hardware.local import LocalDevices
from hardware.remote import RemoteDevices
from hardware.settings import DeviceSettings
from hardware.training.citizens import CITIZENS
from hardware.training.key_service import TrainingKeyService
from tests.hardware.certificates import contract_certificate
from tests.hardware.observers import Citizen, Slots, keypad

POLICY = PinPolicy(timeout_s=10)
JOVANA = CITIZENS["jovana"]
NONCE = b"TEST nonce"


@dataclass(frozen=True)
class Desk:
    """Devices, however they are reached, and the citizen's side of the keypad."""

    devices: LocalDevices | RemoteDevices
    writing: int

    def citizen(self, *entries: bytes) -> Citizen:
        return Citizen(self.writing, list(entries))


@pytest.fixture(params=[LocalDevices, RemoteDevices])
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    with keypad() as (reading, writing):
        devices = request.param(DeviceSettings(pin_fd=reading, training_state=tmp_path / "cards"))
        yield Desk(devices, writing)
        devices.close()


def test_both_keep_the_interface() -> None:
    local: Devices = LocalDevices(DeviceSettings())
    remote: Devices = RemoteDevices(DeviceSettings())
    for devices in (local, remote):
        chip: Chip = devices.open_chip()
        assert chip.apdu_count() == 0
        devices.close()


def test_what_stands_at_the_desk(desk: Desk) -> None:
    assert desk.devices.reader_name() == "training"
    assert desk.devices.pin_method() is PinMethod.TRAINING
    assert desk.devices.slot_state() is SlotState.CARD


def test_identity_and_portrait(desk: Desk) -> None:
    chip = desk.devices.open_chip()
    identity = chip.identity()
    assert identity.authenticity is Authenticity.AUTHENTIC
    assert identity.holder.surname == JOVANA.surname
    assert identity.apdu_count == chip.apdu_count() > 0
    assert chip.portrait().startswith(b"\xff\xd8\xff")
    assert chip.token().serial == f"ID{identity.document.document_number}"
    chip.close()


def test_wrong_pin_then_right_then_a_key_pair_with_a_certificate(desk: Desk) -> None:
    chip = desk.devices.open_chip()
    wrong = desk.citizen(b"135791")
    with pytest.raises(WrongPin) as refused:
        chip.unlock(wrong, POLICY)
    assert refused.value.tries_left == 2
    assert wrong.events[:2] == [PinRequest.CURRENT, PinState.WAITING]
    assert wrong.events[-1] is PinState.CHECKING
    right = desk.citizen(JOVANA.pin)
    chip.unlock(right, POLICY)
    assert right.events[-2:] == [PinState.CHECKING, PinState.ACCEPTED]
    with chip.transaction():
        pair = chip.generate_key_pair(KeyPurpose.SIGNATURE)
        signature = chip.sign(pair.key_id, NONCE)
    public = load_der_public_key(pair.public_key)
    assert isinstance(public, RSAPublicKey)
    public.verify(signature, NONCE, PKCS1v15(), SHA256())
    assert chip.key_pairs() == (pair,)
    certificate = contract_certificate(pair.public_key, "TEST")
    chip.write_certificate(pair.key_id, certificate)
    assert chip.read_certificate(pair.key_id) == certificate
    assert [stored.certificate for stored in chip.certificates()] == [certificate]
    chip.delete_certificate(pair.key_id)
    assert chip.read_certificate(pair.key_id) is None
    chip.delete_key_pair(pair.key_id)
    with pytest.raises(NoSuchKey):
        chip.sign(pair.key_id, NONCE)
    chip.lock()
    with pytest.raises(NotUnlocked):
        chip.generate_key_pair(KeyPurpose.SIGNATURE)
    chip.close()


def test_a_blocked_pin_is_told_before_the_citizen_types_and_unblocked(desk: Desk) -> None:
    desk.devices.insert("blokiran")
    citizen = CITIZENS["blokiran"]
    chip = desk.devices.open_chip()
    asked = desk.citizen()
    with pytest.raises(PinBlocked):
        chip.unlock(asked, POLICY)
    assert asked.events == []
    response = TrainingKeyService().answer(chip.unblock_challenge())
    unblocking = desk.citizen(b"1234", citizen.new_pin, b"864297", citizen.new_pin, citizen.new_pin)
    chip.unblock(response, unblocking, POLICY)
    assert [event for event in unblocking.events if event in (PinState.RUN, PinState.DIFFERENT)] == [
        PinState.RUN,
        PinState.DIFFERENT,
    ]
    chip.unlock(desk.citizen(citizen.new_pin), POLICY)
    chip.close()


def test_the_pin_is_changed(desk: Desk) -> None:
    chip = desk.devices.open_chip()
    chip.change_pin(desk.citizen(JOVANA.pin, JOVANA.new_pin, JOVANA.new_pin), POLICY)
    chip.lock()
    with pytest.raises(WrongPin):
        chip.unlock(desk.citizen(JOVANA.pin), POLICY)
    chip.unlock(desk.citizen(JOVANA.new_pin), POLICY)
    chip.close()


def test_the_clerk_cancels_an_entry(desk: Desk) -> None:
    chip = desk.devices.open_chip()
    citizen = desk.citizen()
    citizen.at_request = desk.devices.cancel_pin_entry
    with pytest.raises(PinEntryCancelled):
        chip.unlock(citizen, POLICY)
    assert chip.pin_status().tries_left == 3
    chip.close()


def test_nobody_types(desk: Desk) -> None:
    chip = desk.devices.open_chip()
    with pytest.raises(PinEntryExpired):
        chip.unlock(desk.citizen(), PinPolicy(timeout_s=0))
    assert chip.pin_status().tries_left == 3
    chip.close()


def test_cards_come_and_go(desk: Desk) -> None:
    slots = Slots()
    with desk.devices.watch(slots):
        assert slots.next() is SlotState.CARD
        chip = desk.devices.open_chip()
        desk.devices.eject()
        assert slots.next() is SlotState.EMPTY
        with pytest.raises(CardRemoved):
            chip.identity()
        with pytest.raises(NoCard):
            desk.devices.open_chip()
        desk.devices.insert("milan")
        assert slots.next() is SlotState.CARD
    with pytest.raises(CardRemoved):
        chip.identity()
    assert desk.devices.open_chip().identity().holder.surname == CITIZENS["milan"].surname


def test_an_old_card_is_named(desk: Desk) -> None:
    desk.devices.insert("apolo")
    with pytest.raises(WrongCard) as refused:
        desk.devices.open_chip()
    assert refused.value.reason == "apollo"


def test_a_card_keeps_its_state(desk: Desk) -> None:
    chip = desk.devices.open_chip()
    with pytest.raises(WrongPin):
        chip.unlock(desk.citizen(b"135791"), POLICY)
    desk.devices.eject()
    desk.devices.insert("jovana")
    assert desk.devices.open_chip().pin_status().tries_left == 2


@pytest.mark.parametrize("kind", [LocalDevices, RemoteDevices])
def test_a_method_without_a_driver_is_said(kind: type[LocalDevices | RemoteDevices]) -> None:
    with pytest.raises(Unsupported, match="keypad"):
        kind(replace(DeviceSettings(), pin_method=PinMethod.KEYPAD)).pin_method()


def test_without_a_service_there_is_no_service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PCSCLITE_CSOCK_NAME", str(tmp_path / "nobody"))
    devices = RemoteDevices(DeviceSettings(reader=""))
    assert devices.slot_state() is SlotState.NO_SERVICE
    with pytest.raises(HardwareError) as told:
        devices.open_chip()
    assert type(told.value).__name__ == "NoService"
    devices.close()


def test_the_caller_may_close_its_descriptor() -> None:
    reading, writing = os.pipe()
    devices = RemoteDevices(DeviceSettings(pin_fd=reading))
    os.close(reading)
    chip = devices.open_chip()
    chip.unlock(Citizen(writing, [JOVANA.pin]), POLICY)
    devices.close()
    os.close(writing)
