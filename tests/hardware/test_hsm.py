"""The office's HSM answers a card's challenge, in the device host; its operator's PIN is typed once in a sitting."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from hardware.errors import (
    CardRemoved,
    HardwareError,
    HsmFault,
    HsmHangs,
    HsmLocked,
    HsmPinWrong,
    NoAdminKey,
    NoKeyService,
    PinEntryCancelled,
)
from hardware.hsm import Hsm
from hardware.interface import Devices, PinPolicy, PinState, SlotState, UnblockChallenge, UnblockMethod
from hardware.local import LocalDevices
from hardware.pkcs11_module import pkcs11_lane
from hardware.remote import RemoteDevices
from hardware.settings import DeviceSettings
from hardware.training.citizens import CITIZENS
from hardware.training.key_service import TrainingKeyService, training_admin_key
from tests.hardware.cards import pin_of
from tests.hardware.observers import Citizen, keypad
from tests.services import softhsm
from tests.services.requirement import ServiceMissing, skip_or_fail

BLOCKED = CITIZENS["blokiran"]
CHALLENGE = UnblockChallenge(
    method=UnblockMethod.CHALLENGE_RESPONSE, token_serial=BLOCKED.serial, challenge=bytes.fromhex("00112233445566FF")
)


@pytest.fixture(scope="module")
def token(tmp_path_factory: pytest.TempPathFactory) -> softhsm.SoftToken:
    try:
        made = softhsm.soft_token(tmp_path_factory.mktemp("hsm") / "softhsm", "TEST HSM")
    except ServiceMissing as error:
        skip_or_fail(error)
    softhsm.add_secret_key(made, f"admin {BLOCKED.serial}", training_admin_key(BLOCKED.serial))
    for _ in range(2):
        softhsm.add_secret_key(made, "admin twice", training_admin_key("twice"))
    os.environ.update(made.environment)
    return made


@contextmanager
def station(
    token: softhsm.SoftToken, kind: Callable[[DeviceSettings], Any] = RemoteDevices, **changes: Any
) -> Iterator[tuple[Devices, int]]:
    with keypad() as (reading, writing):
        settings: dict[str, Any] = {
            "training_citizen": "blokiran",
            "pin_fd": reading,
            "hsm_module": token.module,
            "hsm_token_label": token.label,
            "hsm_key_label": "admin {serial}",
            **changes,
        }
        devices = kind(DeviceSettings(**settings))
        try:
            yield devices, writing
        finally:
            devices.close()


def test_a_whole_unblock_through_the_device_host(token: softhsm.SoftToken) -> None:
    with station(token) as (devices, writing):
        with pytest.raises(HsmLocked):
            devices.answer_challenge(CHALLENGE)
        clerk = Citizen(writing, [softhsm.PIN])
        devices.open_key_session(clerk)
        assert [event for event in clerk.events if isinstance(event, PinState)][-2:] == [
            PinState.CHECKING,
            PinState.ACCEPTED,
        ]
        chip = devices.open_chip()
        with chip.transaction():
            response = devices.answer_challenge(chip.unblock_challenge())
            chip.unblock(response, Citizen(writing, [BLOCKED.new_pin, BLOCKED.new_pin]), PinPolicy(timeout_s=10))
        assert chip.pin_status().tries_left == 3
        chip.close()


def test_the_answer_is_that_of_the_card_and_the_session_lasts_until_it_is_closed(token: softhsm.SoftToken) -> None:
    with station(token) as (devices, writing):
        devices.open_key_session(Citizen(writing, [softhsm.PIN]))
        for _ in range(3):
            assert devices.answer_challenge(CHALLENGE) == TrainingKeyService().answer(CHALLENGE)
        devices.close_key_session()
        devices.close_key_session()
        with pytest.raises(HsmLocked):
            devices.answer_challenge(CHALLENGE)


@pytest.mark.parametrize("serial", ["ID990000011", "twice"])
def test_a_card_without_a_key_of_its_own(token: softhsm.SoftToken, serial: str) -> None:
    other = UnblockChallenge(method=UnblockMethod.CHALLENGE_RESPONSE, token_serial=serial, challenge=bytes(8))
    with station(token) as (devices, writing):
        devices.open_key_session(Citizen(writing, [softhsm.PIN]))
        with pytest.raises(NoAdminKey, match=f"admin {serial}"):
            devices.answer_challenge(other)
        assert devices.answer_challenge(CHALLENGE), "one card without a key does not end the sitting"


def test_a_code_is_nothing_an_hsm_can_answer(token: softhsm.SoftToken) -> None:
    with station(token) as (devices, _), pytest.raises(NoKeyService):
        devices.answer_challenge(UnblockChallenge(method=UnblockMethod.PUK, token_serial="x"))


def test_a_wrong_pin_and_then_the_right_one(token: softhsm.SoftToken) -> None:
    with station(token) as (devices, writing):
        with pytest.raises(HsmPinWrong):
            devices.open_key_session(Citizen(writing, [b"111222"]))
        with pytest.raises(HsmLocked):
            devices.answer_challenge(CHALLENGE)
        devices.open_key_session(Citizen(writing, [softhsm.PIN]))
        assert devices.answer_challenge(CHALLENGE)


def test_the_clerk_cancels(token: softhsm.SoftToken) -> None:
    with station(token) as (devices, writing):
        asked, cancelling = Citizen(writing), threading.Thread(target=devices.cancel_pin_entry)
        asked.at_request = cancelling.start
        with pytest.raises(PinEntryCancelled):
            devices.open_key_session(asked)
        cancelling.join()


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"hsm_token_label": "NONE"}, HsmFault),
        ({"hsm_module": Path("/nonexistent/libhsm.so")}, HsmFault),
        ({"hsm_module": None}, NoKeyService),
        ({"hsm_key_label": ""}, NoKeyService),
    ],
)
def test_an_hsm_that_is_not_there(
    token: softhsm.SoftToken, changes: dict[str, Any], error: type[HardwareError]
) -> None:
    with station(token, **changes) as (devices, writing), pytest.raises(error):
        devices.open_key_session(Citizen(writing, [softhsm.PIN]))


def test_a_session_that_ended_behind_our_back_is_opened_anew(token: softhsm.SoftToken) -> None:
    """As when the HSM was restarted: every session handle is void."""
    hsm = Hsm(token.module, token.label, "admin {serial}")
    with pin_of(softhsm.PIN) as pin:
        hsm.log_in(pin)
        assert hsm._module is not None
        hsm._module.run(hsm._module.restart)
        with pytest.raises(HsmLocked):
            hsm.answer(CHALLENGE)
        hsm.log_in(pin)
        assert hsm.answer(CHALLENGE) == TrainingKeyService().answer(CHALLENGE)
    hsm.log_out()


def test_a_module_that_hangs_is_told_and_a_card_goes_on(
    token: softhsm.SoftToken, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hardware.hsm.CALL_LIMIT_S", 0.2)
    go_on = threading.Event()
    with station(token, LocalDevices) as (devices, writing):
        devices.open_key_session(Citizen(writing, [softhsm.PIN]))
        pkcs11_lane(token.module).submit(go_on.wait)
        with pytest.raises(HsmHangs):
            devices.answer_challenge(CHALLENGE)
        assert devices.open_chip().pin_status().is_blocked
        monkeypatch.undo()
        go_on.set()


def test_the_host_answers_about_the_reader_while_the_operator_types(token: softhsm.SoftToken) -> None:
    with station(token) as (devices, writing):
        seen: list[SlotState] = []
        asked = Citizen(writing, [])

        def look() -> None:
            seen.append(devices.slot_state())
            os.write(writing, softhsm.PIN + b"\r")

        asked.at_request = look
        devices.open_key_session(asked)
        assert seen == [SlotState.CARD]


def test_a_card_taken_out_between_challenge_and_answer_makes_the_answer_void(token: softhsm.SoftToken) -> None:
    with station(token) as (devices, writing):
        devices.open_key_session(Citizen(writing, [softhsm.PIN]))
        chip = devices.open_chip()
        response = devices.answer_challenge(chip.unblock_challenge())
        devices.eject()
        devices.insert("jovana")
        with pytest.raises(CardRemoved):
            chip.unblock(response, Citizen(writing, [BLOCKED.new_pin, BLOCKED.new_pin]), PinPolicy(timeout_s=10))
        other = devices.open_chip()
        assert other.identity().document.document_number == CITIZENS["jovana"].document_number
        assert other.pin_status().tries_left == 3
        other.close()
