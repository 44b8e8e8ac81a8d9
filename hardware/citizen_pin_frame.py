"""The one frame that carries digits between citizen's terminal and device host: sent once, overwritten at both ends.

It has the length of every other frame, with a place for the longest PIN, so that the number of digits does not show.
"""

from __future__ import annotations

import socket

from hardware.citizen_faults import CitizenTerminalFault
from hardware.citizen_receiver import wipe
from hardware.citizen_wire import FIELDS, LENGTH, Kind, blank
from hardware.pin import CAPACITY, Pin

PIN_LENGTH, PIN_DIGITS = FIELDS, FIELDS + 1


def send_pin(peer: socket.socket, entry: int, pin: Pin) -> None:
    """Send the digits, once, from a buffer that is overwritten whatever happens. Raises `OSError`."""
    made = blank(Kind.PIN, entry)
    try:
        made[PIN_LENGTH] = len(pin)
        pin.copy_into(made, PIN_DIGITS, CAPACITY)
        peer.sendmsg([made])
    finally:
        wipe(made)


def read_pin(received: bytearray, fewest: int, most: int) -> Pin:
    """The digits of a frame, which is overwritten whatever happens; the caller owns the `Pin`.

    Raises `PinEntryFault` for a length out of these bounds, for anything but digits, and for what follows them.
    """
    pin = Pin()
    try:
        length = received[PIN_LENGTH]
        for at in range(PIN_DIGITS, LENGTH):
            if at < PIN_DIGITS + length:
                _take_digit(pin, received[at])
            elif received[at]:
                raise CitizenTerminalFault.MALFORMED.error()
        if not fewest <= len(pin) <= most:
            raise CitizenTerminalFault.MALFORMED.error()
    except BaseException:  # whatever comes between, an interrupt too, the digits are wiped
        pin.clear()
        raise
    finally:
        wipe(received)
    return pin


def _take_digit(pin: Pin, byte: int) -> None:
    if not 0x30 <= byte <= 0x39:
        raise CitizenTerminalFault.MALFORMED.error()
    pin.append(byte)
