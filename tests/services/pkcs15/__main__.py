"""The test card in the reader at a loopback port: `python -m tests.services.pkcs15 PORT`.

SIGUSR1 keeps the card as it is, SIGUSR2 sets it back to that: one card for many trials.
"""

from __future__ import annotations

import copy
import signal
import sys

from hardware.training.server import serve
from tests.services.pkcs15.card import Pkcs15Card

card = Pkcs15Card()
kept = copy.deepcopy(vars(card))


def keep(number: int, frame: object) -> None:
    """Remember the card as it is now."""
    kept.update(copy.deepcopy(vars(card)))


def set_back(number: int, frame: object) -> None:
    """Be as remembered, without power."""
    vars(card).update(copy.deepcopy(kept))
    card.reset()


signal.signal(signal.SIGUSR1, keep)
signal.signal(signal.SIGUSR2, set_back)
serve(card, "127.0.0.1", int(sys.argv[1]))
