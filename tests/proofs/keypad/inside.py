"""Runs in the machine: one check after the other, said on the console as `PASS name` or `FAIL name: what was seen`."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator

from hardware.errors import PinEntryFault
from hardware.interface import PinMethod
from hardware.keypad import KeypadEntry
from hardware.keypad_faults import KeypadFault
from hardware.remote import RemoteDevices
from hardware.settings import DeviceSettings
from tests.proofs.keypad.bench import (
    BY_ID,
    KIND,
    Ear,
    Terminal,
    outcome,
    plug_in,
    press,
    say,
    unplug,
    wait_until,
)
from tests.proofs.keypad.clerks_keyboard import ClerksKeyboard

NOBODY = 65534
Check = tuple[str, object, object]
"""What is claimed, what was seen, what should have been seen."""


def fault(reason: KeypadFault) -> str:
    """How `outcome` says it."""
    return f"{PinEntryFault.__name__} {reason.value}"


def before(terminal: Terminal) -> Iterator[Check]:
    """The control: without the kiosk, everybody hears the keypad."""
    ear = Ear()
    press("1", "num_lock", "kp_5")
    yield "without the kiosk the terminal hears the keypad", terminal.heard(), b"15"
    yield "without the kiosk another program hears it", ear.heard() > 0, True
    press("num_lock")
    terminal.heard()
    ear.close()


def during(terminal: Terminal) -> Iterator[Check]:
    """The kiosk runs."""
    entry, ear, clerk = KeypadEntry(BY_ID), Ear(), ClerksKeyboard()
    yield "num-lock is lit", ear.num_lock_is_lit(), True
    press("9", "kp_7")
    yield "an early key reaches no terminal", terminal.heard(), b""
    yield "an early key is in no PIN, the number block is", outcome(entry, lambda: press("kp:2468", "kp_enter")), "2468"
    yield "the row above the letters, and the other Enter", outcome(entry, lambda: press(*"13570", "ret")), "13570"
    yield (
        "num-lock changes nothing",
        outcome(entry, lambda: press("kp:90", "num_lock", "kp:90", "num_lock", "kp_enter")),
        "9090",
    )
    yield "a key held down is one digit", outcome(entry, held_down), "4135"
    yield "correction clears all", outcome(entry, lambda: press("kp:99", "backspace", "kp:2468", "ret")), "2468"
    yield "the citizen cancels", outcome(entry, lambda: press("kp:24", "esc")), "PinEntryCancelled"
    yield "no entry was heard by the terminal", terminal.heard(), b""
    yield "no entry was heard by another program", ear.heard(), 0
    clerk.type_q()
    time.sleep(0.5)
    yield "the clerk's keyboard works meanwhile", terminal.heard(), b"q"
    yield "a second taker is refused", second_taker(), fault(KeypadFault.HELD_BY_ANOTHER)
    yield "who has no rights is told so", without_rights(), fault(KeypadFault.NO_PERMISSION)
    ear.close()
    yield from unplugged(entry, terminal)
    entry.close()
    press("1")
    yield "after the kiosk has ended the terminal hears it again", terminal.heard(), b"1"


def unplugged(entry: KeypadEntry, terminal: Terminal) -> Iterator[Check]:
    """The keypad goes, and comes back."""
    began = time.monotonic()
    yield "unplugged in mid-entry is named", outcome(entry, pulled_out), fault(KeypadFault.UNPLUGGED)
    say(f"TOOK unplugged in mid-entry is named after {time.monotonic() - began:.1f} s, two keys included")
    yield "while it is away that is named", outcome(entry), fault(KeypadFault.NOT_THERE)
    known = set(os.listdir("/dev/input"))
    plug_in()
    wait_until(lambda: set(os.listdir("/dev/input")) != known)
    appeared = time.monotonic()
    wait_until(lambda: bool(entry._keypad.descriptors))
    say(f"TOOK plugged in again it is held {(time.monotonic() - appeared) * 1000:.0f} ms after the kernel shows it")
    press("9", "kp_7")
    yield "plugged in again it reaches no terminal", terminal.heard(), b""
    yield "plugged in again it is taken", outcome(entry, lambda: press("kp:8642", "kp_enter")), "8642"


def ended(terminal: Terminal) -> Iterator[Check]:
    """The kiosk ends in ways nobody wants."""
    for name, ending in (("an exception", "raise RuntimeError"), ("an exit without farewell", "os._exit(1)")):
        holder = started(ending)
        press("5")
        yield f"held until {name}", terminal.heard(), b""
        holder.communicate(b"\n", timeout=30)
        press("5")
        yield f"released by {name}", terminal.heard(), b"5"
    holder = started("pass")
    press("5")
    yield "held until it is killed", terminal.heard(), b""
    holder.send_signal(signal.SIGKILL)
    holder.wait(30)
    press("5")
    yield "released when it is killed", terminal.heard(), b"5"


def device_host(terminal: Terminal) -> Iterator[Check]:
    """The process that holds the keypad at a desk; here the keypad is named by what lsusb says."""
    devices = RemoteDevices(DeviceSettings(reader="", pin_method=PinMethod.KEYPAD, keypad=KIND))
    devices.pin_method()
    press("1")
    yield "held from the start of the device host, with nobody asked for a PIN", terminal.heard(), b""
    devices.close()
    press("1")
    yield "released at the end of the device host", terminal.heard(), b"1"


def held_down() -> None:
    """One key for two seconds, then three."""
    press("kp_4 2000")
    time.sleep(2)
    press("kp:135", "kp_enter")


def pulled_out() -> None:
    """Two digits, then the cable."""
    press("kp:24")
    unplug()


def second_taker() -> str:
    """What another kiosk is told."""
    other = KeypadEntry(KIND)
    try:
        return outcome(other)
    finally:
        other.close()


def without_rights() -> str:
    """What a kiosk is told whose user may not read the keypad."""
    program = (
        f"import os; os.setuid({NOBODY})\n"
        "from hardware.keypad import KeypadEntry\n"
        "from tests.proofs.keypad.bench import BY_ID, outcome\n"
        "print(outcome(KeypadEntry(BY_ID)))\n"
    )
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60).stdout.strip()


def started(ending: str) -> subprocess.Popen[bytes]:
    """A program that holds the keypad, and ends like that when it is told to."""
    program = (
        "import os, sys\n"
        "from hardware.keypad import KeypadEntry\n"
        f"entry = KeypadEntry({BY_ID!r})\n"
        "os.write(1, b'ready\\n'); sys.stdin.readline()\n"
        f"{ending}\n"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert holder.stdout is not None and holder.stdout.readline() == b"ready\n"
    return holder


def main() -> None:
    """All of it; an exception is a check that failed."""
    wait_until(lambda: os.path.exists(BY_ID))
    terminal = Terminal()
    parts: tuple[Callable[[Terminal], Iterator[Check]], ...] = (before, during, ended, device_host)
    for part in parts:
        try:
            for name, seen, wanted in part(terminal):
                say(f"PASS {name}" if seen == wanted else f"FAIL {name}: {seen!r}, not {wanted!r}")
        except Exception:  # whatever it is, the checks that follow must still run
            say(f"FAIL {part.__name__}: {traceback.format_exc()}")
    say("DONE")


if __name__ == "__main__":
    main()
