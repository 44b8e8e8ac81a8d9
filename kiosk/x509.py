"""The little that the desk reads from a certificate; one that cannot be decoded is no reason to stop."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Validity:
    """When a certificate holds, and its number."""

    serial: str
    """Lower-case hex."""
    subject: str
    """Common name."""
    issuer: str
    """Common name of the issuer."""
    not_before: datetime
    not_after: datetime
    """UTC."""
    der: bytes = field(repr=False)
    """The certificate itself."""


def validity_of(der: bytes) -> Validity | None:
    """Read a certificate's number, names and dates; `None` if the bytes are not a certificate (a torn write)."""
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    from hardware.bad_certificates import BAD_CERTIFICATE, quietly

    try:
        with quietly():
            certificate = x509.load_der_x509_certificate(der)
            names = [
                name.get_attributes_for_oid(NameOID.COMMON_NAME) for name in (certificate.subject, certificate.issuer)
            ]
            serial = certificate.serial_number
            not_before, not_after = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    except BAD_CERTIFICATE:
        return None
    subject, issuer = (str(found[0].value) if found else "" for found in names)
    return Validity(
        serial=f"{serial:x}",
        subject=subject,
        issuer=issuer,
        not_before=not_before,
        not_after=not_after,
        der=der,
    )
