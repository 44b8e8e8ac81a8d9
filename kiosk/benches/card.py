"""Reading the card: commands beside the lower bound, milliseconds beside a reader that reads wastefully."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Iterator

from hardware.id_data import IdDataSession
from hardware.training.card import TrainingCard
from hardware.training.citizens import CITIZENS
from hardware.training.test_authority import trusted_test_signers
from hardware.trust_list import TrustList
from kiosk.benches.measurement import Measurement

FILES = (0x0F02, 0x0F03, 0x0F04, 0x0F1C, 0x0F1D, 0x0F06)
CHUNK = 255
WASTEFUL_CHUNK = 128


class Counter:
    """Counts the commands that go to the card."""

    def __init__(self, card: TrainingCard) -> None:
        self._card = card
        self.commands = 0

    def transmit(self, command: bytes | bytearray) -> bytes:
        self.commands += 1
        return self._card.transmit(bytes(command))


def measure(runs: int = 10) -> Iterator[Measurement]:
    """Read everything `runs` times over the training card in process."""
    card = TrainingCard(CITIZENS["jovana"])
    counts: list[int] = []
    ours: list[float] = []
    theirs: list[float] = []
    for _ in range(runs):
        counter = Counter(card)
        ours.append(_timed(lambda counter=counter: _read_all(counter)))
        counts.append(counter.commands)
        theirs.append(_timed(lambda: _wasteful(Counter(card))))
    bound = _lower_bound(Counter(card))
    yield Measurement(
        bench="card.apdus",
        value=statistics.median(counts),
        unit="APDU",
        against="one select per file + ceil(bytes / 255)",
        limit=bound,
        runs=runs,
    )
    yield Measurement(
        bench="card.read",
        value=statistics.median(ours),
        unit="ms",
        against="a reader that reads headers twice, in 128-byte pieces, and verifies nothing",
        limit=statistics.median(theirs),
        runs=runs,
    )


def _timed(work: object) -> float:
    assert callable(work)  # noqa: S101  # narrows the type
    begun = time.perf_counter()
    work()
    return (time.perf_counter() - begun) * 1000


def _read_all(counter: Counter) -> None:
    session = IdDataSession(counter.transmit)
    session.read_identity(TrustList(trusted_test_signers()))
    session.read_portrait()


def _select(counter: Counter, file_id: int) -> int:
    answer = counter.transmit(bytes.fromhex(f"00A4080002{file_id:04X}04"))
    return int.from_bytes(answer[2:4], "big")


def _select_applet(counter: Counter) -> None:
    counter.transmit(bytes.fromhex("00A404000BF381000002534552494401"))


def _lower_bound(counter: Counter) -> int:
    _select_applet(counter)
    return 1 + sum(1 + math.ceil(_select(counter, file_id) / CHUNK) for file_id in FILES)


def _wasteful(counter: Counter) -> None:
    _select_applet(counter)
    for file_id in FILES:
        size = _select(counter, file_id)
        _select(counter, file_id)
        for _ in range(2):
            counter.transmit(bytes.fromhex("00B0000004"))
        for offset in range(0, size, WASTEFUL_CHUNK):
            length = min(WASTEFUL_CHUNK, size - offset)
            counter.transmit(bytes((0x00, 0xB0, offset >> 8, offset & 0xFF, length)))
