"""PINs that count: wrong tries, lock, and the unblocking code."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from tests.services.pkcs15.status import BLOCKED, DATA_NOT_FOUND, TRIES, refuse

LENGTH = 8


@dataclass
class CountedPin:
    """One PIN reference, eight bytes padded with FF."""

    pin: bytes
    puk: bytes
    limit: int
    puk_limit: int
    tries: int = 0
    puk_tries: int = 0

    def __post_init__(self) -> None:
        self.tries, self.puk_tries = self.limit, self.puk_limit


@dataclass
class Pins:
    """The card's PINs, and which are proven in this session."""

    by_reference: dict[int, CountedPin] = field(default_factory=dict)
    proven: set[int] = field(default_factory=set)

    def get(self, reference: int) -> CountedPin:
        return self.by_reference.get(reference & 0x7F) or refuse(DATA_NOT_FOUND)

    def status(self, reference: int) -> None:
        """An empty VERIFY: says how many tries are left."""
        pin = self.get(reference)
        if pin.tries == 0:
            refuse(BLOCKED)
        if reference & 0x7F not in self.proven:
            refuse(TRIES | pin.tries)

    def verify(self, reference: int, value: bytes) -> None:
        pin = self.get(reference)
        if pin.tries == 0:
            refuse(BLOCKED)
        if secrets.compare_digest(value, pin.pin):
            pin.tries = pin.limit
            self.proven.add(reference & 0x7F)
            return
        pin.tries -= 1
        self.proven.discard(reference & 0x7F)
        refuse(TRIES | pin.tries if pin.tries else BLOCKED)

    def change(self, reference: int, data: bytes) -> None:
        self.verify(reference, data[:LENGTH])
        self.get(reference).pin = data[LENGTH:]

    def unblock(self, reference: int, data: bytes) -> None:
        """PUK and new PIN."""
        pin = self.get(reference)
        if pin.puk_tries == 0:
            refuse(BLOCKED)
        if not secrets.compare_digest(data[:LENGTH], pin.puk):
            pin.puk_tries -= 1
            refuse(TRIES | pin.puk_tries if pin.puk_tries else BLOCKED)
        pin.puk_tries, pin.tries = pin.puk_limit, pin.limit
        pin.pin = data[LENGTH:]
