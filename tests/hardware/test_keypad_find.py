"""Finding the citizen's keypad among the input devices, as sysfs describes them."""

from __future__ import annotations

from pathlib import Path

import pytest

from hardware.errors import PinEntryFault
from hardware.keypad_faults import KeypadFault
from hardware.keypad_find import InputNode, find_keypad, input_nodes

KEYBOARD_KEYS = "1000000000007 ff9f207ac14057ff febeffdfffefffff fffffffffffffffe"
KEYPAD_KEYS = "1 e080ffdf01cfffff fffffffffffffffe"
MOUSE_KEYS = "1f0000 0 0 0 0"
MEDIA_KEYS = "3f000301ff 0 0 483ffff17aff32d bfd4444600000000 1 130ff38b17d000 677bfad9415fed 19ed68000004400 10000002"
POWER_KEYS = "10000000000000 0"


class Desk:
    """A made-up `/sys/class/input` and `/dev/input`."""

    def __init__(self, folder: Path) -> None:
        self.sysfs, self.dev = folder / "sys", folder / "dev"
        self.sysfs.mkdir()
        self.dev.mkdir()

    def plug(self, number: int, keys: str, kind: str, phys: str) -> str:
        device = self.sysfs / f"event{number}" / "device"
        (device / "capabilities").mkdir(parents=True)
        (device / "id").mkdir()
        (device / "capabilities/key").write_text(f"{keys}\n")
        vendor, product = kind.split(":")
        (device / "id/vendor").write_text(f"{vendor}\n")
        (device / "id/product").write_text(f"{product}\n")
        (device / "name").write_text("A name\n")
        (device / "phys").write_text(f"{phys}\n")
        node = self.dev / f"event{number}"
        node.touch()
        return str(node.resolve())

    def nodes(self) -> tuple[InputNode, ...]:
        return input_nodes(self.sysfs, self.dev)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    desk = Desk(tmp_path)
    desk.plug(0, POWER_KEYS, "0000:0001", "LNXPWRBN/button/input0")
    desk.plug(1, KEYBOARD_KEYS, "0001:0001", "isa0060/serio0/input0")
    desk.plug(2, MOUSE_KEYS, "046d:c077", "usb-0000:00:14.0-1/input0")
    desk.plug(3, MEDIA_KEYS, "04d9:a02a", "usb-0000:00:14.0-3/input1")
    desk.plug(10, KEYPAD_KEYS, "04d9:a02a", "usb-0000:00:14.0-3/input0")
    return desk


def found(wanted: str, desk: Desk) -> tuple[str, ...]:
    return tuple(node.path for node in find_keypad(wanted, desk.nodes()))


def test_only_devices_with_digit_keys_count(desk: Desk) -> None:
    assert [node.kind for node in desk.nodes()] == ["0001:0001", "04d9:a02a"]
    assert desk.nodes()[1].socket == "usb-0000:00:14.0-3"


def test_by_vendor_and_product(desk: Desk) -> None:
    assert found("04D9:A02A", desk) == (str((desk.dev / "event10").resolve()),)


def test_by_a_lasting_name(desk: Desk) -> None:
    by_id = desk.dev / "usb-Maker_Keypad-event-kbd"
    by_id.symlink_to("event10")
    assert found(str(by_id), desk) == (str((desk.dev / "event10").resolve()),)


def test_all_nodes_of_one_keypad_are_taken(desk: Desk) -> None:
    second = desk.plug(11, KEYBOARD_KEYS, "04d9:a02a", "usb-0000:00:14.0-3/input2")
    first = str((desk.dev / "event10").resolve())
    assert found(first, desk) == found("04d9:a02a", desk) == (first, second)


def test_two_keypads_of_a_kind_must_be_told_apart(desk: Desk) -> None:
    second = desk.plug(11, KEYPAD_KEYS, "04d9:a02a", "usb-0000:00:14.0-4/input0")
    with pytest.raises(PinEntryFault, match=KeypadFault.AMBIGUOUS.value):
        found("04d9:a02a", desk)
    assert found(second, desk) == (second,)


@pytest.mark.parametrize(
    ("wanted", "reason"),
    [
        ("1234:5678", KeypadFault.NOT_THERE),
        ("{dev}/by-id/usb-Nobody-event-kbd", KeypadFault.NOT_THERE),
        ("{dev}/event2", KeypadFault.NOT_A_KEYPAD),
        ("{dev}/event3", KeypadFault.NOT_A_KEYPAD),
    ],
)
def test_what_is_not_there_and_what_is_no_keypad(desk: Desk, wanted: str, reason: KeypadFault) -> None:
    with pytest.raises(PinEntryFault, match=reason.value):
        found(wanted.format(dev=desk.dev), desk)


def test_a_device_that_goes_while_we_look_is_no_error(desk: Desk) -> None:
    (desk.sysfs / "event1/device/phys").unlink()
    assert [node.kind for node in desk.nodes()] == ["04d9:a02a"]
