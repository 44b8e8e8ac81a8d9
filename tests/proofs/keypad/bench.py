"""What the program in the machine works with: fingers on the keypad, the clerk's terminal, an ear at the keypad."""

from __future__ import annotations

import fcntl
import os
import re
import termios
import threading
import time
from collections.abc import Callable

from hardware.errors import HardwareError
from hardware.interface import PinPolicy, PinPrompt, PinRequest
from hardware.keypad import KeypadEntry
from hardware.keypad_kernel import EVENT
from tests.hardware.keypad_rig import Told

BY_ID = "/dev/input/by-id/usb-QEMU_QEMU_USB_Keyboard_7130-event-kbd"
KIND = "0627:0001"
PAD = "usb-kbd,id=pad,port=1,serial=7130"
BETWEEN_KEYS_S = 0.25
ARRIVES_S = 1.0
"""How long a key pressed outside may take to arrive inside, with room to spare."""
LIMIT_S = 30.0
POLICY = PinPolicy(timeout_s=20)
CURRENT = PinPrompt(request=PinRequest.CURRENT)
EVIOCGLED = 2 << 30 | 8 << 16 | ord("E") << 8 | 0x19


def say(line: str) -> None:
    """On the serial console, at once."""
    print(line, flush=True)


def order(command: str) -> None:
    """Let the monitor outside do that to the machine."""
    say(f"MONITOR {command}")
    time.sleep(BETWEEN_KEYS_S)


def press(*keys: str) -> None:
    """Press keys of the citizen's keypad, by QEMU's names; `kp:2468` stands for four keys of the number block."""
    for key in keys:
        block = re.fullmatch(r"kp:(\d+)", key)
        for one in (f"kp_{digit}" for digit in block[1]) if block else (key,):
            order(f"sendkey {one}")
    time.sleep(ARRIVES_S)


def unplug() -> None:
    """Pull the keypad out of its USB socket."""
    order("device_del pad")


def plug_in() -> None:
    """Put it back; the kernel takes a moment to see it."""
    say(f"MONITOR device_add {PAD}")


def wait_until(condition: Callable[[], bool]) -> None:
    """Raises `TimeoutError` when it does not come true."""
    end = time.monotonic() + LIMIT_S
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError
        time.sleep(0.005)


class Terminal:
    """The clerk's terminal, read as a program that runs on it would read it."""

    def __init__(self) -> None:
        self._fd = os.open("/dev/tty1", os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
        modes = termios.tcgetattr(self._fd)
        modes[0] = modes[3] = 0
        termios.tcsetattr(self._fd, termios.TCSAFLUSH, modes)

    def heard(self) -> bytes:
        """What has arrived since it was last asked."""
        return _read_all(self._fd)


class Ear:
    """Another program that listens to the keypad, beside the kiosk."""

    def __init__(self) -> None:
        self._fd = os.open(BY_ID, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)

    def heard(self) -> int:
        """How many events have arrived since it was last asked."""
        return len(_read_all(self._fd)) // EVENT.size

    def num_lock_is_lit(self) -> bool:
        """The state of the keypad's LED."""
        return bool(fcntl.ioctl(self._fd, EVIOCGLED, bytes(8))[0] & 1)

    def close(self) -> None:
        """Stop listening."""
        os.close(self._fd)


def outcome(entry: KeypadEntry, fingers: Callable[[], None] = lambda: None, policy: PinPolicy = POLICY) -> str:
    """The digits of one entry, or the error it ended with: its type and reason."""
    told = Told(threading.Thread(target=fingers).start)
    try:
        with entry.collect(CURRENT, policy, told) as pin:
            return pin.encode().decode()
    except HardwareError as error:
        return f"{type(error).__name__} {error}".strip()


def _read_all(fd: int) -> bytes:
    heard = b""
    try:
        while piece := os.read(fd, EVENT.size * 64):
            heard += piece
    except BlockingIOError:
        pass
    return heard
