"""A keypad of the citizen's, without the kernel's part: `input_event` structs over a socket pair."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import dataclass, field

from hardware.interface import PinPolicy, PinPrompt, PinRequest, PinState
from hardware.keypad import KeypadEntry
from hardware.keypad_kernel import EV_KEY, EV_SYN, EVENT, SYN_REPORT

POLICY = PinPolicy(timeout_s=5)
CURRENT = PinPrompt(request=PinRequest.CURRENT)
KP = {"0": 82, "1": 79, "2": 80, "3": 81, "4": 75, "5": 76, "6": 77, "7": 71, "8": 72, "9": 73}
NAMED = {
    "enter": 28, "kp_enter": 96, "esc": 1, "kp_minus": 74, "backspace": 14, "delete": 111, "kp_dot": 83,
    "kp_plus": 78, "num_lock": 69, "a": 30, "home": 102,
}  # fmt: skip


def event(kind: int, code: int, value: int) -> bytes:
    """One `struct input_event`."""
    return EVENT.pack(1_700_000_000, 250_000, kind, code, value)


def report() -> bytes:
    """The end of what happened at one moment."""
    return event(EV_SYN, SYN_REPORT, 0)


def key(code: int, *values: int) -> bytes:
    """That key with these values, each in a report of its own; by default pressed and let go."""
    scan_code = event(4, 4, 0x70059)
    return b"".join(scan_code + event(EV_KEY, code, value) + report() for value in values or (1, 0))


def keys(*names: str) -> bytes:
    """Named keys, or strings of keypad digits."""
    codes = [code for name in names for code in ([NAMED[name]] if name in NAMED else [KP[digit] for digit in name])]
    return b"".join(key(code) for code in codes)


class Pad:
    """What a `Keypad` is to an entry; the citizen's fingers are at the other end."""

    def __init__(self) -> None:
        self._fingers, self._node = socket.socketpair()
        self._node.setblocking(False)
        self.is_released = False

    @property
    def descriptors(self) -> tuple[int, ...]:
        return () if self.is_released else (self._node.fileno(),)

    def press(self, events: bytes) -> None:
        self._fingers.sendall(events)

    def unplug(self) -> None:
        self._fingers.close()

    def hold(self) -> None: ...

    def has_changed(self) -> bool:
        return False

    def forget_keys(self) -> None: ...

    def release(self) -> None:
        self.is_released = True


@dataclass
class Told:
    """What the clerk's screen was told; acts when the citizen is asked."""

    at_request: Callable[[], None] = lambda: None
    events: list[object] = field(default_factory=list)

    def pin_requested(self, request: PinRequest) -> None:
        self.events.append(request)
        self.at_request()

    def pin_state(self, state: PinState) -> None:
        self.events.append(state)

    def dots(self, count: int) -> None:
        self.events.append(count)


def entered(events: bytes, policy: PinPolicy = POLICY) -> tuple[bytes, Told]:
    """The PIN of one entry with these events, and what was told."""
    pad = Pad()
    told = Told(lambda: pad.press(events))
    entry = KeypadEntry("socketpair", pad)
    try:
        with entry.collect(CURRENT, policy, told) as pin:
            return bytes(pin.encode()), told
    finally:
        entry.close()
