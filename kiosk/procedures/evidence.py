"""What each step leaves behind in the archive; facts only, never activation data."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Facts that one step records."""

    def as_record(self) -> dict[str, Any]:
        """The facts as JSON-ready values."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestReceived(Evidence):
    """Step 1 of issuance and renewal: Образац 1 was handed over."""

    circled_option: int
    is_signed: bool
    identity_compared: bool
    """The clerk compared the person, the card's picture and the portrait from the chip."""
    email_wish: str | None
    """The e-mail the citizen wrote to be put into the certificate; `None` if not asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneralTermsReceived(Evidence):
    """Issuance step 2: two hand-signed copies of the General Terms."""

    signed_copies: int
    terms_edition: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementConcluded(Evidence):
    """Issuance step 3: the contract, in two copies, signed before the clerk and stamped."""

    agreement_number: str
    signed_in_presence: bool
    signed_copies: int
    stamped_copies: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessStarted(Evidence):
    """Issuance step 4, renewal step 2: the clerk starts the process."""

    email_in_certificate: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivationDataRequired(Evidence):
    """Issuance step 5, renewal step 3, unblock step 3: how the PIN will be taken."""

    pin_method: str
    tries_left: int | None
    citizen_knows_pin: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateWritten(Evidence):
    """Issuance step 6, renewal step 4: keys made, certificates issued, written and read back."""

    pin_method: str
    document_number: str
    token_serial: str
    authentication_serial: str
    """Serial number of the authentication certificate, lower-case hex."""
    signature_serial: str
    """Serial number of the signature certificate, lower-case hex."""
    read_back: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DossierFiled(Evidence):
    """Last step of every procedure: what was filed, where, and what was handed over."""

    filed: tuple[str, ...]
    handed_over: tuple[str, ...]
    dossier: str
    """Where the papers lie: the number of the folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnblockRequested(Evidence):
    """Unblock step 1: Образац 2 was handed over."""

    pin_choice: str
    """`change`; `keep` is on the form, but no published command keeps the PIN."""
    is_signed: bool
    identity_compared: bool
    keep_was_circled: bool = False
    """The citizen had circled `keep`, was told that it cannot be done, and circled `change`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptConfirmed(Evidence):
    """Unblock step 2: the clerk confirmed the receipt by signature and starts the unblock."""

    clerk_signed: bool
    tries_left_before: int | None
    second_clerk: str | None = None
    """Service number of the clerk who consented, where the office asks for one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PinChanged(Evidence):
    """Unblock step 4: the citizen alone set a new PIN, and the card counts full tries again."""

    pin_method: str
    document_number: str
    token_serial: str
    tries_left: int | None
    key_service: str = ""
    """Who answered the card's challenge: `training`, `hsm` or `centre`; empty in cases of earlier versions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusChangeRequested(Evidence):
    """Status change step 1: Образац 3 was handed over."""

    circled_option: int
    action: str
    """What that number means at this office: `revoke`, `hold` or `release`."""
    is_signed: bool
    identity_compared: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusChangeAccepted(Evidence):
    """Status change step 2: the clerk confirmed the receipt by signature, and for which certificates it is."""

    clerk_signed: bool
    serials: tuple[str, ...]
    """Serial numbers of the certificates, lower-case hex."""
    revocation_reason: str
    """Why, as the citizen says it: a key of `kiosk.status_reasons`; empty where nothing is revoked."""
    received_at: str
    """UTC, ISO 8601: from then on the time limit runs."""
    due_by: str
    """UTC, ISO 8601: the end of the time limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusChanged(Evidence):
    """Status change step 3: what the authority has done."""

    action: str
    changed: tuple[str, ...]
    """Serial numbers of the certificates that have the new status."""
    refused: tuple[str, ...]
    """Of those the authority would not change, each with its word on it."""
    in_effect_at: str
    """UTC, ISO 8601: when the last of the authority's answers came."""
    in_time: bool


EVIDENCE: dict[str, type[Evidence]] = {kind.__name__: kind for kind in Evidence.__subclasses__()}
"""Evidence types by name, as archive rows name them."""


def from_record(kind: str, record: dict[str, Any]) -> Evidence:
    """Rebuild evidence from its archived values. Raises `KeyError` or `TypeError` on a record of another edition.

    What a later version records besides has a default, so that a case of an earlier one can be gone on with.
    """
    evidence = EVIDENCE[kind]
    known = [f.name for f in fields(evidence) if f.name in record]
    values = {name: tuple(v) if isinstance(v := record[name], list) else v for name in known}
    return evidence(**values)
