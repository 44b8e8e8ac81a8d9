"""Pin pad readers through pcscd: what the citizen types on the reader reaches the card, and nothing else."""

from __future__ import annotations

import time

import pytest

from hardware import pinpad_structures
from hardware.errors import (
    CardHangs,
    CardRemoved,
    HardwareError,
    NoPinPad,
    PinBlocked,
    PinEntryCancelled,
    PinEntryExpired,
    ReaderUnavailable,
    UnblockRefused,
    WrongPin,
)
from hardware.id_card import IdCard
from hardware.interface import Feature, KeyPurpose, PinMethod, PinPolicy, PinRequest, PinState, SlotState
from hardware.local import LocalDevices
from hardware.pcsc import PcscSlot
from hardware.pinpad_find import pin_pads
from hardware.settings import DeviceSettings
from hardware.training.citizens import CITIZENS
from hardware.training.key_service import TrainingKeyService
from tests.hardware.pinpad_rig import Screen, desk
from tests.services.fixtures import READER_C
from tests.services.pcscd import PrivatePcscd
from tests.services.pinpad.reader import DIRECT, STEPWISE, VERIFY_ONLY, Fingers
from tests.services.ports import wait_until

JOVANA = CITIZENS["jovana"]
POLICY = PinPolicy(timeout_s=20)
QUICK = PinPolicy(timeout_s=1)
WRONG = b"000001"
CURRENT, NEW, NEW_AGAIN = PinRequest.CURRENT, PinRequest.NEW, PinRequest.NEW_AGAIN
WAITING, UNDER_WAY, CHECKING = PinState.WAITING, PinState.UNDER_WAY, PinState.CHECKING
MODELS = pytest.mark.parametrize("features", [DIRECT, STEPWISE], ids=["direct", "stepwise"])


def sent_pins(service: PrivatePcscd) -> int:
    """Commands from the computer that would carry a PIN."""
    return sum(
        message[1] in (0x20, 0x24) and len(message) > 5 for kind, message in service.recorded(READER_C) if kind == "T"
    )


@MODELS
def test_right_pin(pcscd: PrivatePcscd, features: bytes) -> None:
    with desk(pcscd, features) as at:
        chip, screen = at.chip(), Screen(lambda: at.fingers.type(JOVANA.pin))
        assert Feature.PROTECTED_PATH in chip.token().features
        assert chip.token().pin_entries == 1
        chip.unlock(screen, POLICY)
        pair = chip.generate_key_pair(KeyPurpose.SIGNATURE)
        assert chip.sign(pair.key_id, b"proof")
        assert at.fingers.asked == 1
    assert screen.events[0] is CURRENT
    assert screen.events[-1] is PinState.ACCEPTED
    follows_keys = features == STEPWISE
    assert (UNDER_WAY in screen.events) == (CHECKING in screen.events) == follows_keys


@MODELS
def test_wrong_pins_are_counted_and_block(pcscd: PrivatePcscd, features: bytes) -> None:
    with desk(pcscd, features) as at:
        chip = at.chip()
        for left in (2, 1):
            with pytest.raises(WrongPin) as caught:
                chip.unlock(Screen(lambda: at.fingers.type(WRONG)), POLICY)
            assert caught.value.tries_left == left == chip.pin_status().tries_left
        with pytest.raises(PinBlocked):
            chip.unlock(Screen(lambda: at.fingers.type(WRONG)), POLICY)
        screen = Screen()
        with pytest.raises(PinBlocked):
            chip.unlock(screen, POLICY)
        assert screen.events == []
        assert at.fingers.asked == 3


@MODELS
def test_cancel_on_the_pad(pcscd: PrivatePcscd, features: bytes) -> None:
    with desk(pcscd, features) as at:
        chip = at.chip()
        with pytest.raises(PinEntryCancelled):
            chip.unlock(Screen(lambda: at.fingers.press("12C")), POLICY)
        assert chip.pin_status().tries_left == 3
        chip.unlock(Screen(lambda: at.fingers.press("99<" + JOVANA.pin.decode() + "E")), POLICY)


@MODELS
def test_nobody_types(pcscd: PrivatePcscd, features: bytes) -> None:
    with desk(pcscd, features) as at:
        chip, begun = at.chip(), time.monotonic()
        with pytest.raises(PinEntryExpired):
            chip.unlock(Screen(), QUICK)
        assert 0.9 < time.monotonic() - begun < 10
        assert chip.pin_status().tries_left == 3


@MODELS
def test_too_short_is_asked_again(pcscd: PrivatePcscd, features: bytes) -> None:
    with desk(pcscd, features) as at:
        screen = Screen(lambda: at.fingers.type(b"12", JOVANA.pin))
        chip = at.chip()
        chip.unlock(screen, POLICY)
        assert at.fingers.asked == 2
        assert chip.pin_status().tries_left == 3
    again = screen.events.index(PinState.TOO_SHORT)
    assert screen.events[again - 1] is CURRENT


@MODELS
def test_change_with_two_new_pins_that_differ_first(pcscd: PrivatePcscd, features: bytes) -> None:
    with desk(pcscd, features) as at:
        chip, pin, new = at.chip(), JOVANA.pin, JOVANA.new_pin
        screen = Screen(lambda: at.fingers.type(pin, new, WRONG, pin, new, new))
        chip.change_pin(screen, POLICY)
        assert at.fingers.asked == 6
        chip.unlock(Screen(lambda: at.fingers.type(new)), POLICY)
    assert PinState.DIFFERENT in screen.events
    requests = [event for event in screen.events if isinstance(event, PinRequest)]
    told = [CURRENT, NEW, NEW_AGAIN] if features == STEPWISE else [CURRENT]
    assert requests == told * 2


@MODELS
def test_unblock_asks_for_the_new_pin_only(pcscd: PrivatePcscd, features: bytes) -> None:
    blocked = next(one for one in CITIZENS.values() if one.pin_tries == 0)
    with desk(pcscd, features, blocked.key) as at:
        chip = at.chip()
        with pytest.raises(UnblockRefused):
            chip.unblock(bytes(8), screen := Screen(), POLICY)
        assert screen.events == []
        with pytest.raises(PinEntryCancelled):
            chip.unblock(answer(chip), Screen(lambda: at.fingers.press("C")), POLICY)
        chip.unblock(answer(chip), Screen(lambda: at.fingers.type(blocked.new_pin, blocked.new_pin)), POLICY)
        assert at.fingers.asked == 3
        assert chip.pin_status().tries_left == 3
        chip.unlock(Screen(lambda: at.fingers.type(blocked.new_pin)), POLICY)


def answer(chip: IdCard) -> bytes:
    return TrainingKeyService().answer(chip.unblock_challenge())


@MODELS
def test_card_pulled_while_the_citizen_types(pcscd: PrivatePcscd, features: bytes) -> None:
    with desk(pcscd, features) as at:
        with pytest.raises(CardRemoved):
            at.chip().unlock(Screen(lambda: pull(at.fingers)), POLICY)
        wait_until(lambda: at.devices.slot_state() is SlotState.EMPTY, "the card to be gone")


def pull(fingers: Fingers) -> None:
    fingers.wait_until_asked()
    fingers.press("1")
    fingers.card.take_out()


def test_reader_unplugged_while_the_citizen_types(pcscd: PrivatePcscd) -> None:
    with desk(pcscd, DIRECT) as at:

        def unplug() -> None:
            at.fingers.wait_until_asked()
            pcscd.unplug(READER_C)

        try:
            with pytest.raises(ReaderUnavailable):
                at.chip().unlock(Screen(unplug), POLICY)
            wait_until(lambda: at.devices.slot_state() is not SlotState.CARD, "the reader to be gone")
        finally:
            pcscd.plug_in(READER_C)
            wait_until(lambda: at.devices.slot_state() is not SlotState.READER_UNAVAILABLE, "the reader to be back")


def test_the_clerk_cancels_where_the_pad_can_be_told(pcscd: PrivatePcscd) -> None:
    with desk(pcscd, STEPWISE) as at:
        chip = at.chip()

        def cancel() -> None:
            at.fingers.wait_until_asked()
            at.devices.cancel_pin_entry()

        screen, begun = Screen(cancel), time.monotonic()
        with pytest.raises(PinEntryCancelled):
            chip.unlock(screen, POLICY)
        assert time.monotonic() - begun < 10
        assert PinState.CANCEL_ON_PAD not in screen.events
        assert chip.pin_status().tries_left == 3
        chip.unlock(Screen(lambda: at.fingers.type(JOVANA.pin)), POLICY)


@pytest.mark.parametrize("then", ["C", "12E", JOVANA.pin.decode() + "E"], ids=["cancel", "short", "right"])
def test_the_clerk_cancels_where_only_the_pad_can(pcscd: PrivatePcscd, then: str) -> None:
    """The screens are told at once; whatever the citizen does then, the card is not left open."""
    with desk(pcscd, DIRECT) as at:
        chip = at.chip()

        def cancel() -> None:
            at.fingers.wait_until_asked()
            at.devices.cancel_pin_entry()
            at.fingers.press(then)

        screen = Screen(cancel)
        with pytest.raises(PinEntryCancelled):
            chip.unlock(screen, POLICY)
        assert screen.events == [CURRENT, WAITING, PinState.CANCEL_ON_PAD]
        assert chip.pin_status().tries_left == 3
        with pytest.raises(HardwareError):
            chip.generate_key_pair(KeyPurpose.SIGNATURE)


def test_a_driver_that_never_answers_is_given_up(pcscd: PrivatePcscd, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pinpad_structures, "MARGIN_S", 0.5)
    with desk(pcscd, DIRECT) as at:
        chip, begun = at.chip(), time.monotonic()

        def hang() -> None:
            at.fingers.wait_until_asked()
            at.fingers.card.freeze()

        with pytest.raises(CardHangs):
            chip.unlock(Screen(hang), QUICK)
        assert 1.4 < time.monotonic() - begun < 10
        at.fingers.card.thaw()


@MODELS
def test_no_digit_passes_between_computer_and_reader(pcscd: PrivatePcscd, features: bytes) -> None:
    """All that pcscd's driver got and gave is searched, as text and as numbers; the control finds what does pass."""
    with desk(pcscd, features) as at:
        chip, pin, new = at.chip(), JOVANA.pin, JOVANA.new_pin
        chip.change_pin(Screen(lambda: at.fingers.type(pin, new, new)), POLICY)
        chip.unlock(Screen(lambda: at.fingers.type(new)), POLICY)
        pair = chip.generate_key_pair(KeyPurpose.SIGNATURE)
        passed = pcscd.recorded(READER_C)
        assert sent_pins(pcscd) == 0
    whole = b"".join(message for _, message in passed)
    assert {kind for kind, _ in passed} == {"T", "t", "C", "c"}
    for digits in (pin, new):
        assert digits not in whole
        assert bytes(digit - 0x30 for digit in digits) not in whole
        assert bytes.fromhex(digits.decode()) not in whole
    assert bytes.fromhex("0024008010") + bytes(16) in whole
    assert pair.key_id in whole


def test_the_record_sees_a_pin_that_does_pass(pcscd: PrivatePcscd) -> None:
    """The control of the test above."""
    with desk(pcscd, DIRECT):
        connection = PcscSlot(READER_C, 5).connect()
        connection.transmit(bytes.fromhex("0020008008") + JOVANA.pin.ljust(8, b"\0"))
        connection.close()
        assert sent_pins(pcscd) == 1
        assert any(JOVANA.pin in message for _, message in pcscd.recorded(READER_C))


def test_a_reader_without_keys_is_named(pcscd: PrivatePcscd) -> None:
    with desk(pcscd, b"") as at:
        chip, screen = at.chip(), Screen()
        assert not chip.token().features & {Feature.PROTECTED_PATH, Feature.CHANGE_PIN, Feature.UNBLOCK}
        with pytest.raises(NoPinPad, match="no keys"):
            chip.unlock(screen, POLICY)
        assert screen.events == []
        assert chip.pin_status().tries_left == 3


def test_a_reader_that_only_verifies_says_so(pcscd: PrivatePcscd) -> None:
    with desk(pcscd, VERIFY_ONLY) as at:
        chip = at.chip()
        assert Feature.PROTECTED_PATH in chip.token().features
        assert not chip.token().features & {Feature.CHANGE_PIN, Feature.UNBLOCK}
        with pytest.raises(NoPinPad, match="new PIN"):
            chip.change_pin(Screen(), POLICY)
        assert chip.pin_status().tries_left == 3


def test_the_training_reader_has_no_keys() -> None:
    chip = LocalDevices(DeviceSettings(pin_method=PinMethod.PINPAD)).open_chip()
    assert Feature.PROTECTED_PATH not in chip.token().features
    with pytest.raises(NoPinPad):
        chip.unlock(Screen(), POLICY)


UNFIT = {"020101": "confirmation key", "06010907010C": "lengths", "0702": "cannot be read"}
"""Properties that the driver may tell: complete at full length only, nine to twelve digits, cut off."""


def test_a_reader_whose_properties_do_not_fit_is_not_asked(pcscd: PrivatePcscd) -> None:
    with desk(pcscd, STEPWISE) as at:
        for properties, said in UNFIT.items():
            at.fingers.ask(tlv_properties=properties)
            with pytest.raises(NoPinPad, match=said):
                at.chip().unlock(Screen(), POLICY)
        assert at.fingers.asked == 0


def test_its_lengths_and_its_display_are_respected(pcscd: PrivatePcscd) -> None:
    with desk(pcscd, STEPWISE) as at:
        at.fingers.ask(tlv_properties="01021002" + "020107" + "060105" + "070106")
        at.chip().unlock(Screen(lambda: at.fingers.type(JOVANA.pin)), POLICY)
        [(_, raw)] = at.fingers.orders
    assert raw[5:7] == bytes((6, 5))
    assert raw[8] == 1


def test_pads_are_found_without_a_card(pcscd: PrivatePcscd) -> None:
    assert pin_pads() == ()
    try:
        pcscd.give_keys(READER_C, VERIFY_ONLY[:1])
        [found] = pin_pads()
    finally:
        pcscd.give_keys(READER_C, b"")
    assert found.reader.startswith(READER_C)
    assert not (found.changes_pins or found.can_be_cancelled or found.has_display)
    with desk(pcscd, STEPWISE) as at:
        at.fingers.ask(tlv_properties="01021002")
        [found] = pin_pads()
    assert found.changes_pins and found.can_be_cancelled and found.has_display
