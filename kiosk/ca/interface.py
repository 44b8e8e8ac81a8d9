"""Who signs: the one contract that every certification authority keeps, without I/O of its own but in `exchange`.

Everything goes `prepare_… → exchange → accept_…`; all but `exchange` is pure, so the same tests run on each authority.
Source: RFC 4210 / 9483 for the life of a transaction. Outcomes: `outcomes.py`; errors: `errors.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

from kiosk.ca.errors import (
    AuthFailed,
    AuthorityError,
    AuthorityUnusable,
    ClockSkew,
    DuplicateOrder,
    NotSent,
    NotSupported,
    ProtocolAlarm,
    Unknown,
)
from kiosk.ca.outcomes import Done, Duplicate, Issued, NoSuchOrder, Outcome, Pending, Rejected, Settlement

__all__ = [
    "AuthFailed",
    "AuthorityError",
    "AuthorityUnusable",
    "Capabilities",
    "CertificationAuthority",
    "ClockSkew",
    "Confirmation",
    "Done",
    "Duplicate",
    "DuplicateOrder",
    "IssueRequest",
    "Issued",
    "NoSuchOrder",
    "NotSent",
    "NotSupported",
    "Outcome",
    "Pending",
    "Profile",
    "ProtocolAlarm",
    "Rejected",
    "RevocationReason",
    "Settlement",
    "StatusAction",
    "StatusChange",
    "SubjectData",
    "Unknown",
    "Wire",
    "WireKind",
]


class Profile(Enum):
    """The two certificates a citizen gets (ETSI EN 319 412-2); values match `hardware.interface.KeyPurpose`."""

    AUTHENTICATION = "authentication"
    SIGNATURE = "signature"


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectData:
    """What goes into the subject (EN 319 412-2, 4.2.4), spelled as on the chip."""

    given_name: str
    surname: str
    personal_number: str
    document_number: str
    country: str = "RS"


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueRequest:
    """One order: one key, one certificate, however often it is asked for."""

    order_id: str
    profile: Profile
    csr: bytes
    """PKCS#10, DER, signed by the chip's key."""
    subject: SubjectData
    email: str | None
    """Goes into subjectAltName only if the citizen asked for it (procedure, issuance 4 and renewal 2)."""
    attempt: int = field(default=1, compare=False)
    """Which transaction this is; counted up only after the authority has provably ended the one before without issuing.
    It tells messages apart, not orders."""


class WireKind(Enum):
    """What a prepared message asks."""

    ISSUE = "issue"
    POLL = "poll"
    LOOKUP = "lookup"
    CONFIRM = "confirm"
    STATUS = "status"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire:
    """A prepared message: `body` leaves the machine, `state` is ours. Both are stored before `exchange`."""

    body: bytes
    state: bytes = b""
    kind: WireKind = WireKind.ISSUE


class Confirmation(Enum):
    """Whether the authority wants to hear that a certificate has come, and is accepted (RFC 4210, 5.3.18)."""

    NONE = "none"
    """There is no such message."""
    IMPLICIT = "implicit"
    """It was asked not to wait for one, and said that it will not."""
    REQUIRED = "required"
    """Unconfirmed, the authority may take the certificate back: confirmed as soon as it is durable here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What an authority can do. An order's driver reads them and calls nothing that is not there."""

    immediate: bool
    """It answers at once; `Pending` is not to be expected."""
    offline: bool
    """It needs no network."""
    idempotent: bool
    """The same bytes sent again get the same certificate, or are refused as known: never a second certificate."""
    lookup: bool
    """`prepare_lookup` finds an order whose answer was lost."""
    confirmation: Confirmation
    status: bool
    """`prepare_status`: hold, release, revoke."""
    batch: bool
    """Messages travel as files; an answer may take days."""


class RevocationReason(Enum):
    """CRLReason (RFC 5280, 5.3.1), without those that only CA certificates or lists use."""

    UNSPECIFIED = 0
    KEY_COMPROMISE = 1
    AFFILIATION_CHANGED = 3
    SUPERSEDED = 4
    CESSATION_OF_OPERATION = 5
    PRIVILEGE_WITHDRAWN = 9


class StatusAction(Enum):
    """What becomes of a certificate: Образац 3."""

    HOLD = "hold"
    RELEASE = "release"
    REVOKE = "revoke"


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusChange:
    """One change of one certificate's status. Asking for it twice is the same as asking once."""

    serial: str
    """Lower-case hex, of a certificate that the authority has issued."""
    action: StatusAction
    reason: RevocationReason = RevocationReason.UNSPECIFIED
    """Of a revocation; hold and release have reasons of their own (certificateHold, removeFromCRL)."""


class CertificationAuthority(Protocol):
    """Сертификационо тело, as the registration office sees it."""

    name: str
    is_test: bool
    """True for an authority whose certificates nobody should trust; shown on every screen."""

    @property
    def capabilities(self) -> Capabilities:
        """What it can do."""

    def prepare(self, request: IssueRequest) -> Wire:
        """Build the message for an order; the same order and attempt give the same transaction.

        Raises `AuthFailed` when our own credentials cannot be used.
        """

    def is_fresh(self, wire: Wire) -> bool:
        """Whether a message that has never left may still go; a stale one is prepared again."""

    def exchange(self, wire: Wire) -> bytes:
        """Carry the message there and the answer back; the only I/O. Raises `NotSent`, `Unknown`."""

    def accept(self, request: IssueRequest, wire: Wire, answer: bytes) -> Outcome:
        """Verify the answer to an order, a poll or a lookup before a byte of it is believed. Pure.

        Raises `ProtocolAlarm`, `AuthFailed`, `ClockSkew`.
        """

    def prepare_poll(self, request: IssueRequest, wire: Wire, answer: bytes) -> Wire:
        """Ask for what is pending: `wire` is the message that went last in this transaction, `answer` its answer.

        `answer` is empty when that message itself was a poll whose answer was lost.
        """

    def prepare_lookup(self, request: IssueRequest, wire: Wire) -> Wire:
        """Ask what became of an order whose answer was lost. Raises `NotSupported`."""

    def prepare_confirm(self, request: IssueRequest, wire: Wire, answer: bytes, *, accepted: bool) -> Wire | None:
        """Say that the certificate in `answer` is durable here, or that it is not what was ordered.

        `None` when nothing need be said. May be prepared and sent again.
        """

    def accept_confirm(self, wire: Wire, answer: bytes) -> Settlement:
        """Verify the answer to a confirmation. Raises what `accept` raises."""

    def prepare_status(self, change: StatusChange) -> Wire:
        """Ask for a change of status. Raises `NotSupported`, `AuthFailed`."""

    def accept_status(self, change: StatusChange, wire: Wire, answer: bytes) -> Settlement:
        """Verify the answer to a change of status. Raises what `accept` raises."""

    def chain(self) -> Sequence[bytes]:
        """The authority's own certificates, issuing CA first; DER."""
