"""A PIN goes to the card once for each time the citizen was asked, and never to another card."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from hardware.errors import CardError, CardFault, CardRemoved, HardwareError, PinBlocked, WrongPin
from hardware.interface import PinPolicy, PinRequest, PinState, SlotState
from hardware.local import LocalDevices
from hardware.pcsc import PcscSlot
from hardware.settings import DeviceSettings
from hardware.training.citizens import CITIZENS
from tests.hardware.cards import card_of
from tests.hardware.observers import Citizen, keypad
from tests.hardware.t0_card import T0Card
from tests.hardware.virtual_desk import Reader, RecordedCard, desk_with
from tests.services.card_process import card_in_reader
from tests.services.fixtures import READER_A
from tests.services.pcscd import PrivatePcscd
from tests.services.ports import wait_until

PIN, NEW = CITIZENS["jovana"].pin, CITIZENS["jovana"].new_pin
POLICY = PinPolicy(timeout_s=10)
CARRIES_A_PIN = ("0020", "0024")

ANSWERS: list[tuple[str, type[HardwareError]]] = [
    ("6108", CardFault),
    ("6C08", CardFault),
    ("6C10", CardFault),
    ("6F00", CardFault),
    ("6300", CardFault),
    ("6982", CardFault),
    ("6A80", CardFault),
    ("63C2", WrongPin),
    ("63C0", PinBlocked),
    ("6983", PinBlocked),
    ("", CardError),
    ("9A5A", CardFault),
]
"""What a card may answer to a PIN; among it all that tells a T=0 driver to send something again."""


@pytest.mark.parametrize(("answer", "error"), ANSWERS)
def test_no_answer_makes_the_software_present_a_pin_again(answer: str, error: type[HardwareError]) -> None:
    for card in (card_of("jovana"), T0Card(card_of("jovana"))):
        recorded = RecordedCard(card, lambda command: bytes.fromhex(answer))
        with keypad() as (reading, writing), desk_with(Reader(recorded), DeviceSettings(pin_fd=reading)) as devices:
            citizen = Citizen(writing, [PIN])
            with pytest.raises(error):
                devices.open_chip().unlock(citizen, POLICY)
        assert recorded.pins_presented == citizen.events.count(PinRequest.CURRENT) == 1


@pytest.mark.parametrize(("answer", "error"), ANSWERS)
def test_nor_when_the_pin_is_changed(answer: str, error: type[HardwareError]) -> None:
    recorded = RecordedCard(card_of("jovana"), lambda command: bytes.fromhex(answer))
    with (
        keypad() as (reading, writing),
        desk_with(Reader(recorded), DeviceSettings(pin_fd=reading)) as devices,
        pytest.raises(error),
    ):
        devices.open_chip().change_pin(Citizen(writing, [PIN, NEW, NEW]), POLICY)
    assert recorded.pins_presented == 1


def test_the_right_pin_is_presented_once_too() -> None:
    recorded = RecordedCard(T0Card(card_of("jovana")))
    with keypad() as (reading, writing), desk_with(Reader(recorded), DeviceSettings(pin_fd=reading)) as devices:
        citizen = Citizen(writing, [PIN])
        chip = devices.open_chip()
        chip.unlock(citizen, POLICY)
        assert chip.pin_status().tries_left == 3
    assert citizen.events[-1] is PinState.ACCEPTED
    assert recorded.pins_presented == 1


def test_tries_are_read_without_spending_one() -> None:
    recorded = RecordedCard(card_of("jovana"))
    with desk_with(Reader(recorded)) as devices:
        chip = devices.open_chip()
        assert [chip.pin_status().tries_left for _ in range(5)] == [3] * 5
    assert recorded.pins_presented == 0


def test_a_blocked_pin_is_not_asked_for() -> None:
    blocked = next(key for key, one in CITIZENS.items() if one.pin_tries == 0)
    recorded = RecordedCard(card_of(blocked))
    with keypad() as (reading, writing), desk_with(Reader(recorded), DeviceSettings(pin_fd=reading)) as devices:
        citizen = Citizen(writing, [PIN])
        with pytest.raises(PinBlocked):
            devices.open_chip().unlock(citizen, POLICY)
    assert citizen.events == []
    assert recorded.pins_presented == 0


def remove(command: bytes) -> bytes:
    raise CardRemoved


def test_after_a_reader_fault_the_citizen_is_asked_again() -> None:
    """The card leaves as the PIN arrives: nobody knows whether it counted, so nothing is repeated unasked."""
    first, again = RecordedCard(card_of("jovana"), remove), RecordedCard(card_of("jovana"))
    reader = Reader(first)
    with keypad() as (reading, writing), desk_with(reader, DeviceSettings(pin_fd=reading)) as devices:
        citizen = Citizen(writing, [PIN, PIN])
        with pytest.raises(CardRemoved):
            devices.open_chip().unlock(citizen, POLICY)
        assert first.pins_presented == 1
        reader.put_in(again)
        devices.open_chip().unlock(citizen, POLICY)
    assert citizen.events.count(PinRequest.CURRENT) == 2
    assert (first.pins_presented, again.pins_presented) == (1, 1)


@pytest.mark.parametrize("key", ["milan", "jovana"])
def test_a_pin_typed_for_one_card_never_reaches_another(key: str) -> None:
    """Also when the other card is of the same citizen: it may be an older one with another PIN."""
    first, other = RecordedCard(card_of("jovana")), RecordedCard(card_of(key))
    reader = Reader(first)
    with keypad() as (reading, writing), desk_with(reader, DeviceSettings(pin_fd=reading)) as devices:
        chip = devices.open_chip()
        with pytest.raises(CardRemoved):
            chip.unlock(Citizen(writing, [PIN], at_request=lambda: reader.put_in(other)), POLICY)
        with pytest.raises(CardRemoved):
            chip.pin_status()
    assert first.pins_presented == 0
    assert other.commands == []


@pytest.mark.parametrize("act", ["unlock", "change_pin"])
def test_a_card_swapped_in_a_real_reader_while_the_citizen_types(pcscd: PrivatePcscd, tmp_path: Path, act: str) -> None:
    port, slot = str(pcscd.ports[READER_A]), PcscSlot(READER_A, 5)
    records = [tmp_path / "first", tmp_path / "other"]
    first_program, other_program = (
        [sys.executable, "-m", "tests.hardware.virtual_desk", key, port, str(record)]
        for key, record in zip(("jovana", "milan"), records, strict=True)
    )
    wait_until(lambda: slot.state() is SlotState.EMPTY, "the last card to leave")
    with keypad() as (reading, writing), card_in_reader(first_program) as first, ExitStack() as later:

        def swap() -> None:
            first.take_out()
            wait_until(lambda: slot.state() is SlotState.EMPTY, "the first card to leave")
            later.enter_context(card_in_reader(other_program))
            wait_until(lambda: slot.state() is SlotState.CARD, "the other card")

        wait_until(lambda: slot.state() is SlotState.CARD, "the first card")
        devices = LocalDevices(DeviceSettings(reader=READER_A, pin_fd=reading))
        chip = devices.open_chip()
        chip.pin_status()
        citizen = Citizen(writing, [PIN, NEW, NEW], at_request=once(swap))
        with pytest.raises(CardRemoved):
            getattr(chip, act)(citizen, POLICY)
        fresh = devices.open_chip()
        assert fresh.identity().document.document_number == CITIZENS["milan"].document_number
        fresh.close()
        chip.close()
    for record in records:
        heads = record.read_text().split()
        assert heads, "the card was spoken to"
        assert not [head for head in heads if head.startswith(CARRIES_A_PIN) and head[8:] not in ("", "00")]


def once(act: Callable[[], None]) -> Callable[[], None]:
    """The act at the first call, nothing at later ones."""
    acts = [act]
    return lambda: acts.pop()() if acts else None
