"""A log of commands for support: headers, lengths and status words; never a byte of data, so never a PIN."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from hardware.errors import Unsupported

HEADER = 4
FLAGS = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC


class LoggedTransmit:
    """Writes one line for each command that goes to a card: `INS` and its parameters, lengths, status, milliseconds."""

    def __init__(self, transmit: Callable[[bytes | bytearray], bytes], log: TextIO) -> None:
        self._transmit = transmit
        self._log = log

    def __call__(self, command: bytes | bytearray) -> bytes:
        """Carry it out, and write it down however it ends."""
        begun = time.monotonic()
        line = f"{bytes(command[:HEADER]).hex(' ').upper()}  {max(0, len(command) - HEADER - 1):3} bytes"
        try:
            response = self._transmit(command)
        except BaseException as error:
            self._note(line, type(error).__name__, begun)
            raise
        self._note(line, f"{response[-2:].hex().upper()} {len(response) - 2:4} bytes", begun)
        return response

    def _note(self, line: str, answer: str, begun: float) -> None:
        self._log.write(f"{line}  ->  {answer}  {(time.monotonic() - begun) * 1000:7.1f} ms\n")
        self._log.flush()


def open_log(path: Path) -> TextIO:
    """Append to that file, which only its owner may read. Raises `Unsupported` where it cannot be written."""
    try:
        return os.fdopen(os.open(path, FLAGS, 0o600), "a", encoding="ascii")
    except OSError as error:
        raise Unsupported(f"apdu_log {path}: {error.strerror}") from None
