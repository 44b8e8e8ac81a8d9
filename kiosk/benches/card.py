"""Reading the card: commands and milliseconds beside the lower bound, and beside a reader that reads wastefully."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable, Iterator, Sequence

from hardware.id_data import EVERY_FILE, TEXT_FILES, IdDataSession
from hardware.training.card import TrainingCard
from hardware.training.citizens import CITIZENS
from hardware.training.test_authority import trusted_test_signers
from hardware.trust_list import TrustList
from kiosk.benches.measurement import Measurement

CITIZEN = "jovana"
CHUNK = 255
WASTEFUL_CHUNK = 128
BOUND = "the bound: one SELECT for the applet and each file, one READ for each 255 bytes"
WASTEFUL = "a reader that selects and reads headers twice, reads 128 bytes at a time, and verifies none"
ON_THE_WIRE = "measured here, and computed for the wire (T=1, 62.5 kbit/s)"
BITS_PER_SECOND = 4_000_000 * 8 / 512
"""Of the cards since 2014: TA1 = 94 at the usual clock of 4 MHz (ISO 7816-3 §8.3)."""
BITS_PER_BYTE = 11
BLOCK_OVERHEAD = 4
"""Bytes that T=1 adds to each command and each answer (ISO 7816-3 §11.3.1)."""


class Wire:
    """The road to a card: counts the commands, and the bytes both ways."""

    def __init__(self, card: TrainingCard) -> None:
        self._card = card
        self.commands = 0
        self._bytes = 0

    def transmit(self, command: bytes | bytearray) -> bytes:
        answer = self._card.transmit(bytes(command))
        self.commands += 1
        self._bytes += len(command) + len(answer) + 2 * BLOCK_OVERHEAD
        return answer

    @property
    def milliseconds(self) -> float:
        """How long the bytes take between a contact card and its reader."""
        return self._bytes * BITS_PER_BYTE / BITS_PER_SECOND * 1000


def measure(runs: int = 10) -> Iterator[Measurement]:
    """Read everything `runs` times over the training card in process."""
    card = TrainingCard(CITIZENS[CITIZEN])
    sizes = _sizes(card)
    ours, words, bare, wasteful = (
        _measured(card, runs, reading) for reading in (_everything, _words, lambda wire: _bare(wire, sizes), _wasteful)
    )
    yield _line("card.apdus", ours.commands, "APDU", BOUND, bare.commands, runs)
    yield _line("card.apdus", ours.commands, "APDU", WASTEFUL, wasteful.commands, runs)
    yield _line("card.apdus.words", words.commands, "APDU", f"{BOUND}, text only", _bound(sizes, TEXT_FILES), runs)
    yield _line("card.read", ours.total, "ms", f"the bound's commands; {ON_THE_WIRE}", bare.total, runs)
    yield _line("card.read", ours.total, "ms", f"{WASTEFUL}; {ON_THE_WIRE}", wasteful.total, runs)
    yield _line("card.read.words", words.total, "ms", f"everything; {ON_THE_WIRE}", ours.total, runs)
    yield _line("card.read.here", ours.here, "ms", "the bound's commands, nothing looked at", bare.here, runs)


class Taken:
    """What one way of reading took: commands, and milliseconds in this process and with those on the wire."""

    def __init__(self, commands: int, here: float, on_the_wire: float) -> None:
        self.commands = commands
        self.here = here
        self.total = here + on_the_wire


def _measured(card: TrainingCard, runs: int, reading: Callable[[Wire], None]) -> Taken:
    times = []
    for _ in range(runs):
        wire = Wire(card)
        begun = time.perf_counter()
        reading(wire)
        times.append((time.perf_counter() - begun) * 1000)
    return Taken(wire.commands, statistics.median(times), wire.milliseconds)


def _line(bench: str, value: float, unit: str, against: str, limit: float, runs: int) -> Measurement:
    return Measurement(bench=bench, value=value, unit=unit, against=against, limit=limit, runs=runs)


# --- ways of reading --------------------------------------------------------------------------------------------------


def _everything(wire: Wire) -> None:
    session = IdDataSession(wire.transmit)
    session.read_unverified()
    session.read_identity(TrustList(trusted_test_signers()))
    session.read_portrait()


def _words(wire: Wire) -> None:
    IdDataSession(wire.transmit).read_unverified()


def _bare(wire: Wire, sizes: dict[int, int]) -> None:
    """The fewest commands there can be, for somebody who knew the sizes before."""
    _select_applet(wire)
    for file_id in EVERY_FILE:
        _select(wire, file_id)
        _read_in(wire, sizes[file_id], CHUNK)


def _wasteful(wire: Wire) -> None:
    _select_applet(wire)
    for file_id in EVERY_FILE:
        _select(wire, file_id)
        size = _select(wire, file_id)
        for _ in range(2):
            wire.transmit(bytes.fromhex("00B0000004"))
        _read_in(wire, size, WASTEFUL_CHUNK)


def _select_applet(wire: Wire) -> None:
    wire.transmit(bytes.fromhex("00A404000BF381000002534552494401"))


def _select(wire: Wire, file_id: int) -> int:
    """Select a file; its size."""
    return int.from_bytes(wire.transmit(bytes.fromhex(f"00A4080002{file_id:04X}04"))[2:4], "big")


def _read_in(wire: Wire, size: int, chunk: int) -> None:
    for offset in range(0, size, chunk):
        wire.transmit(bytes((0x00, 0xB0, offset >> 8, offset & 0xFF, min(chunk, size - offset))))


def _sizes(card: TrainingCard) -> dict[int, int]:
    """Read from the card itself, so that the bound does not depend on the reader that is measured."""
    return {file_id: len(card.data_files[file_id]) for file_id in EVERY_FILE}


def _bound(sizes: dict[int, int], files: Sequence[int]) -> int:
    return 1 + sum(1 + math.ceil(sizes[file_id] / CHUNK) for file_id in files)
