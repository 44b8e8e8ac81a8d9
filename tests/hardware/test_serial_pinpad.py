"""The serial PIN pad over a pty pair: keys from bytes, no echo, stars only on request, unplugging named."""

from __future__ import annotations

import os
import pty
import select
import termios
import threading
from collections.abc import Callable, Iterator

import pytest

from hardware.errors import PinEntryCancelled, PinEntryExpired, PinEntryFault, Unsupported
from hardware.interface import PinMethod, PinPolicy, PinRequest, PinState
from hardware.keypad_faults import KeypadFault
from hardware.pin_entry import pin_entry_for
from hardware.serial_pinpad import SerialPinPad
from hardware.settings import DeviceSettings
from tests.hardware.keypad_rig import CURRENT, POLICY, Told

LFLAG, ISPEED = 3, 4
SILENCE_S = 0.3


class SerialLine:
    """The pad's end of the line, and the name of the kiosk's end."""

    def __init__(self) -> None:
        self.pad, self._kiosk = pty.openpty()
        self.path = os.ttyname(self._kiosk)

    def modes(self) -> tuple[int, int]:
        modes = termios.tcgetattr(self._kiosk)
        return modes[LFLAG], modes[ISPEED]

    def type(self, keys: bytes) -> Callable[[], None]:
        return lambda: self._write(keys)

    def unplug(self) -> None:
        os.close(self.pad)
        self.pad = -1

    def received(self) -> bytes:
        """What the kiosk has sent, up to a silence: the kernel passes it on in its own time."""
        sent = b""
        poll = select.poll()
        poll.register(self.pad, select.POLLIN)
        while poll.poll(SILENCE_S * 1000):
            sent += os.read(self.pad, 100)
        return sent

    def close(self) -> None:
        os.close(self._kiosk)
        if self.pad >= 0:
            os.close(self.pad)

    def _write(self, keys: bytes) -> None:
        os.write(self.pad, keys)


@pytest.fixture
def line() -> Iterator[SerialLine]:
    line = SerialLine()
    yield line
    line.close()


def entered(line: SerialLine, keys: bytes, *, feedback: str = "", policy: PinPolicy = POLICY) -> tuple[bytes, Told]:
    told = Told(line.type(keys))
    with SerialPinPad(line.path, feedback=feedback).collect(CURRENT, policy, told) as pin:
        return bytes(pin.encode()), told


@pytest.mark.parametrize(
    ("keys", "pin"),
    [
        (b"2468\r", b"2468"),
        (b"2468\n", b"2468"),
        (b"2468#", b"2468"),
        (b"99\x082468\r", b"2468"),
        (b"99\x7f2468\r", b"2468"),
        (b"99*2468\r", b"2468"),
        (b"123\r2468\r", b"2468"),
        (b"123456789\r", b"12345678"),
        (b"2\x0246a8\x03\x00\xff\r", b"2468"),
    ],
)
def test_bytes_make_the_pin(line: SerialLine, keys: bytes, pin: bytes) -> None:
    assert entered(line, keys)[0] == pin


def test_escape_cancels(line: SerialLine) -> None:
    with pytest.raises(PinEntryCancelled):
        entered(line, b"24\x1b")


def test_nobody_types(line: SerialLine) -> None:
    with pytest.raises(PinEntryExpired):
        entered(line, b"24", policy=PinPolicy(timeout_s=1))


def test_the_clerk_learns_states_only(line: SerialLine) -> None:
    _, told = entered(line, b"24\r2468\r")
    assert told.events == [
        *(PinRequest.CURRENT, PinState.WAITING),
        *(PinState.UNDER_WAY, PinState.TOO_SHORT),
        PinState.UNDER_WAY,
    ]


@pytest.mark.parametrize(("feedback", "sent"), [("", b""), ("star", b"*" * 8), ("beep", b"\a" * 8)])
def test_the_pad_is_sent_one_byte_for_each_digit_taken_or_nothing(line: SerialLine, feedback: str, sent: bytes) -> None:
    entered(line, b"123456789\r", feedback=feedback)
    assert line.received() == sent


def test_the_line_is_raw_at_the_speed_that_was_asked_for(line: SerialLine) -> None:
    assert line.modes()[0] & termios.ECHO, "the control: a fresh line echoes"
    seen: list[tuple[int, int]] = []

    def look() -> None:
        seen.append(line.modes())
        line.type(b"2468\r")()

    with SerialPinPad(line.path, baud=19200).collect(CURRENT, POLICY, Told(look)) as pin:
        assert len(pin) == 4
    assert seen == [(0, termios.B19200)]


def test_keys_pressed_before_the_entry_are_forgotten(line: SerialLine) -> None:
    line.type(b"1111")()
    assert os.read(line.pad, 64) == b"1111", "the control: the fresh line echoes, so the keys have arrived"
    assert entered(line, b"2468\r")[0] == b"2468"


def test_unplugged_in_mid_entry_is_named(line: SerialLine) -> None:
    def fingers() -> None:
        line.type(b"24")()
        line.unplug()

    with pytest.raises(PinEntryFault, match=KeypadFault.UNPLUGGED.value):
        SerialPinPad(line.path).collect(CURRENT, POLICY, Told(fingers))


@pytest.mark.parametrize("path", ["/dev/serial/by-id/nobody", "/dev/null"])
def test_a_pad_that_is_not_there_is_named(path: str) -> None:
    reason = KeypadFault.NOT_THERE if "nobody" in path else KeypadFault.FAILED
    with pytest.raises(PinEntryFault, match=reason.value):
        SerialPinPad(path).collect(CURRENT, POLICY, Told())


def test_the_clerk_cancels_and_the_next_entry_is_untouched(line: SerialLine) -> None:
    entry = SerialPinPad(line.path)
    entry.cancel()
    closing = threading.Thread(target=entry.close)
    with pytest.raises(PinEntryCancelled):
        entry.collect(CURRENT, POLICY, Told(closing.start))
    closing.join()
    with entry.collect(CURRENT, POLICY, Told(line.type(b"2468\r"))) as pin:
        assert len(pin) == 4


def test_odd_settings_are_refused_at_once() -> None:
    settings = DeviceSettings(pin_method=PinMethod.KEYPAD, serial_pinpad="/dev/ttyS9")
    assert isinstance(pin_entry_for(settings), SerialPinPad)
    with pytest.raises(Unsupported):
        SerialPinPad("/dev/ttyS9", baud=9601)
    with pytest.raises(Unsupported):
        SerialPinPad("/dev/ttyS9", feedback="digits")
