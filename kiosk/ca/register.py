"""The register an authority of our own keeps of what it has signed; the durable one is in `data`.

An order goes through two commits: `reserve` fixes serial number and validity, `store` keeps the certificate. A cut
between them loses nothing: the same order is signed again with the reserved values, and RSASSA-PKCS1-v1_5 gives the
same bytes (RFC 8017, 8.2.1).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from kiosk.ca.interface import Profile
from kiosk.ca.status import CertificateStatus


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
    permit: str = ""
    """Number of the centre's permit it was entered under; empty without one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListIssue:
    """One CRL: its number, its times, and all that stood on it. Signed again it is the same bytes."""

    number: int
    this_update: datetime
    next_update: datetime
    """UTC, whole seconds."""
    entries: tuple[CertificateStatus, ...]
    """Suspended and revoked certificates, in the order in which they were issued."""


class IssuedRegister(Protocol):
    """Kept by `data`; every call is one transaction and durable when it returns.

    Every call may raise `AuthorityUnusable` when the register itself cannot be read or written.
    """

    def reserve(self, proposed: RegisterEntry, most: int | None = None) -> RegisterEntry:
        """Enter `proposed` (without a certificate) if its order is new; otherwise change nothing.

        Returns the entry that stands for `proposed.order_id`: the one just made, or the earlier one exactly as it was
        stored, even where it differs from `proposed`; comparing them is the authority's business.
        Raises `DuplicateOrder` when the key already has an entry of this profile under another order id, and
        `NotPermitted` when `proposed.permit` already has `most` entries, or has one of a later time: a clock that was
        put back must not make a permit last longer.
        """

    def store(self, order_id: str, certificate: bytes) -> RegisterEntry:
        """Keep the certificate of a reserved order, once, and return the entry as it stands.

        Storing the same bytes again changes nothing. Raises `AuthorityUnusable` when the order is not reserved, or
        already has another certificate: neither can happen to an authority that goes by its own register.
        """

    def find(self, order_id: str) -> RegisterEntry | None:
        """The entry of an order, `None` if there is none."""

    def listed(self, after: int = 0, most: int = 1000) -> Sequence[tuple[int, RegisterEntry, CertificateStatus]]:
        """At most `most` entries from row number `after` on, each with its row number and its status, oldest first."""

    def status_of(self, serial: str) -> CertificateStatus | None:
        """The status of a certificate; `None` when no certificate with that serial number was stored."""

    def change_status(
        self, serial: str, decide: Callable[[CertificateStatus], CertificateStatus], now: datetime
    ) -> CertificateStatus | None:
        """Put what `decide` makes of a certificate's status in its place, and return it; `None` for no certificate.

        Nothing is entered when `decide` returns what it was given. What it raises ends the transaction.
        """

    def issue_list(self, this_update: datetime, next_update: datetime) -> ListIssue:
        """Enter the next CRL: the number after the last one, over all that is suspended or revoked now."""

    def is_list_due(self, published: int) -> bool:
        """Whether a status has changed since the last list was entered, or that is not the one with this number."""
