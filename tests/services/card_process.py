"""A card as a process of its own, as a card behind a reader is: it can be taken out, and it can hang."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TRAINING_CARD = """
import sys
from pathlib import Path
from hardware.training.card import TrainingCard
from hardware.training.citizens import CITIZENS
from hardware.training.faults import FaultyCard
from hardware.training.server import serve
citizen, port, state, fault = sys.argv[1:]
card = TrainingCard(CITIZENS[citizen], Path(state) if state else None)
serve(FaultyCard(card, fault) if fault else card, "127.0.0.1", int(port))
"""


class CardProcess:
    """A running card."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_in_reader(self) -> bool:
        return self._process.poll() is None

    def take_out(self) -> None:
        """The card leaves the reader at once, whatever it is doing."""
        self._process.kill()
        self._process.wait(10)

    def freeze(self) -> None:
        """The card stops answering."""
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """The card goes on."""
        self._process.send_signal(signal.SIGCONT)


@contextmanager
def card_in_reader(program: Sequence[str]) -> Iterator[CardProcess]:
    """Run a card program; when the block ends the card is taken out."""
    process = subprocess.Popen(program, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdin=subprocess.DEVNULL)
    card = CardProcess(process)
    try:
        yield card
    finally:
        card.take_out()


@contextmanager
def training_card(citizen: str, port: int, *, state: Path | None = None, fault: str = "") -> Iterator[CardProcess]:
    """The training card of an invented citizen in the reader at that loopback port."""
    program = [sys.executable, "-c", TRAINING_CARD, citizen, str(port), str(state or ""), fault]
    with card_in_reader(program) as card:
        yield card
