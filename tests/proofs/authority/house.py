"""An authority in the proof: how an office of a trial reaches it, and what stands in its books afterwards."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from kiosk.ca.interface import CertificationAuthority
from kiosk.orders import OrderState
from tests.proofs.authority.cuts import Cut, Fuse, Moment


@dataclass(frozen=True)
class Books:
    """What an authority says it has issued in one trial."""

    issued: tuple[bytes, ...]
    """Every certificate ever, DER."""
    live: int
    is_confirmed: bool


class House(Protocol):
    """An authority, made anew for each trial."""

    name: str
    cuts: tuple[Cut, ...]
    final: OrderState
    """Where an order ends."""

    def authority(
        self, place: Path, trial: str, moment: Moment, fuse: Fuse, run: int, later_s: int = 0
    ) -> AbstractContextManager[CertificationAuthority]:
        """As the office sees it in its `run`-th run (from 0); only in the first the cuts on its own side happen.

        `later_s`: so many seconds later than it is.
        """

    def books(self, place: Path, trial: str, moment: Moment) -> Books:
        """What has come of it."""
