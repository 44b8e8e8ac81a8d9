"""Who signs: the one contract that every certification authority keeps, without I/O of its own but in `exchange`.

Source: RFC 4210 / 9483 for the life of a transaction; `prepare` and `accept` are pure, so the same tests run on each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire:
    """A prepared message: `body` leaves the machine, `state` is ours. Both are stored before `exchange`."""

    body: bytes
    state: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """The certificate, believed: `accept` has verified chain, key, subject, e-mail, profile, validity and lint."""

    certificate: bytes
    """DER."""
    chain: tuple[bytes, ...]
    """Issuing CA first, root last; DER."""
    serial: str
    """Lower-case hex."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """The authority will answer later; ask again with the same order after `check_after_s` seconds."""

    check_after_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """The authority refuses; the clerk must act. Never retried by itself."""

    code: str
    text: str


Outcome = Issued | Pending | Rejected


class AuthorityError(Exception):
    """Base of what can go wrong with an authority. `code` is shown on the screen."""

    code = "К-0500"


class NotSent(AuthorityError):
    """Provably nothing left the machine; sending the same bytes again is safe."""

    code = "К-0501"


class Unknown(AuthorityError):
    """Bytes left the machine and no valid answer came; the same bytes are sent again, never a new request."""

    code = "К-0502"


class ProtocolAlarm(AuthorityError):
    """The answer is not what was asked for: bad signature, key, subject, profile or chain. Stop and report."""

    code = "К-0503"


class DuplicateOrder(AuthorityError):
    """The order id, or the key, was already used for something else."""

    code = "К-0504"


class AuthorityUnusable(AuthorityError):
    """The authority's own key, certificate or register cannot be used; nothing was issued."""

    code = "К-0505"


class CertificationAuthority(Protocol):
    """Сертификационо тело, as the registration office sees it."""

    name: str
    is_test: bool
    """True for an authority whose certificates nobody should trust; shown on every screen."""

    def prepare(self, request: IssueRequest) -> Wire:
        """Build the message for an order. Pure; the same order gives a message with the same meaning."""

    def exchange(self, wire: Wire) -> bytes:
        """Carry the message there and the answer back; the only I/O. Raises `NotSent`, `Unknown`."""

    def accept(self, request: IssueRequest, wire: Wire, answer: bytes) -> Outcome:
        """Verify the answer before a byte of it is believed. Pure. Raises `ProtocolAlarm`."""

    def chain(self) -> Sequence[bytes]:
        """The authority's own certificates, issuing CA first; DER."""
