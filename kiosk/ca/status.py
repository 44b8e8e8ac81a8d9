"""The status of a certificate and what may become of it (RFC 5280, 5.3.1; procedure of Образац 3). Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum

from kiosk.ca.interface import StatusAction, StatusChange

CERTIFICATE_HOLD = 6
"""CRLReason of a suspended certificate."""


class Standing(Enum):
    """What a certificate may be used for at the moment."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateStatus:
    """The status of one certificate, as it stands in the register and on the CRL."""

    serial: str
    """Lower-case hex."""
    standing: Standing = Standing.ACTIVE
    since: datetime | None = None
    """Revocation date on the CRL, UTC; `None` while active. Of a hold that became a revocation: the date of the hold,
    since the certificate has not been good from then on (X.509, 8.5.2.2)."""
    reason: int = 0
    """CRLReason; 6 while suspended."""


class FinalStatus(Exception):
    """The certificate is revoked, and a revoked one can be neither suspended nor reactivated."""


def changed(current: CertificateStatus, change: StatusChange, now: datetime) -> CertificateStatus:
    """The status after `change`; `current` itself when it is so already. Raises `FinalStatus`."""
    if current.standing is Standing.REVOKED:
        if change.action is not StatusAction.REVOKE:
            raise FinalStatus(current.serial)
        return current
    since = current.since or now.replace(microsecond=0)
    match change.action:
        case StatusAction.HOLD:
            return replace(current, standing=Standing.SUSPENDED, since=since, reason=CERTIFICATE_HOLD)
        case StatusAction.RELEASE:
            return CertificateStatus(serial=current.serial)
        case StatusAction.REVOKE:
            return replace(current, standing=Standing.REVOKED, since=since, reason=change.reason.value)
