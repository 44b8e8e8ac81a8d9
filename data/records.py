"""What the archive hands out: plain values, no database objects."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from kiosk.ca.interface import Profile
from kiosk.cases import Case


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseSummary:
    """One line of a list of cases."""

    case_id: str
    procedure_key: str
    full_name: str
    """In the citizen's own spelling."""
    personal_number: str
    document_number: str
    at: int
    status: str
    opened_at: datetime
    changed_at: datetime
    """UTC."""
    parent_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """Уговор: outlives the certificate and is what a renewal rests on."""

    number: str
    personal_number: str
    concluded_on: date
    case_id: str | None
    """The issuance it was concluded in; `None` when it was entered from the paper."""
    seen_by: str
    """Clerk who concluded it, or who saw the paper."""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateRecord:
    """A certificate that was read back from a chip."""

    serial: str
    """Lower-case hex."""
    profile: Profile
    case_id: str
    personal_number: str
    document_number: str
    certificate: bytes
    """DER."""
    not_before: datetime
    not_after: datetime
    """UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperCopy:
    """A form that was printed or saved for a case."""

    form: str
    case_id: str | None
    copies: int
    sha256: str
    printed_at: datetime
    """UTC."""
    where: str
    """Printer's name, or the file's name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalRow:
    """One row of the append-only journal."""

    seq: int
    at: datetime
    """UTC."""
    clerk: str
    case_id: str | None
    kind: str
    body: dict[str, Any]
    """Empty when the person was erased."""
    subject: str | None = None
    """Name of the key that seals the row; it says nothing of the person."""
    is_erased: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRow:
    """A journal row as it is kept: what a bundle, an export or a proof carries. Never take `body` apart to hash it."""

    seq: int
    body: bytes
    """The row's canonical bytes; the leaf is over them."""
    leaf: bytes
    """SHA-256 of 0x00 and `body`; 32 bytes."""
    root: bytes
    """Merkle root (RFC 6962) over rows 1 to `seq`; 32 bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRecord:
    """A case shown whole."""

    case: Case
    summary: CaseSummary
    evidence: tuple[JournalRow, ...]
    """Every recording of every step, attempts included."""
    certificates: tuple[CertificateRecord, ...] = ()
    papers: tuple[PaperCopy, ...] = ()
    contracts: tuple[Contract, ...] = field(default=())
