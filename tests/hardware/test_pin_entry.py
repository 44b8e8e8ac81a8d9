"""The training PIN entry: keys told from bytes, one digit in memory at a time, nothing echoed, nothing left over."""

from __future__ import annotations

import os
import pty
import termios
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial

import pytest

from hardware.errors import PinEntryCancelled, PinEntryExpired, PinEntryFault, Unsupported
from hardware.interface import PinMethod, PinPolicy, PinPrompt, PinRequest, PinState
from hardware.new_pin import collect_new_pin
from hardware.pin import Pin
from hardware.pin_entry import TrainingPinEntry, pin_entry_for
from hardware.settings import DeviceSettings
from hardware.weak_pins import GuessableNumbers, weakness

POLICY = PinPolicy(timeout_s=5)
CURRENT = PinPrompt(request=PinRequest.CURRENT)


@dataclass
class Seen:
    """What an observer was told, in order."""

    events: list[object] = field(default_factory=list)

    def pin_requested(self, request: PinRequest) -> None:
        self.events.append(request)

    def pin_state(self, state: PinState) -> None:
        self.events.append(state)

    def dots(self, count: int) -> None:
        self.events.append(count)


@dataclass(frozen=True)
class Pipe:
    reading: int
    writing: int

    def type(self, keys: bytes) -> None:
        os.write(self.writing, keys)


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    reading, writing = os.pipe()
    yield Pipe(reading, writing)
    os.close(reading)
    os.close(writing)


def entered(pipe: Pipe, keys: bytes, policy: PinPolicy = POLICY) -> tuple[bytes, Seen]:
    """Type these keys ahead and collect one entry."""
    seen = Seen()
    pipe.type(keys)
    with TrainingPinEntry(pipe.reading).collect(CURRENT, policy, seen) as pin:
        return bytes(pin.encode()), seen


@pytest.mark.parametrize(
    ("keys", "pin"),
    [
        (b"2468\r", b"2468"),
        (b"2468\n", b"2468"),
        (b"99\x7f2468\r", b"2468"),
        (b"99\x082468\r", b"2468"),
        (b"123\r2468\r", b"2468"),
        (b"2a4 6-8\r", b"2468"),
        (b"123456789\r", b"12345678"),
        (b"24\x1b[A68\x1bOP\r", b"2468"),
        (b"24\x1b[[A68\x1b[3~\r", b"2468"),
    ],
)
def test_keys_make_the_pin(pipe: Pipe, keys: bytes, pin: bytes) -> None:
    assert entered(pipe, keys)[0] == pin


def test_what_the_screen_is_told(pipe: Pipe) -> None:
    _, seen = entered(pipe, b"12\r2468\r")
    assert seen.events == [
        *(PinRequest.CURRENT, PinState.WAITING),
        *(1, PinState.UNDER_WAY, 2, 0, PinState.TOO_SHORT),
        *(1, PinState.UNDER_WAY, 2, 3, 4),
    ]


@pytest.mark.parametrize("keys", [b"24\x1b", b"24\x1b[24~", b"\x1b\x1b"])
def test_escape_and_f12_cancel(pipe: Pipe, keys: bytes) -> None:
    with pytest.raises(PinEntryCancelled):
        entered(pipe, keys)


def test_nobody_types(pipe: Pipe) -> None:
    with pytest.raises(PinEntryExpired):
        entered(pipe, b"24", PinPolicy(timeout_s=0))


def test_the_terminal_goes_away() -> None:
    reading, writing = os.pipe()
    os.close(writing)
    with pytest.raises(PinEntryFault):
        TrainingPinEntry(reading).collect(CURRENT, POLICY, Seen())
    os.close(reading)


def test_the_clerk_cancels(pipe: Pipe) -> None:
    entry = TrainingPinEntry(pipe.reading)
    started = threading.Event()

    class Started(Seen):
        def pin_requested(self, request: PinRequest) -> None:
            started.set()

    def cancel() -> None:
        started.wait()
        entry.cancel()

    canceller = threading.Thread(target=cancel)
    canceller.start()
    with pytest.raises(PinEntryCancelled):
        entry.collect(CURRENT, POLICY, Started())
    canceller.join()


def test_a_cancel_without_an_entry_does_nothing(pipe: Pipe) -> None:
    entry = TrainingPinEntry(pipe.reading)
    entry.cancel()
    pipe.type(b"2468\r")
    with entry.collect(CURRENT, POLICY, Seen()) as pin:
        assert len(pin) == 4


def test_a_terminal_is_quiet_during_the_entry_and_forgets_what_was_typed_before() -> None:
    citizen, terminal = pty.openpty()
    modes: list[int] = []

    class Typing(Seen):
        def pin_requested(self, request: PinRequest) -> None:
            modes.append(termios.tcgetattr(terminal)[3])
            os.write(citizen, b"2468\r")

    os.write(citizen, b"1111\r")
    before = termios.tcgetattr(terminal)
    echoed_before = os.read(citizen, 64)
    os.set_blocking(citizen, False)
    with TrainingPinEntry(terminal).collect(CURRENT, POLICY, Typing()) as pin:
        assert bytes(pin.encode()) == b"2468"
    assert not modes[0] & (termios.ECHO | termios.ICANON | termios.ISIG)
    assert termios.tcgetattr(terminal) == before
    assert b"1111" in echoed_before, "the control: this terminal does echo outside an entry"
    with pytest.raises(BlockingIOError):
        os.read(citizen, 64)
    os.close(citizen)
    os.close(terminal)


def new_pin(pipe: Pipe, keys: bytes) -> tuple[bytes, Seen]:
    seen = Seen()
    pipe.type(keys)
    rules = partial(weakness, known=GuessableNumbers(personal_number=b"1403990705113"))
    pin = collect_new_pin(TrainingPinEntry(pipe.reading), POLICY, seen, rules)
    assert isinstance(pin, Pin)
    with pin:
        return bytes(pin.encode()), seen


def test_a_new_pin_is_asked_for_until_it_is_fit(pipe: Pipe) -> None:
    pin, seen = new_pin(pipe, b"1234\r" + b"39907\r" + b"2468\r2469\r" + b"8642\r8642\r")
    assert pin == b"8642"
    asked = [event for event in seen.events if isinstance(event, PinRequest)]
    assert asked == [
        *(PinRequest.NEW, PinRequest.NEW),
        *(PinRequest.NEW, PinRequest.NEW_AGAIN),
        *(PinRequest.NEW, PinRequest.NEW_AGAIN),
    ]
    said = [event for event in seen.events if event in (PinState.RUN, PinState.PERSONAL_NUMBER, PinState.DIFFERENT)]
    assert said == [PinState.RUN, PinState.PERSONAL_NUMBER, PinState.DIFFERENT]


def test_a_method_without_a_driver_is_said() -> None:
    with pytest.raises(Unsupported, match="terminal"):
        pin_entry_for(DeviceSettings(pin_method=PinMethod.TERMINAL))
