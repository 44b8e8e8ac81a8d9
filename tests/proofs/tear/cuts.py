"""Where and how a cut comes: before or after one command, the card pulled out, the kiosk killed, or both."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

ROAD_BACK = 120
"""Commands that reading the card takes anew, before anything is written: the least a second cut can meet."""


class Way(Enum):
    """What is cut."""

    REMOVE = "remove"
    """The card leaves the reader and comes back without its PIN session; the kiosk lives on."""
    KILL = "kill"
    """The kiosk ends by SIGKILL and is started again; the card stays powered, with its PIN session."""
    BOTH = "both"
    """The power of the whole desk is cut."""


@dataclass(frozen=True, slots=True)
class Cut:
    """The `number`-th command since the start or the last cut, from 1. After it: done, but its answer is lost."""

    way: Way
    number: int
    is_after: bool

    def __str__(self) -> str:
        return f"{self.way.value}@{'after' if self.is_after else 'before'}:{self.number}"


def every_cut(way: Way, commands: int, stride: int, first: int = 0) -> Iterator[tuple[Cut, ...]]:
    """One cut before and one after each command: every `stride`-th from the `first` (from the end if negative)."""
    for index in range(first % (2 * commands), 2 * commands, stride):
        yield (Cut(way, index // 2 + 1, bool(index % 2)),)


def random_cuts(ways: Sequence[Way], commands: int, count: int, cuts: int, seed: int) -> Iterator[tuple[Cut, ...]]:
    """`count` times `cuts` cuts in a row; the same seed gives the same."""
    chance = random.Random(seed)  # noqa: S311  # moments, not keys
    for _ in range(count):
        row: list[Cut] = []
        left = commands
        for _ in range(cuts):
            number = chance.randint(1, max(left, 1))
            row.append(Cut(chance.choice(ways), number, chance.random() < 0.5))
            # After a cut the card is read again, and then what was left is done.
            left = min(commands, left - number + ROAD_BACK)
        yield tuple(row)
