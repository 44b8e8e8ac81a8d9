"""Faults a training card shows on request, for drills and tests.

A request is a list of faults with commas between them. N counts the commands sent to the card, from 1; FID is a file of
the data applet in hexadecimal.

    remove@N       the card is pulled out before command N
    cut@N          the card is pulled out after command N was carried out, before its answer came
    hang@N:S       command N takes S seconds longer
    garbage@N      command N is answered with bytes that mean nothing
    mute@N         command N is answered with nothing at all, not even a status word
    swXXXX@N       command N is not carried out and answered with status word XXXX
    truncate:FID   the file ends in the middle
    badlen:FID     the first field of the file claims to be longer than the file
    endless:FID    every READ of the file succeeds and gives no byte
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable

from hardware.errors import CardRemoved
from hardware.training.card import TrainingCard

AT_COMMAND = re.compile(r"(remove|cut|hang|garbage|mute|sw[0-9A-F]{4})@(\d+)(?::(\d+(?:\.\d+)?))?", re.IGNORECASE)
IN_FILE = re.compile(r"(truncate|badlen|endless):([0-9A-F]{4})", re.IGNORECASE)
GARBAGE = b"\xa5\x5a\xc3\x3c\x0f\x12\x34"
READ = b"\x00\xb0"
SELECT_IN_DATA = b"\x00\xa4\x08"

Fault = Callable[["FaultyCard", bytes], bytes]


class FaultyCard:
    """A training card with faults. Once removed it stays so until `power_on`, as a card put back would be.

    Raises `ValueError` for a request it does not understand; `CardRemoved` when it is removed.
    """

    def __init__(self, card: TrainingCard, spec: str) -> None:
        self._card = card
        self._at: dict[int, Fault] = {}
        self._endless: set[int] = set()
        self._selected: int | None = None
        self._is_removed = False
        self.commands = 0
        for part in filter(None, (part.strip() for part in spec.split(","))):
            self._add(part)

    @property
    def atr(self) -> bytes:
        return self._card.atr

    def power_on(self) -> None:
        """Put the card back, or give it power anew."""
        self._is_removed = False
        self._selected = None
        self._card.power_on()

    def reset(self) -> None:
        """Reset the card; one that is out stays out."""
        self._selected = None
        self._card.reset()

    def transmit(self, command: bytes) -> bytes:
        """Answer one command, well or not."""
        if self._is_removed:
            raise CardRemoved
        self.commands += 1
        if command[:3] == SELECT_IN_DATA:
            self._selected = int.from_bytes(command[5:7], "big")
        if command[:2] == READ and self._selected in self._endless:
            return b"\x90\x00"
        fault = self._at.get(self.commands)
        return self._card.transmit(command) if fault is None else fault(self, command)

    def _add(self, part: str) -> None:
        if match := AT_COMMAND.fullmatch(part):
            kind, number, seconds = match.groups()
            self._at[int(number)] = _fault(kind.lower(), float(seconds or 0))
        elif match := IN_FILE.fullmatch(part):
            self._spoil(match[1].lower(), int(match[2], 16))
        else:
            raise ValueError(f"unknown fault: {part}")

    def _spoil(self, kind: str, file_id: int) -> None:
        files = self._card.data_files
        if file_id not in files:
            raise ValueError(f"no such file: {file_id:04X}")
        if kind == "endless":
            self._endless.add(file_id)
        elif kind == "truncate":
            files[file_id] = files[file_id][: len(files[file_id]) // 2]
        else:
            files[file_id] = files[file_id][:6] + b"\xff\xff" + files[file_id][8:]

    def pull_out(self) -> bytes:
        """The card leaves the reader."""
        self._is_removed = True
        raise CardRemoved

    def cut_after(self, command: bytes) -> bytes:
        """The card carries out the command and leaves before its answer."""
        self._card.transmit(command)
        return self.pull_out()

    def hang(self, command: bytes, seconds: float) -> bytes:
        """The card thinks for a while."""
        time.sleep(seconds)
        return self._card.transmit(command)


def _fault(kind: str, seconds: float) -> Fault:
    if kind.startswith("sw"):
        return lambda card, command: bytes.fromhex(kind[2:])
    faults: dict[str, Fault] = {
        "remove": lambda card, command: card.pull_out(),
        "cut": lambda card, command: card.cut_after(command),
        "hang": lambda card, command: card.hang(command, seconds),
        "garbage": lambda card, command: GARBAGE,
        "mute": lambda card, command: b"",
    }
    return faults[kind]
