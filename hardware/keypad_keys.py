"""Keys of a keypad, told from the kernel's events; by key codes, so neither num-lock nor a layout matters."""

from __future__ import annotations

import ctypes
import os
import sys
import time
from collections.abc import Sequence

from hardware.keypad_faults import KeypadFault, reason_of
from hardware.keypad_kernel import EV_KEY, EV_SYN, EVENT, PRESSED, SYN_DROPPED, SYN_REPORT
from hardware.pin_keys import Key, wait_for_any

KEYPAD_DIGITS = {82: 0x30, 79: 0x31, 80: 0x32, 81: 0x33, 75: 0x34, 76: 0x35, 77: 0x36, 71: 0x37, 72: 0x38, 73: 0x39}
"""KEY_KP0 … KEY_KP9 → ASCII."""
TOP_ROW_DIGITS = {11: 0x30} | {code: 0x2F + code for code in range(2, 11)}
"""KEY_0, KEY_1 … KEY_9 → ASCII: many keypads send these."""
DIGITS = KEYPAD_DIGITS | TOP_ROW_DIGITS
ESC, BACKSPACE, ENTER, KP_MINUS, KP_PLUS, KP_DOT, KP_ENTER, DELETE = 1, 14, 28, 74, 78, 83, 96, 111
OTHER_KEYS = {
    ENTER: Key.ENTER,
    KP_ENTER: Key.ENTER,
    # The places of EN 1332-3 on a keypad of a computer: cancel at the top right, correction below it, Enter at the
    # bottom right.
    KP_MINUS: Key.CANCEL,
    KP_PLUS: Key.CLEAR,
    ESC: Key.CANCEL,
    BACKSPACE: Key.CLEAR,
    DELETE: Key.CLEAR,
    KP_DOT: Key.CLEAR,
}
TYPE_AT, CODE_AT, VALUE_AT = EVENT.size - 8, EVENT.size - 6, EVENT.size - 4
LOW, HIGH = (0, 1) if sys.byteorder == "little" else (1, 0)


def has_digit_keys(key_codes: int) -> bool:
    """Whether a device with these key codes, given as bits, can send all ten digits."""
    return any(all(key_codes >> code & 1 for code in row) for row in (KEYPAD_DIGITS, TOP_ROW_DIGITS))


class EventReader:
    """Reads events of a keypad into one preallocated buffer, overwritten after each of them. A `KeySource`.

    `sources` are the descriptors of all its nodes; `wake` turns readable when the entry is cancelled from elsewhere.
    """

    def __init__(self, sources: Sequence[int], wake: int) -> None:
        self._sources = sources
        self._wake = wake
        self._event = bytearray(EVENT.size)
        self._torn: set[int] = set()

    def next(self, seconds: float) -> int | Key | None:
        """Wait for a key to be pressed; letting go and repeating are no keys. See `KeySource`."""
        end = time.monotonic() + seconds
        while ready := wait_for_any(self._sources, self._wake, max(0.0, end - time.monotonic())):
            key = self._read_key(ready[0])
            if key is not None:
                return key
        return None

    def wipe(self) -> None:
        """Overwrite the last event."""
        ctypes.memset(ctypes.addressof((ctypes.c_char * EVENT.size).from_buffer(self._event)), 0, EVENT.size)

    def _read_key(self, source: int) -> int | Key | None:
        try:
            count = os.readv(source, [self._event])
            if count != EVENT.size:
                raise KeypadFault.UNPLUGGED.error()
            return self._key(source)
        except BlockingIOError:
            return None
        except OSError as error:
            raise reason_of(error).error() from None
        finally:
            self.wipe()

    def _key(self, source: int) -> int | Key | None:
        kind, code = self._number(TYPE_AT), self._number(CODE_AT)
        if kind == EV_SYN and code == SYN_DROPPED:
            self._torn.add(source)
        if source in self._torn:
            return self._after_loss(source, kind, code)
        if kind != EV_KEY or not self._is_press():
            return None
        return DIGITS.get(code) or OTHER_KEYS.get(code, Key.OTHER)

    def _after_loss(self, source: int, kind: int, code: int) -> Key | None:
        """The kernel's queue was full and keys are missing: what follows up to the next report is void.

        The entry begins anew, since a PIN without one of its digits would cost a try.
        """
        if kind == EV_SYN and code == SYN_REPORT:
            self._torn.discard(source)
            return Key.CLEAR
        return None

    def _number(self, at: int) -> int:
        return self._event[at + LOW] | self._event[at + HIGH] << 8

    def _is_press(self) -> bool:
        return self._number(VALUE_AT if LOW == 0 else VALUE_AT + 2) == PRESSED
