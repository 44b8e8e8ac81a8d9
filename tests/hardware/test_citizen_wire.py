"""The frames between device host and citizen's terminal: each says what it should, and nothing else is believed."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardware import citizen_link
from hardware.citizen_faults import CitizenTerminalFault
from hardware.citizen_pin_frame import PIN_DIGITS, read_pin, send_pin
from hardware.citizen_receiver import Receiver
from hardware.citizen_socket import Listener
from hardware.citizen_terminal import CitizenTerminal
from hardware.citizen_wire import (
    BARE,
    DIALECT,
    LENGTH,
    REPORTED,
    STATES,
    Ask,
    Kind,
    Plain,
    Reported,
    Said,
    Show,
    frame,
    kind_of,
    read,
)
from hardware.errors import (
    PinBlocked,
    PinEntryCancelled,
    PinEntryExpired,
    PinEntryFault,
    PinError,
    UnblockRefused,
    WrongPin,
)
from hardware.interface import PinRequest, PinState
from hardware.pin import Pin
from tests.hardware.citizen_rig import LIMIT_S, Asking, CitizensTty

ENTRIES = st.integers(0, 2**32 - 1)
TRIES = st.none() | st.integers(0, 254)
ASKS = st.builds(
    Ask,
    entry=ENTRIES,
    request=st.sampled_from(PinRequest),
    fewest=st.integers(1, 4),
    most=st.integers(4, 16),
    timeout_s=st.integers(1, 65535),
    warn_s=st.integers(0, 65535),
    tries_left=TRIES,
    refused=st.none() | st.sampled_from(PinState),
    is_training=st.booleans(),
)
OTHERS = (
    st.builds(Show, outcome=st.sampled_from(PinState))
    | st.builds(Reported, entry=ENTRIES, state=st.sampled_from(sorted(REPORTED, key=STATES.index)))
    | st.builds(Plain, kind=st.sampled_from(sorted(BARE)), entry=ENTRIES)
)
quick = settings(deadline=None)


def typed(digits: bytes) -> Pin:
    pin = Pin()
    for digit in digits:
        pin.append(digit)
    return pin


def pin_frame(digits: bytes, entry: int = 1) -> bytearray:
    """As it comes over the wire."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, theirs, typed(digits) as pin:
        send_pin(ours, entry, pin)
        return bytearray(theirs.recv(100))


# --- one frame --------------------------------------------------------------------------------------------------------


@quick
@given(ASKS | OTHERS)
def test_what_is_said_is_heard(said: Said) -> None:
    made = frame(said)
    assert len(made) == LENGTH
    assert read(made) == said


@pytest.mark.parametrize(
    "error",
    [
        *(WrongPin(2), WrongPin(None), UnblockRefused(7), PinBlocked(), PinEntryCancelled(), PinEntryExpired()),
        *(PinEntryFault(), PinError()),
    ],
)
def test_an_error_is_heard_as_the_same(error: PinError) -> None:
    heard = read(frame(Show(outcome=error)))
    assert isinstance(heard, Show)
    assert type(heard.outcome) is type(error)
    assert getattr(heard.outcome, "tries_left", 0) == getattr(error, "tries_left", 0)


@pytest.mark.parametrize("digits", [b"7024", b"70241936", b"0" * 16])
def test_digits_travel_once_in_a_frame_as_long_as_all_others_and_are_overwritten(digits: bytes) -> None:
    received = pin_frame(digits)
    assert len(received) == LENGTH
    assert kind_of(received) == (Kind.PIN, 1)
    assert bytes(received).count(digits) == 1
    with read_pin(received, 4, 16) as pin:
        assert bytes(pin.encode()) == digits
    assert received == bytearray(LENGTH)


@quick
@given(st.binary(max_size=LENGTH + 8))
def test_no_bytes_do_harm(received: bytes) -> None:
    buffer = bytearray(received)
    try:
        said = read(buffer)
    except PinEntryFault as fault:
        assert str(fault) in [reason.value for reason in CitizenTerminalFault]
    else:
        assert read(frame(said)) == said


@quick
@given(st.binary(min_size=LENGTH, max_size=LENGTH))
def test_no_bytes_make_a_pin_but_digits(received: bytes) -> None:
    buffer = bytearray(received)
    try:
        with read_pin(buffer, 4, 8) as pin:
            digits = bytes(pin.encode())
    except PinEntryFault as fault:
        assert str(fault) == CitizenTerminalFault.MALFORMED.value
    else:
        assert digits.isdigit() and 4 <= len(digits) <= 8
        assert received[PIN_DIGITS:].rstrip(b"\0") == digits
    assert buffer == bytearray(LENGTH), "overwritten, whatever it was"


@pytest.mark.parametrize("length", [0, 1, LENGTH - 1, LENGTH + 1, 500])
def test_a_frame_has_one_length(length: int) -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, theirs:
        ours.send(b"7" * length)
        receiver = Receiver(theirs)
        if length == 0:
            assert not receiver.receive(), "as if it had closed"
        else:
            with pytest.raises(PinEntryFault, match=CitizenTerminalFault.MALFORMED.value):
                receiver.receive()
        assert receiver.frame == bytearray(LENGTH)


# --- a terminal that does not keep to it ------------------------------------------------------------------------------


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "citizen.sock"


@pytest.fixture
def entry(path: Path) -> Iterator[CitizenTerminal]:
    with closing(CitizenTerminal(path)) as entry:
        yield entry


class OddTerminal:
    """Speaks to the host as it likes."""

    def __init__(self, path: Path) -> None:
        self._peer = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._peer.settimeout(LIMIT_S)
        self._peer.connect(str(path))

    def greet(self) -> None:
        self.say(frame(Plain(kind=Kind.HELLO, entry=DIALECT)))
        assert self.hear() == Plain(kind=Kind.WELCOME, entry=DIALECT)

    def say(self, *frames: bytes | bytearray) -> None:
        for one in frames:
            self._peer.send(one)

    def hear(self) -> Said | None:
        heard = bytearray(self._peer.recv(100))
        return read(heard) if heard else None

    def is_dropped(self) -> bool:
        try:
            while self.hear() is not None:
                pass
        except ConnectionResetError:
            return True
        return True

    def close(self) -> None:
        self._peer.close()


def other_version(made: bytearray) -> bytearray:
    made[0] += 1
    return made


STATE = Reported(entry=1, state=PinState.WAITING)
MALFORMED, OUT_OF_ORDER = CitizenTerminalFault.MALFORMED, CitizenTerminalFault.OUT_OF_ORDER
ODD: dict[str, tuple[bytes | bytearray, CitizenTerminalFault]] = {
    "too short": (b"\x01\x12", MALFORMED),
    "too long": (bytes(LENGTH + 1), MALFORMED),
    "unknown kind": (bytes([1, 99]) + bytes(LENGTH - 2), MALFORMED),
    "other version": (other_version(frame(STATE)), CitizenTerminalFault.OTHER_VERSION),
    "no state": (frame(STATE)[:6] + bytes([77]) + bytes(LENGTH - 7), MALFORMED),
    "a state that is not a terminal's": (
        frame(STATE)[:6] + bytes([STATES.index(PinState.ACCEPTED)]) + bytes(LENGTH - 7),
        MALFORMED,
    ),
    "letters": (pin_frame(b"70a4"), MALFORMED),
    "too few digits": (pin_frame(b"702"), MALFORMED),
    "too many digits": (pin_frame(b"702419361"), MALFORMED),
    "more after the digits": (pin_frame(b"7024")[:-1] + b"5", MALFORMED),
    "another entry's digits": (pin_frame(b"7024", 2), OUT_OF_ORDER),
    "digits of no entry": (pin_frame(b"7024", 0), OUT_OF_ORDER),
    "a second greeting": (frame(Plain(kind=Kind.HELLO, entry=1)), OUT_OF_ORDER),
    "the host's own words": (frame(Plain(kind=Kind.CANCEL, entry=1)), OUT_OF_ORDER),
}


@pytest.mark.parametrize("odd", ODD)
def test_an_odd_frame_in_mid_entry_is_named_and_its_terminal_dropped(
    entry: CitizenTerminal, path: Path, odd: str
) -> None:
    sent, reason = ODD[odd]
    with closing(OddTerminal(path)) as terminal:
        terminal.greet()
        asking = Asking(entry)
        assert isinstance(terminal.hear(), Ask)
        terminal.say(frame(STATE), sent)
        with pytest.raises(PinEntryFault, match=reason.value):
            asking.digits()
        assert terminal.is_dropped()
    with closing(OddTerminal(path)) as terminal:
        terminal.greet()
        again = Asking(entry)
        assert terminal.hear() is not None
        terminal.say(pin_frame(b"7024", 2))
        assert again.digits() == b"7024"


def test_digits_that_nobody_asked_for_are_not_kept(entry: CitizenTerminal, path: Path) -> None:
    with closing(OddTerminal(path)) as terminal:
        terminal.greet()
        terminal.say(pin_frame(b"7024"))
        assert terminal.is_dropped()


def test_digits_come_once(entry: CitizenTerminal, path: Path) -> None:
    with closing(OddTerminal(path)) as terminal:
        terminal.greet()
        asking = Asking(entry)
        terminal.hear()
        terminal.say(pin_frame(b"7024"), pin_frame(b"1357"))
        assert asking.digits() == b"7024"
        assert terminal.is_dropped()


def test_digits_that_crossed_the_clerks_cancel_are_dropped_and_the_terminal_is_not(
    entry: CitizenTerminal, path: Path
) -> None:
    with closing(OddTerminal(path)) as terminal:
        terminal.greet()
        asking = Asking(entry)
        terminal.hear()
        entry.cancel()
        with pytest.raises(PinEntryCancelled):
            asking.digits()
        assert terminal.hear() == Plain(kind=Kind.CANCEL, entry=1)
        terminal.say(pin_frame(b"7024"))
        again = Asking(entry)
        assert isinstance(terminal.hear(), Ask)
        terminal.say(pin_frame(b"1357", 2))
        assert again.digits() == b"1357"


@pytest.mark.parametrize("greeting", [frame(Plain(kind=Kind.HELLO, entry=DIALECT ^ 1)), frame(STATE), b"hello"])
def test_who_does_not_greet_properly_is_dropped(entry: CitizenTerminal, path: Path, greeting: bytes) -> None:
    with closing(OddTerminal(path)) as terminal:
        terminal.say(greeting)
        assert terminal.is_dropped()


def test_who_says_nothing_keeps_nobody_out(entry: CitizenTerminal, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(citizen_link, "HELLO_S", 0.1)
    with closing(OddTerminal(path)) as silent:
        assert silent.is_dropped()
        with CitizensTty(path) as tty:
            tty.wait_for("PLEASE WAIT")


# --- what the real program says ---------------------------------------------------------------------------------------


def said_while_typing(path: Path, keys: str) -> tuple[list[bytes], float]:
    """All that the program says from the question to the digits, and for how long."""
    with closing(Listener(path)) as listener, CitizensTty(path) as tty, listener.accept() as host:
        host.settimeout(LIMIT_S)
        heard = [host.recv(100)]
        host.send(frame(Plain(kind=Kind.WELCOME, entry=DIALECT)))
        ask = Ask(
            entry=7,
            request=PinRequest.CURRENT,
            fewest=4,
            most=8,
            timeout_s=30,
            warn_s=20,
            tries_left=3,
            refused=None,
            is_training=False,
        )
        begun = time.monotonic()
        host.send(frame(ask))
        heard.append(host.recv(100))
        for count, key in enumerate(keys, 1):
            tty.press(key)
            tty.until(lambda count=count: tty.dots() == count, f"{count} dots")  # type: ignore[misc]  # bound at once
        tty.press("enter")
        while heard[-1][1] != Kind.PIN:
            heard.append(host.recv(100))
        return heard, time.monotonic() - begun


@pytest.mark.parametrize("keys", ["7024", "70241936"])
def test_nothing_of_the_pin_is_said_but_in_one_frame_and_nothing_for_a_key(path: Path, keys: str) -> None:
    heard, seconds = said_while_typing(path, keys)
    assert {len(one) for one in heard} == {LENGTH}
    hello, *beats, last = heard
    assert read(bytearray(hello)) == Plain(kind=Kind.HELLO, entry=DIALECT)
    assert last.count(keys.encode()) == 1
    assert kind_of(bytearray(last)) == (Kind.PIN, 7)
    assert all(isinstance(read(bytearray(beat)), Reported) for beat in beats)
    assert not any(byte in one for one in (hello, *beats) for byte in set(keys.encode()))
    assert len(beats) <= 1 + seconds, "one at the question, and one a second"
