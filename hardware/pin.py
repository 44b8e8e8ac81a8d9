"""The citizen's PIN: born and dies inside the hardware layer."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from types import TracebackType
from typing import NoReturn, Self

from hardware.errors import Unsupported
from hardware.interface import PinState

CAPACITY = 16


class Pin:
    """Digits in one preallocated buffer that is overwritten when its `with` block ends.

    The buffer never grows, since growing leaves stale copies behind; ASCII digits, at most `CAPACITY`.
    """

    __slots__ = ("_buffer", "_handed", "_length")

    def __init__(self) -> None:
        self._buffer = bytearray(CAPACITY)
        self._handed: list[bytearray] = []
        self._length = 0

    def append(self, digit: int) -> None:
        """Add one ASCII digit, given as its byte (0x30 to 0x39). A full buffer ignores it."""
        if self._length < CAPACITY:
            self._buffer[self._length] = digit
            self._length += 1

    def clear(self) -> None:
        """Overwrite the digits in place, and every buffer that was handed to a driver."""
        for buffer in (self._buffer, *self._handed):
            if buffer:
                ctypes.memset(ctypes.addressof((ctypes.c_char * len(buffer)).from_buffer(buffer)), 0, len(buffer))
        self._handed.clear()
        self._length = 0

    def copy_into(self, target: bytearray, offset: int, padded_to: int) -> None:
        """Write the digits into `target` at `offset`, the rest up to `padded_to` as 00 (the card's padding)."""
        for index in range(padded_to):
            target[offset + index] = self._buffer[index] if index < self._length else 0

    def encode(self, encoding: str = "utf-8") -> bytearray:
        """Let python-pkcs11 read a buffer instead of a `str`: it calls `encode()` on whatever it is given.

        The buffer is exactly as long as the PIN; `clear` wipes it too.
        """
        del encoding
        handed = bytearray(self._length)
        for index in range(self._length):
            handed[index] = self._buffer[index]
        self._handed.append(handed)
        return handed

    def equals(self, other: Pin) -> bool:
        """Compare two entries of a new PIN without building any copy."""
        difference = self._length ^ other._length
        for index in range(CAPACITY):
            difference |= self._buffer[index] ^ other._buffer[index]
        return difference == 0

    def is_all_equal(self) -> bool:
        """True for one digit repeated, such as 1111."""
        return all(self._buffer[index] == self._buffer[0] for index in range(1, self._length))

    def is_run(self) -> bool:
        """True for digits that go up or down by one, over 9 and 0 too, such as 1234, 4321, 8901."""
        steps = {(self._buffer[index + 1] - self._buffer[index]) % 10 for index in range(self._length - 1)}
        return steps in ({1}, {9})

    def is_part_of(self, number: bytes) -> bool:
        """True when `number` (ASCII digits, no secret) has these digits in a row; compared in place, without a copy."""
        return 0 < self._length <= len(number) and any(
            all(self._buffer[index] == number[start + index] for index in range(self._length))
            for start in range(len(number) - self._length + 1)
        )

    def __len__(self) -> int:
        return self._length

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.clear()

    def __repr__(self) -> str:
        return "Pin(*)"

    __str__ = __repr__

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Pin is never pickled or copied")


class ProtectedPath:
    """Stands for a PIN that the reader takes on its own keys; the kiosk never holds it. This one leads to no reader.

    All methods wait for the citizen and raise `PinEntryCancelled`, `PinEntryExpired`, `PinEntryFault`.
    """

    @property
    def is_cancelled(self) -> bool:
        """Whether the clerk cancelled, although the citizen may have gone on to the end."""
        return False

    def verify(self, command: bytes) -> int:
        """Let the reader put the PIN into the data of `command`, which has zeros there; the card's status word."""
        raise Unsupported("protected path")

    def modify(self, command: bytes, *, asks_old: bool) -> int:
        """Let the reader put a new PIN there, typed twice, after the old one if it `asks_old`; the status word."""
        raise Unsupported("protected path")

    def by_module(self, attempt: Callable[[], PinState | None]) -> None:
        """Let a PKCS#11 module ask, as often as `attempt` returns why the reader did not take what was typed."""
        raise Unsupported("protected path")
