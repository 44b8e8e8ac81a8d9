"""What the training card guards: PIN and admin key with their tries, and who has proven what."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass, field

from hardware.training.key_service import answer_challenge

MAX_TRIES = 3
PIN_LENGTH = 8
USER, ADMIN = 0x01, 0x02


def padded(digits: bytes) -> bytes:
    """A PIN as the card keeps it: 8 bytes, filled with zeros."""
    return digits.ljust(PIN_LENGTH, b"\x00")


def is_well_formed(pin: bytes) -> bool:
    """Four to eight ASCII digits, then zeros."""
    digits = pin.rstrip(b"\x00")
    return len(pin) == PIN_LENGTH and len(digits) >= 4 and digits.isdigit()


@dataclass(slots=True)
class Guard:
    """PIN, admin key, tries, roles that are proven, and the one challenge that is open."""

    pin: bytes = field(repr=False)
    admin_key: bytes = field(repr=False)
    pin_tries: int = MAX_TRIES
    admin_tries: int = MAX_TRIES
    roles: int = 0
    _challenge: bytes | None = None

    def reset(self) -> None:
        """Power was lost: nothing is proven, no challenge is open."""
        self.roles = 0
        self._challenge = None

    def check_pin(self, offered: bytes) -> bool:
        """Compare with the PIN; a difference costs a try and the user's role. Never call it on a blocked PIN."""
        if hmac.compare_digest(offered, self.pin):
            self.pin_tries = MAX_TRIES
            return True
        self.pin_tries -= 1
        self.roles &= ~USER
        return False

    def set_pin(self, pin: bytes) -> None:
        """A new PIN with all its tries."""
        self.pin = pin
        self.pin_tries = MAX_TRIES

    def new_challenge(self) -> bytes:
        """Eight random bytes, good for one answer."""
        self._challenge = secrets.token_bytes(8)
        return self._challenge

    def forget_challenge(self) -> None:
        """Another command came: a challenge is good for the next one only (ISO 7816-4), and this card is strict."""
        self._challenge = None

    def has_challenge(self) -> bool:
        return self._challenge is not None

    def check_response(self, response: bytes) -> bool:
        """Compare with the right answer to the open challenge, which is spent; a difference costs a try."""
        expected = answer_challenge(self.admin_key, self._challenge or b"")
        self._challenge = None
        if hmac.compare_digest(response, expected):
            self.admin_tries = MAX_TRIES
            self.roles |= ADMIN
            return True
        self.admin_tries -= 1
        self.roles &= ~ADMIN
        return False

    def allows(self, access: int) -> bool:
        """Whether the proven roles satisfy an access word; FFFF is anybody, 0 nobody."""
        return access == 0xFFFF or bool(access & self.roles)
