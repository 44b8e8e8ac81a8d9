"""Why the citizen's keypad cannot be used: each reason is the text of a `PinEntryFault`."""

from __future__ import annotations

import errno
from enum import Enum

from hardware.errors import PinEntryFault


class KeypadFault(Enum):
    """A reason, in words for a technician."""

    NOT_THERE = "the citizen's keypad is not plugged in"
    NOT_A_KEYPAD = "the device named as the citizen's keypad has no digit keys"
    AMBIGUOUS = "several keypads of that kind are plugged in; name one by its place under /dev/input/by-path"
    NO_PERMISSION = "no permission to read the citizen's keypad"
    HELD_BY_ANOTHER = "another program holds the citizen's keypad"
    UNPLUGGED = "the citizen's keypad was unplugged"
    FAILED = "the citizen's keypad does not work"

    def error(self) -> PinEntryFault:
        """The exception for it."""
        return PinEntryFault(self.value)


REASONS = {
    errno.ENOENT: KeypadFault.NOT_THERE,
    errno.ENXIO: KeypadFault.NOT_THERE,
    errno.ENODEV: KeypadFault.UNPLUGGED,
    errno.EIO: KeypadFault.UNPLUGGED,
    errno.EACCES: KeypadFault.NO_PERMISSION,
    errno.EPERM: KeypadFault.NO_PERMISSION,
    errno.EBUSY: KeypadFault.HELD_BY_ANOTHER,
}


def reason_of(error: OSError) -> KeypadFault:
    """The reason behind what the kernel answered."""
    return REASONS.get(error.errno or 0, KeypadFault.FAILED)
