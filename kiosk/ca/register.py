"""The register an authority of our own keeps of what it has signed; the durable one is in `data`.

An order goes through two commits: `reserve` fixes serial number and validity, `store` keeps the certificate. A cut
between them loses nothing: the same order is signed again with the reserved values, and RSASSA-PKCS1-v1_5 gives the
same bytes (RFC 8017, 8.2.1).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from kiosk.ca.interface import Profile


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterEntry:
    """One order in the register: everything its certificate is made of, and the certificate once it is signed."""

    order_id: str
    """The idempotency key; unique."""
    spki_sha256: bytes
    """SHA-256 over the key's SubjectPublicKeyInfo, 32 bytes; unique together with `profile`."""
    profile: Profile
    order: bytes
    """The order as it was sent, whole: subject, e-mail, years and the PKCS#10 request."""
    serial: str
    """Serial number, lower-case hex without leading zeros; unique. At most 127 bits: too big for an SQL integer."""
    not_before: datetime
    not_after: datetime
    """UTC, whole seconds."""
    certificate: bytes | None = None
    """DER; `None` while only reserved."""


class IssuedRegister(Protocol):
    """Kept by `data`; every call is one transaction and durable when it returns.

    Every call may raise `AuthorityUnusable` when the register itself cannot be read or written.
    """

    def reserve(self, proposed: RegisterEntry) -> RegisterEntry:
        """Enter `proposed` (without a certificate) if its order is new; otherwise change nothing.

        Returns the entry that stands for `proposed.order_id`: the one just made, or the earlier one exactly as it was
        stored, even where it differs from `proposed`; comparing them is the authority's business.
        Raises `DuplicateOrder` when the key already has an entry of this profile under another order id.
        """

    def store(self, order_id: str, certificate: bytes) -> RegisterEntry:
        """Keep the certificate of a reserved order, once, and return the entry as it stands.

        Storing the same bytes again changes nothing. Raises `AuthorityUnusable` when the order is not reserved, or
        already has another certificate: neither can happen to an authority that goes by its own register.
        """

    def find(self, order_id: str) -> RegisterEntry | None:
        """The entry of an order, `None` if there is none."""
