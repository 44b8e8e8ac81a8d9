"""The kernel's input devices: the few calls of `linux/input.h` that a keypad needs.

No library for it: it would load for longer than the device host starts, and would make an object of every key.
"""

from __future__ import annotations

import fcntl
import struct

EVENT = struct.Struct("@llHHi")
"""`struct input_event`: seconds, microseconds, type, code, value."""
EV_SYN, EV_KEY, EV_LED = 0x00, 0x01, 0x11
SYN_REPORT, SYN_DROPPED = 0, 3
LED_NUM_LOCK = 0
PRESSED = 1
"""Value of a key event; 0 is let go, 2 is repeated."""

EVIOCGRAB = 0x40044590
"""`_IOW('E', 0x90, int)`: 1 takes a device for this descriptor alone, 0 gives it back."""


def _eviocgbit(event_type: int, length: int) -> int:
    """`_IOC(_IOC_READ, 'E', 0x20 + event_type, length)`: which codes of a type the device has, as a bit field."""
    return 2 << 30 | length << 16 | ord("E") << 8 | 0x20 + event_type


def grab(fd: int) -> None:
    """Take the device: from now on nobody else, the terminals included, learns of its keys.

    Raises `OSError`: EBUSY when another descriptor has it, ENODEV when it is gone, ENOTTY when it is no input device.
    """
    fcntl.ioctl(fd, EVIOCGRAB, 1)


def codes(fd: int, event_type: int) -> int:
    """The codes of that type the device can send, as bits. Raises `OSError`."""
    bits = bytearray(96)
    fcntl.ioctl(fd, _eviocgbit(event_type, len(bits)), bits)
    return int.from_bytes(bits, "little")


def led_event(led: int, lit: bool) -> bytes:
    """What is written to a device to light one of its LEDs, or to put it out."""
    return EVENT.pack(0, 0, EV_LED, led, int(lit)) + EVENT.pack(0, 0, EV_SYN, SYN_REPORT, 0)
