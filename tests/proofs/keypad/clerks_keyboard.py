"""The clerk's keyboard: a second keyboard, made by the kernel's `uinput`."""

from __future__ import annotations

import fcntl
import os
import struct
import time

from hardware.keypad_kernel import EV_KEY, EV_SYN, EVENT, SYN_REPORT

UI_SET_EVBIT, UI_SET_KEYBIT, UI_DEV_SETUP, UI_DEV_CREATE = 0x40045564, 0x40045565, 0x405C5503, 0x5501
SETUP = struct.Struct("@HHHH80sI")
BUS_VIRTUAL = 6
KEY_Q = 16
APPEARS_S = 1.0


class ClerksKeyboard:
    """Types one letter."""

    def __init__(self) -> None:
        self._device = os.open("/dev/uinput", os.O_WRONLY | os.O_CLOEXEC)
        fcntl.ioctl(self._device, UI_SET_EVBIT, EV_KEY)
        fcntl.ioctl(self._device, UI_SET_KEYBIT, KEY_Q)
        fcntl.ioctl(self._device, UI_DEV_SETUP, SETUP.pack(BUS_VIRTUAL, 1, 1, 1, b"clerk", 0))
        fcntl.ioctl(self._device, UI_DEV_CREATE)
        time.sleep(APPEARS_S)

    def type_q(self) -> None:
        """The letter q."""
        for value in (1, 0):
            os.write(self._device, EVENT.pack(0, 0, EV_KEY, KEY_Q, value) + EVENT.pack(0, 0, EV_SYN, SYN_REPORT, 0))
