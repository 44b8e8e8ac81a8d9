"""What waits to be carried: one message to the authority, with the approval of the clerk who let it go."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from kiosk.ca.interface import WireKind


def entry_id(kind: WireKind, message: bytes, number: int) -> str:
    """How an entry is known on both sides: SHA-256 over kind, number and message, lower-case hex."""
    return hashlib.sha256(f"{kind.value}\n{number}\n".encode() + message).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """Who let the message go, and when."""

    clerk: str
    """Service number."""
    at: str
    """UTC, ISO 8601."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One message, as it is carried."""

    kind: WireKind
    """ISSUE or STATUS."""
    about: str
    """Order id, or serial number of the certificate whose status is changed."""
    message: bytes
    """Canonical, as `kiosk.ca.messages` and `kiosk.ca.status_messages` write it."""
    number: int
    """0 for an order; of changes of one certificate each has a higher one, so that the last one counts last."""
    approval: Approval

    @property
    def id(self) -> str:
        """See `entry_id`."""
        return entry_id(self.kind, self.message, self.number)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """An entry as the office keeps it."""

    id: str
    number: int
    answer: bytes = b""
    """As it came, signed; empty: there is none yet."""
