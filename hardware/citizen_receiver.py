"""Receives frames so that none is left behind in memory: it may be the one with digits."""

from __future__ import annotations

import socket

from hardware.citizen_faults import CitizenTerminalFault
from hardware.citizen_wire import LENGTH


def wipe(buffer: bytearray) -> None:
    """Overwrite a buffer in place."""
    for at in range(len(buffer)):
        buffer[at] = 0


class Receiver:
    """Receives frames into one buffer that is as long as a frame and one byte, so that a longer one is noticed."""

    def __init__(self, peer: socket.socket) -> None:
        self._peer = peer
        self._buffer = bytearray(LENGTH + 1)
        self.frame = bytearray(LENGTH)
        """The frame received last; overwritten by whoever takes digits out of it."""

    def receive(self) -> bool:
        """Wait for a frame; `False` when the peer has closed. Raises `OSError`, and `PinEntryFault` as `read`."""
        try:
            count = self._peer.recv_into(self._buffer)
            if count == 0:
                return False
            if count != LENGTH:
                raise CitizenTerminalFault.MALFORMED.error()
            for at in range(LENGTH):
                self.frame[at] = self._buffer[at]
            return True
        finally:
            wipe(self._buffer)
