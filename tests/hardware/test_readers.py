"""Readers that are several, without contacts, without a driver, without power, or pulled out: each its own message."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware import pcsc_readers
from hardware.errors import HardwareError, NoCard, NoDriver, NoReader, NoService, ReaderUnavailable, WrongCard
from hardware.interface import SlotState
from hardware.local import LocalDevices
from hardware.pcsc import PcscSlot, plugged_readers
from hardware.pcsc_readers import ReaderChoice, usb_readers
from hardware.pcsc_watch import DRIVER_PATIENCE_S
from hardware.remote import RemoteDevices
from hardware.settings import DeviceSettings
from hardware.training.citizens import CITIZENS
from tests.hardware.observers import Slots
from tests.services.card_process import card_in_reader, training_card
from tests.services.fixtures import READER_A, READER_B, READER_C
from tests.services.pcscd import SOCKET_VARIABLE, PrivatePcscd, private_pcscd
from tests.services.ports import wait_until
from tests.services.requirement import ServiceMissing, skip_or_fail

CONTACT, OTHER, RADIO = "Gemalto PC Twin 00 00", "Omnikey 3021 01 00", "ACS ACR122U PICC Interface 00 00"


# --- choosing ---------------------------------------------------------------------------------------------------------


@given(st.permutations([CONTACT, OTHER, RADIO]))
def test_the_default_does_not_depend_on_the_order_of_plugging_in(names: list[str]) -> None:
    assert ReaderChoice("").among(names) == CONTACT
    assert ReaderChoice("Omnikey").among(names) == OTHER
    assert ReaderChoice(RADIO).among(names) == RADIO


@pytest.mark.parametrize(
    "radio",
    [
        "ACS ACR122U PICC Interface 00 00",
        "OMNIKEY 5422CL Smartcard Reader 00 01",
        "HID Global OMNIKEY 5422 CL 01 00",
        "SCM Microsystems SDI011 Contactless Reader 00 00",
        "Reader NFC 00 00",
    ],
)
def test_the_half_without_contacts_comes_last(radio: str) -> None:
    assert ReaderChoice("").among([radio, "Zebra Reader 00 00"]) == "Zebra Reader 00 00"
    assert ReaderChoice("").among([radio]) == radio, "when there is no other, the card tells what is wrong with it"


@pytest.mark.parametrize("name", ["Cherry Classic 00 00", "Clever Reader 00 00", "Alcor Micro AU9560 00 00"])
def test_a_name_with_those_letters_in_a_word_has_contacts(name: str) -> None:
    assert ReaderChoice("").among([name, "Zebra Reader 00 00"]) == min(name, "Zebra Reader 00 00")


def test_a_choice_is_kept_while_its_reader_is_there() -> None:
    choice = ReaderChoice("")
    assert choice.among([OTHER]) == OTHER
    assert choice.among([CONTACT, OTHER]) == OTHER, "a reader plugged in later does not take over"
    assert choice.among([CONTACT]) == CONTACT
    assert choice.among([CONTACT, OTHER]) == CONTACT
    with pytest.raises(NoReader):
        choice.among([])


def test_another_reader_in_use_does_not_draw_a_case_away(pcscd: PrivatePcscd) -> None:
    """Cards in both: the desk goes on with the reader it has chosen, and both can be listed."""
    with training_card("milan", pcscd.ports[READER_B]), training_card("jovana", pcscd.ports[READER_C]):
        wait_until(lambda: [state for _, state in plugged_readers()].count(SlotState.CARD) == 2, "two cards")
        assert [(name[:13], state) for name, state in plugged_readers()] == [
            (READER_A, SlotState.EMPTY),
            (READER_B, SlotState.CARD),
            (READER_C, SlotState.CARD),
        ]
        assert LocalDevices(DeviceSettings(reader="")).slot_state() is SlotState.EMPTY
        chip = LocalDevices(DeviceSettings(reader=READER_C)).open_chip()
        assert chip.identity().holder.surname == CITIZENS["jovana"].surname
        chip.close()


# --- five situations, five messages -----------------------------------------------------------------------------------


def usb_device(devices: Path, device: str, interface_class: str, product: str | None) -> None:
    """As sysfs shows a USB device with one interface."""
    (devices / f"{device}:1.0").mkdir(parents=True)
    (devices / f"{device}:1.0" / "bInterfaceClass").write_text(f"{interface_class}\n")
    (devices / device).mkdir()
    if product is not None:
        (devices / device / "product").write_text(f"{product}\n")


@pytest.fixture
def usb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    devices = tmp_path / "usb"
    devices.mkdir()
    monkeypatch.setattr(pcsc_readers, "USB_DEVICES", devices)
    usb_device(devices, "1-1", "03", "Keyboard")
    return devices


def test_readers_on_usb_are_known_by_their_class(usb: Path) -> None:
    assert usb_readers() == []
    usb_device(usb, "1-2", "0b", "EZ100PU")
    usb_device(usb, "1-3", "0b", None)
    (usb / "1-4:1.0").mkdir()
    assert usb_readers() == ["EZ100PU", "USB device 1-3"]
    assert usb_readers(usb / "absent") == []


def test_a_reader_without_a_driver_is_not_a_missing_reader(usb: Path) -> None:
    with pytest.raises(NoReader) as none:
        ReaderChoice("").among([])
    assert type(none.value) is NoReader
    usb_device(usb, "1-2", "0b", "EZ100PU")
    with pytest.raises(NoDriver) as told:
        ReaderChoice("").among([])
    assert (told.value.device, told.value.code) == ("EZ100PU", "К-0106")
    with pytest.raises(NoReader) as other:
        ReaderChoice("Wanted").among([CONTACT])
    assert type(other.value) is NoReader, "the one on USB is the one the service has"


def test_a_reader_just_plugged_in_is_not_called_driverless(pcscd: PrivatePcscd, usb: Path) -> None:
    """The kernel has it before the service has it; only when that lasts is it told."""
    for number in range(len(pcscd.ports) + 1):
        usb_device(usb, f"1-{number + 2}", "0b", "EZ100PU")
    slots = Slots()
    with PcscSlot("Absent", 5).watch(slots):
        assert slots.next() is SlotState.NO_READER
        begun = time.monotonic()
        assert slots.next() is SlotState.NO_DRIVER
        assert time.monotonic() - begun > DRIVER_PATIENCE_S - 0.5


@pytest.fixture
def bare_pcscd(tmp_path: Path) -> Iterator[PrivatePcscd]:
    try:
        with private_pcscd(tmp_path / "pcscd", readers=[]) as service:
            yield service
    except ServiceMissing as error:
        skip_or_fail(error)


FIVE = """
import sys
from pathlib import Path
from hardware import pcsc_readers
from hardware.errors import HardwareError
from hardware.local import LocalDevices
from hardware.settings import DeviceSettings
pcsc_readers.USB_DEVICES = Path(sys.argv[2])
devices = LocalDevices(DeviceSettings(reader=sys.argv[1]))
try:
    devices.open_chip().identity()
    print("READ", devices.slot_state().name)
except HardwareError as error:
    print(type(error).__name__, error.code, devices.slot_state().name)
"""


def told(service: PrivatePcscd, usb: Path, reader: str = "") -> list[str]:
    """What a program of its own is told: a process finds one service in its life."""

    done = subprocess.run(
        [sys.executable, "-c", FIVE, reader, str(usb)],
        env={**os.environ, **service.environment},
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_no_service_no_reader_and_no_driver_are_three_things(bare_pcscd: PrivatePcscd, usb: Path) -> None:
    assert told(bare_pcscd, usb) == ["NoReader", "К-0102", "NO_READER"]
    usb_device(usb, "1-2", "0b", "EZ100PU")
    assert told(bare_pcscd, usb) == ["NoDriver", "К-0106", "NO_DRIVER"]
    bare_pcscd.stop()
    assert told(bare_pcscd, usb) == ["NoService", "К-0101", "NO_SERVICE"]


def test_no_card_a_wrong_card_and_a_mute_card_are_three_things(pcscd: PrivatePcscd, usb: Path) -> None:

    port = str(pcscd.ports[READER_A])
    slot = PcscSlot(READER_A, 5)
    wait_until(lambda: slot.state() is SlotState.EMPTY, "the last card to leave")
    assert told(pcscd, usb, READER_A) == ["NoCard", "К-0104", "EMPTY"]
    with card_in_reader([sys.executable, "-m", "tests.hardware.foreign_cards", "chamber_2e", port]):
        wait_until(lambda: slot.state() is SlotState.CARD, "the wrong card")
        assert told(pcscd, usb, READER_A) == ["WrongCard", "К-0105", "CARD"]
    wait_until(lambda: slot.state() is SlotState.EMPTY, "the wrong card to leave")
    with card_in_reader([sys.executable, "-m", "tests.hardware.foreign_cards", "mute", port]):
        wait_until(lambda: slot.state() is SlotState.MUTE, "the mute card")
        assert told(pcscd, usb, READER_A) == ["WrongCard", "К-0105", "MUTE"]


def test_a_card_on_a_contactless_reader_is_sent_to_the_other_half(pcscd: PrivatePcscd) -> None:

    slot = PcscSlot(READER_A, 5)
    wait_until(lambda: slot.state() is SlotState.EMPTY, "the last card to leave")
    port = str(pcscd.ports[READER_A])
    with card_in_reader([sys.executable, "-m", "tests.hardware.foreign_cards", "contactless_id", port]):
        wait_until(lambda: slot.state() is SlotState.CARD, "the card")
        with pytest.raises(WrongCard) as refused:
            LocalDevices(DeviceSettings(reader=READER_A)).open_chip()
    assert refused.value.reason == "contactless"


# --- readers that die and come back -----------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["unplug", "cut_power"])
def test_a_reader_that_is_pulled_out_or_loses_power(
    own_pcscd: PrivatePcscd, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under way, with a card in it; the same desk goes on when the reader is back."""
    monkeypatch.setenv(SOCKET_VARIABLE, own_pcscd.environment[SOCKET_VARIABLE])
    devices = RemoteDevices(DeviceSettings(reader=READER_A))
    slots = Slots()
    with devices.watch(slots), training_card("jovana", own_pcscd.ports[READER_A]):
        slots.until(SlotState.CARD)
        chip = devices.open_chip()
        chip.unverified()
        getattr(own_pcscd, how)(READER_A)
        slots.until(SlotState.READER_UNAVAILABLE)
        with pytest.raises(HardwareError) as lost:
            chip.identity()
        assert type(lost.value).__name__ in ("CardRemoved", "ReaderUnavailable")
        with pytest.raises(ReaderUnavailable):
            devices.open_chip()
        own_pcscd.plug_in(READER_A)
        slots.until(SlotState.CARD)
        fresh = devices.open_chip()
        assert fresh.identity().holder.surname == CITIZENS["jovana"].surname
        fresh.close()
    devices.close()


def test_a_reader_without_power_is_told_from_an_empty_one(own_pcscd: PrivatePcscd) -> None:
    assert own_pcscd.ports.keys() == {READER_A, READER_B}
    devices = RemoteDevices(DeviceSettings(reader=READER_B))
    wait_until(lambda: devices.slot_state() is SlotState.EMPTY, "an empty reader")
    with pytest.raises(NoCard):
        devices.open_chip()
    own_pcscd.cut_power(READER_B)
    wait_until(lambda: devices.slot_state() is SlotState.READER_UNAVAILABLE, "a dead reader")
    with pytest.raises(ReaderUnavailable):
        devices.open_chip()
    own_pcscd.plug_in(READER_B)
    wait_until(lambda: devices.slot_state() is SlotState.EMPTY, "the reader to come back")
    devices.close()


def test_without_a_service_the_readers_cannot_be_listed(tmp_path: Path, usb: Path) -> None:

    program = "from hardware.pcsc import plugged_readers\nplugged_readers()"
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, SOCKET_VARIABLE: str(tmp_path / "nobody")},
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert NoService.__name__ in done.stderr
