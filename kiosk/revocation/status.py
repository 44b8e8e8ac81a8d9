"""Is a certificate still valid: the one question that screens ask of the lists on this machine."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Lock

from kiosk.revocation.index import IndexedEntry, RevocationIndex

REASONS = {
    0: "unspecified",
    1: "keyCompromise",
    2: "cACompromise",
    3: "affiliationChanged",
    4: "superseded",
    5: "cessationOfOperation",
    6: "certificateHold",
    9: "privilegeWithdrawn",
    10: "aACompromise",
}
"""CRLReason (RFC 5280, 5.3.1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Revoked:
    """On the list. With the reason `certificateHold` it may become valid again; otherwise never."""

    date: datetime
    reason: str
    """A name of RFC 5280, 5.3.1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Good:
    """Not on a list that is still current; nothing is said about what happened after `as_of`."""

    as_of: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """No list, or none that is still current: a new one has to be fetched. `age` of the list we have, if any."""

    age: timedelta | None


Status = Revoked | Good | Unknown


class RevocationData:
    """The index at `index`, opened on first use and again when it was replaced; from any thread.

    `clock` gives the time in UTC.
    """

    def __init__(self, index: Path, clock: Callable[[], datetime]) -> None:
        self._path = index
        self._clock = clock
        self._open: RevocationIndex | None = None
        self._identity: tuple[int, int, int] | None = None
        self._lock = Lock()

    def status_of(self, serial: int) -> Status:
        """The status of a serial number. Raises `IndexDamaged`.

        Who is on the list stays so when the list has aged; who is not is good only while it is current.
        """
        with self._lock:
            index = self._current()
            if index is None:
                return Unknown(age=None)
            entry = index.find(serial)
        now, issued = self._clock(), _utc(index.info.this_update)
        if entry is not None:
            return _revoked(entry)
        if now.timestamp() > index.info.next_update:
            return Unknown(age=now - issued)
        return Good(as_of=issued)

    def describe(self) -> str:
        """The list's number, age and size in one line, for technicians. Raises `IndexDamaged`."""
        with self._lock:
            index = self._current()
        if index is None:
            return "no revocation list on this machine"
        issued, age = _utc(index.info.this_update), self._clock() - _utc(index.info.this_update)
        following = _utc(index.info.next_update) if index.info.next_update else None
        is_late = following is None or following < self._clock()
        return (
            f"list no. {index.info.number} of {issued:%Y-%m-%d %H:%M} UTC, {index.count} entries, "
            f"{age.total_seconds() / 3600:.1f} h old, "
            + (f"next by {following:%Y-%m-%d %H:%M} UTC" if following else "does not say when the next one comes")
            + (": TOO OLD, fetch a new one" if is_late else "")
        )

    def close(self) -> None:
        """Let go of the file."""
        if self._open is not None:
            self._open.close()
        self._open = self._identity = None

    def _current(self) -> RevocationIndex | None:
        try:
            found = os.stat(self._path)
        except FileNotFoundError:
            self.close()
            return None
        identity = (found.st_dev, found.st_ino, found.st_mtime_ns)
        if identity != self._identity:
            self.close()
            self._open, self._identity = RevocationIndex(self._path), identity
        return self._open


def _revoked(entry: IndexedEntry) -> Revoked:
    return Revoked(date=_utc(entry.revoked_at), reason=REASONS.get(entry.reason, "unspecified"))


def _utc(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
