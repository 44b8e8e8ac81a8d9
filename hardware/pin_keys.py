"""Keys of a citizen's terminal, told from raw bytes one at a time; and what every source of keys has in common."""

from __future__ import annotations

import os
import select
import time
import weakref
from collections.abc import Iterable
from enum import Enum
from typing import Protocol

from hardware.errors import PinEntryCancelled, PinEntryFault

ESCAPE = 0x1B
ESCAPE_PAUSE_S = 0.05
"""A lone Esc is told from the start of a function key by the silence after it."""
F12 = b"24~"


class Key(Enum):
    """A key that is not a digit."""

    ENTER = "enter"
    CLEAR = "clear"
    CANCEL = "cancel"
    OTHER = "other"


class KeySource(Protocol):
    """Where an entry's keys come from, one at a time."""

    def next(self, seconds: float) -> int | Key | None:
        """Wait for a key; a digit comes as its ASCII code, `None` when no key came in time.

        Raises `PinEntryCancelled` when woken, `PinEntryFault` when the source ends.
        """

    def wipe(self) -> None:
        """Overwrite what was read last."""


class Wake:
    """Ends a wait for keys from another thread: a pipe that turns readable."""

    def __init__(self) -> None:
        self.fd, self._write = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        # Closed with its owner, however that ends: a cancel from another thread may still come during a `close`.
        for descriptor in (self.fd, self._write):
            weakref.finalize(self, os.close, descriptor)

    def set(self) -> None:
        """Make `fd` readable."""
        try:
            os.write(self._write, b"x")
        except BlockingIOError:
            return  # full, therefore readable already

    def clear(self) -> None:
        """Forget what was set before."""
        drain(self.fd)


def drain(fd: int) -> None:
    """Read and drop what waits at a descriptor that does not block."""
    try:
        while os.read(fd, 64):
            pass
    except BlockingIOError:
        return


def wait_for_any(sources: Iterable[int], wake: int, seconds: float) -> list[int]:
    """Which of the descriptors have something to read, or have failed; none when the time is up.

    Raises `PinEntryCancelled` when `wake` is readable.
    """
    poll = select.poll()
    for descriptor in (*sources, wake):
        poll.register(descriptor, select.POLLIN)
    end = time.monotonic() + seconds
    while not (ready := poll.poll(max(0.0, end - time.monotonic()) * 1000)):
        if time.monotonic() >= end:
            return []
    found = [descriptor for descriptor, _ in ready]
    if wake in found:
        raise PinEntryCancelled
    return found


KEYS = {0x0D: Key.ENTER, 0x0A: Key.ENTER, 0x7F: Key.CLEAR, 0x08: Key.CLEAR}


class KeyReader:
    """Reads keys from a descriptor into one preallocated byte, so that no buffer ever holds more than one digit.

    `wake` turns readable when the entry is cancelled from elsewhere. A `KeySource`.
    """

    def __init__(self, source: int, wake: int) -> None:
        self._source = source
        self._wake = wake
        self._byte = bytearray(1)

    def next(self, seconds: float) -> int | Key | None:
        """Wait for a key; see `KeySource`."""
        if not self._fill(seconds):
            return None
        byte = self._byte[0]
        if 0x30 <= byte <= 0x39:
            return byte
        if byte == ESCAPE:
            return self._escape()
        return KEYS.get(byte, Key.OTHER)

    def wipe(self) -> None:
        """Overwrite the last byte read."""
        self._byte[0] = 0

    def _fill(self, seconds: float) -> bool:
        if not wait_for_any((self._source,), self._wake, seconds):
            return False
        try:
            count = os.readv(self._source, [self._byte])
        except OSError as error:
            raise PinEntryFault(os.strerror(error.errno or 0)) from None
        if count == 0:
            raise PinEntryFault("the citizen's terminal is gone")
        return True

    def _escape(self) -> Key:
        """Esc alone and F12 cancel; every other key that begins with Esc is swallowed whole."""
        if not self._fill(ESCAPE_PAUSE_S):
            return Key.CANCEL
        if self._byte[0] == ord("O"):
            self._fill(ESCAPE_PAUSE_S)
            return Key.OTHER
        if self._byte[0] != ord("["):
            return Key.CANCEL
        return Key.CANCEL if self._sequence() == F12 else Key.OTHER

    def _sequence(self) -> bytes:
        """The rest of a control sequence (ECMA-48 §5.4); the Linux console writes F1 as `[[A`."""
        sequence = bytearray()
        while len(sequence) < 8 and self._fill(ESCAPE_PAUSE_S):
            sequence.append(self._byte[0])
            if 0x40 <= self._byte[0] <= 0x7E and sequence != b"[":
                break
        return bytes(sequence)
