"""The keypad's entry: real `input_event` structs in, a PIN out, and nothing on the clerk's screen but states."""

from __future__ import annotations

import threading
import time
import traceback
from collections.abc import Callable

import pytest

from hardware.errors import PinEntryCancelled, PinEntryExpired, PinEntryFault, Unsupported
from hardware.interface import PinMethod, PinPolicy, PinRequest, PinState
from hardware.keypad import KeypadEntry
from hardware.keypad_faults import KeypadFault
from hardware.keypad_kernel import EV_SYN, EVENT, SYN_DROPPED
from hardware.keypad_keys import EventReader
from hardware.pin import CAPACITY, Pin
from hardware.pin_entry import pin_entry_for
from hardware.pin_keys import Key, Wake
from hardware.settings import DeviceSettings
from tests.hardware.keypad_rig import CURRENT, KP, NAMED, POLICY, Pad, Told, entered, event, key, keys, report


@pytest.mark.parametrize(
    ("events", "pin"),
    [
        (keys("2468", "enter"), b"2468"),
        (keys("13579", "kp_enter"), b"13579"),
        (keys("1234567890", "enter"), b"12345678"),
        (b"".join(key(code) for code in (2, 3, 4, 5, 6, 7, 8, 11)) + keys("enter"), b"12345670"),
        (b"".join(key(code) for code in (9, 10, 11, 2)) + keys("kp_enter"), b"8901"),
        (keys("90") + keys("backspace", "2468", "enter"), b"2468"),
        (keys("90", "delete", "2468", "enter"), b"2468"),
        (keys("90", "kp_dot", "2468", "enter"), b"2468"),
        (keys("90", "kp_plus", "2468", "enter"), b"2468"),
        (keys("123", "enter", "2468", "enter"), b"2468"),
        (keys("24", "a", "home", "68", "enter"), b"2468"),
    ],
    ids=[
        "kp",
        "kp-enter",
        "too-many",
        "top-row",
        "top-row-end",
        "backspace",
        "delete",
        "dot",
        "plus",
        "short",
        "other",
    ],
)
def test_events_make_the_pin(events: bytes, pin: bytes) -> None:
    assert entered(events)[0] == pin


def test_every_digit_key_is_its_digit() -> None:
    """All ten, in an order that no run or pair would hide."""
    assert entered(keys("7294", "enter"))[0] + entered(keys("06183", "enter"))[0] == b"729406183"
    assert entered(keys("5550", "enter"))[0] == b"5550"


def test_num_lock_changes_nothing() -> None:
    assert entered(keys("num_lock", "24", "num_lock", "68", "num_lock", "enter"))[0] == b"2468"


def test_letting_go_and_repeating_are_no_keys() -> None:
    held = key(KP["4"], 1, 2, 2, 2, 0)
    assert entered(keys("2") + held + keys("68") + key(NAMED["enter"], 2, 0) + keys("1", "enter"))[0] == b"24681"


@pytest.mark.parametrize("name", ["esc", "kp_minus"])
def test_the_citizen_cancels(name: str) -> None:
    with pytest.raises(PinEntryCancelled):
        entered(keys("24", name))


def test_an_overfull_queue_begins_the_entry_anew() -> None:
    """Digits are missing: a PIN without them would cost a try. What stands between the loss and the report is void."""
    loss = event(EV_SYN, SYN_DROPPED, 0) + key(KP["9"])[: EVENT.size * 2] + report()
    pin, told = entered(keys("13") + loss + keys("2468", "enter"))
    assert pin == b"2468"
    assert told.events.count(PinState.WAITING) == 2


def test_the_clerk_learns_states_only() -> None:
    _, told = entered(keys("12", "enter", "2468", "enter"))
    assert told.events == [
        *(PinRequest.CURRENT, PinState.WAITING),
        *(PinState.UNDER_WAY, PinState.TOO_SHORT),
        PinState.UNDER_WAY,
    ]


def slowly(pad: Pad, presses: list[tuple[float, bytes]]) -> Callable[[], None]:
    """Press these after so many seconds each, beginning when called."""

    def fingers() -> None:
        for pause, events in presses:
            time.sleep(pause)
            pad.press(events)

    return threading.Thread(target=fingers, daemon=True).start


def told_while(presses: list[tuple[float, bytes]]) -> list[object]:
    pad = Pad()
    told = Told(slowly(pad, presses))
    entry = KeypadEntry("socketpair", pad)
    with entry.collect(CURRENT, POLICY, told):
        entry.close()
    return told.events


def test_what_is_told_does_not_tell_how_many_digits_there_are() -> None:
    """Two entries of the same duration, of four and of eight digits in different rhythms, sound the same."""
    four = told_while([(0.1, keys("2")), (1.3, keys("4")), (0.05, keys("6")), (0.15, keys("8", "enter"))])
    eight = told_while(
        [(0.1, keys("13")), (0.3, keys("5")), (0.3, keys("79")), (0.5, keys("135")), (0.4, keys("enter"))]
    )
    assert four == eight
    assert four.count(PinState.UNDER_WAY) == 2


def test_any_key_extends_the_time_and_a_stuck_one_does_not() -> None:
    policy = PinPolicy(timeout_s=1)
    pad = Pad()
    presses = [(0.6, keys("24")), (0.6, keys("a")), (0.6, keys("68")), (0.6, keys("enter"))]
    entry = KeypadEntry("socketpair", pad)
    with entry.collect(CURRENT, policy, Told(slowly(pad, presses))) as pin:
        assert len(pin) == 4
    stuck = [(0.2, key(KP["5"], 2)) for _ in range(10)]
    began = time.monotonic()
    with pytest.raises(PinEntryExpired):
        entry.collect(CURRENT, policy, Told(slowly(pad, stuck)))
    assert 0.9 < time.monotonic() - began < 1.5
    entry.close()


def test_unplugged_in_mid_entry_is_named() -> None:
    pad = Pad()

    def fingers() -> None:
        pad.press(keys("24"))
        pad.unplug()

    entry = KeypadEntry("socketpair", pad)
    with pytest.raises(PinEntryFault, match=KeypadFault.UNPLUGGED.value):
        entry.collect(CURRENT, POLICY, Told(fingers))
    entry.close()


def test_the_clerk_cancels_and_the_next_entry_is_untouched() -> None:
    pad = Pad()
    entry = KeypadEntry("socketpair", pad)
    entry.cancel()
    with pytest.raises(PinEntryCancelled):
        entry.collect(CURRENT, POLICY, Told(entry.cancel))
    with entry.collect(CURRENT, POLICY, Told(lambda: pad.press(keys("2468", "enter")))) as pin:
        assert len(pin) == 4
    entry.close()


def test_closing_ends_the_entry_and_gives_the_keypad_back() -> None:
    pad = Pad()
    entry = KeypadEntry("socketpair", pad)
    closing = threading.Thread(target=entry.close)
    with pytest.raises(PinEntryCancelled):
        entry.collect(CURRENT, POLICY, Told(closing.start))
    closing.join()
    assert pad.is_released
    with pytest.raises(PinEntryFault):
        entry.collect(CURRENT, POLICY, Told())


@pytest.mark.parametrize("ending", [keys("esc"), b""], ids=["cancelled", "expired"])
def test_no_digit_outlives_an_entry_that_came_to_nothing(ending: bytes) -> None:
    pad = Pad()
    entry = KeypadEntry("socketpair", pad)
    with pytest.raises((PinEntryCancelled, PinEntryExpired)) as ended:
        entry.collect(CURRENT, PinPolicy(timeout_s=1), Told(lambda: pad.press(keys("97531") + ending)))
    entry.close()
    frames = [frame for frame, _ in traceback.walk_tb(ended.value.__traceback__)]
    [pin] = {value for frame in frames for value in frame.f_locals.values() if isinstance(value, Pin)}
    assert bytes(pin._buffer) == bytes(CAPACITY)


def test_the_event_is_overwritten_as_soon_as_it_was_read() -> None:
    pad = Pad()
    pad.press(keys("7"))
    wake = Wake()
    reader = EventReader(pad.descriptors, wake.fd)
    assert reader.next(1) == ord("7")
    assert bytes(reader._event) == bytes(EVENT.size)


def test_two_nodes_of_one_keypad_are_both_heard() -> None:
    first, second = Pad(), Pad()
    wake = Wake()
    reader = EventReader(first.descriptors + second.descriptors, wake.fd)
    first.press(keys("7"))
    assert reader.next(1) == ord("7")
    second.press(keys("kp_enter"))
    assert reader.next(1) is Key.ENTER
    assert reader.next(0) is None


def test_a_keypad_that_is_not_there_is_named() -> None:
    entry = KeypadEntry("/dev/input/by-id/usb-Nobody_Nothing-event-kbd")
    told = Told()
    with pytest.raises(PinEntryFault, match=KeypadFault.NOT_THERE.value):
        entry.collect(CURRENT, POLICY, told)
    assert told.events == []
    entry.close()


def test_the_settings_choose_the_device() -> None:
    keypad = pin_entry_for(DeviceSettings(pin_method=PinMethod.KEYPAD, keypad="04d9:a02a"))
    assert isinstance(keypad, KeypadEntry) and keypad.method is PinMethod.KEYPAD
    keypad.close()
    both = DeviceSettings(pin_method=PinMethod.KEYPAD, keypad="04d9:a02a", serial_pinpad="/dev/ttyUSB0")
    for settings in (DeviceSettings(pin_method=PinMethod.KEYPAD), both):
        with pytest.raises(Unsupported, match="keypad"):
            pin_entry_for(settings)
