"""Whether the citizen's certificate stands on the revocation list that is kept on this machine."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from kiosk.procedures.preconditions import Standing
from kiosk.revocation.errors import IndexDamaged
from kiosk.revocation.status import Good, RevocationData, Revoked


class Standings:
    """Asks the list in microseconds. `clock` gives the time in UTC."""

    def __init__(self, index: Path, clock: Callable[[], datetime]) -> None:
        self._list = RevocationData(index, clock)
        self._clock = clock

    def of(self, serial: str) -> Standing | None:
        """The standing of a certificate by its number (hexadecimal); `None` where no list was ever imported."""
        try:
            status = self._list.status_of(int(serial, 16))
        except IndexDamaged:
            return Standing(is_damaged=True)
        if isinstance(status, Revoked):
            return Standing(revoked_on=status.date.astimezone().date(), is_held=status.reason == "certificateHold")
        if isinstance(status, Good):
            return Standing(list_date=status.as_of.astimezone().date(), is_current=True)
        return Standing(list_date=(self._clock() - status.age).astimezone().date()) if status.age is not None else None
