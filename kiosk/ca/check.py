"""Whether a certificate is exactly what was ordered; nothing of it is believed before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.x509.oid import ExtensionOID

from kiosk.ca.chain import BrokenChain, is_issued_by, verify_chain
from kiosk.ca.interface import IssueRequest, ProtocolAlarm
from kiosk.ca.lint import findings
from kiosk.ca.practice import TEST_PRACTICE, Practice
from kiosk.ca.profile import QC_STATEMENTS, end_of_validity, extensions
from kiosk.ca.request import UnusableRequest, requested_key
from kiosk.ca.subject import UnusableSubject, subject_name

SKEW = timedelta(minutes=5)
"""How far the authority's clock may be ahead of ours."""

EXTENSION_KEY = {
    ExtensionOID.BASIC_CONSTRAINTS: "basic_constraints",
    ExtensionOID.KEY_USAGE: "key_usage",
    ExtensionOID.EXTENDED_KEY_USAGE: "extended_key_usage",
    ExtensionOID.CERTIFICATE_POLICIES: "policies",
    ExtensionOID.SUBJECT_ALTERNATIVE_NAME: "email",
    QC_STATEMENTS: "qc_statements",
}
"""What an alarm calls the extension that differs; `extensions` for the others."""

UNREADABLE = (
    ValueError,
    TypeError,
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)
"""What the X.509 library raises for bytes that are not, or not wholly, a certificate."""


def check_certificate(
    certificate: bytes,
    request: IssueRequest,
    years: int,
    authorities: Sequence[x509.Certificate],
    now: datetime,
    practice: Practice = TEST_PRACTICE,
) -> str:
    """Verify a DER certificate against its order and the pinned authorities (issuing CA first, root last).

    Returns its serial number in lower-case hex. Raises `ProtocolAlarm` whose message begins with what differs:
    `certificate`, `chain`, `validity`, `key`, `subject`, `email`, `key_usage`, `extended_key_usage`,
    `basic_constraints`, `policies`, `qc_statements`, `extensions` or `lint`; `order` if the order itself is no order.
    """
    try:
        parsed = x509.load_der_x509_certificate(certificate)
        # The signature first: what follows then reads only bytes that the authority has made.
        _check_chain(parsed, authorities, now)
        _check_validity(parsed, years, authorities[0], now)
        _check_content(parsed, request, authorities[0], practice)
    except UNREADABLE as error:
        raise ProtocolAlarm("certificate") from error
    _check_lint(certificate, request, practice)
    return f"{parsed.serial_number:x}"


def _check_chain(certificate: x509.Certificate, authorities: Sequence[x509.Certificate], now: datetime) -> None:
    try:
        verify_chain(authorities, now)
    except BrokenChain as broken:
        raise ProtocolAlarm(f"chain: {broken}") from broken
    if not is_issued_by(certificate, authorities[0]):
        raise ProtocolAlarm("chain: not issued by the pinned authority")


def _check_validity(certificate: x509.Certificate, years: int, issuing: x509.Certificate, now: datetime) -> None:
    begin, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if not begin - SKEW <= now <= end:
        raise ProtocolAlarm("validity: not now")
    if end != end_of_validity(begin, years):
        raise ProtocolAlarm("validity: not as long as ordered")
    if end > issuing.not_valid_after_utc:
        raise ProtocolAlarm("validity: longer than the authority's")


def _check_content(
    certificate: x509.Certificate, request: IssueRequest, issuing: x509.Certificate, practice: Practice
) -> None:
    try:
        key = requested_key(request.csr)
        subject = subject_name(request.subject, request.profile, practice)
        expected = extensions(request.profile, request.email, key, issuing, practice)
    except (UnusableRequest, UnusableSubject) as error:
        raise ProtocolAlarm("order: nothing could have been issued for it") from error
    if certificate.public_key() != key:
        raise ProtocolAlarm("key")
    if certificate.subject.public_bytes() != subject.public_bytes():
        raise ProtocolAlarm("subject")
    _check_extensions(
        {found.oid: (found.critical, found.value.public_bytes()) for found in certificate.extensions},
        {wanted.value.oid: (wanted.critical, wanted.value.public_bytes()) for wanted in expected},
    )


def _check_extensions(
    found: dict[x509.ObjectIdentifier, tuple[bool, bytes]], wanted: dict[x509.ObjectIdentifier, tuple[bool, bytes]]
) -> None:
    """Byte for byte and none besides: an e-mail, a CA flag or a use that nobody ordered is an alarm as well."""
    for oid in sorted(found.keys() | wanted.keys(), key=lambda oid: oid.dotted_string):
        if found.get(oid) != wanted.get(oid):
            raise ProtocolAlarm(f"{EXTENSION_KEY.get(oid, 'extensions')}: {oid.dotted_string}")


def _check_lint(certificate: bytes, request: IssueRequest, practice: Practice) -> None:
    if found := findings(certificate, request.profile, practice):
        raise ProtocolAlarm("lint: " + ", ".join(finding.code for finding in found))
