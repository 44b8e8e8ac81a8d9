"""The certificate revocation list of an authority of our own (RFC 5280, 5): full, direct, numbered."""

from __future__ import annotations

from datetime import timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from kiosk.ca.authority_key import AuthorityKey
from kiosk.ca.register import ListIssue
from kiosk.ca.status import CertificateStatus

VALID_FOR = timedelta(hours=24)
"""From thisUpdate to nextUpdate."""
REASONS = {
    1: x509.ReasonFlags.key_compromise,
    3: x509.ReasonFlags.affiliation_changed,
    4: x509.ReasonFlags.superseded,
    5: x509.ReasonFlags.cessation_of_operation,
    6: x509.ReasonFlags.certificate_hold,
    9: x509.ReasonFlags.privilege_withdrawn,
}
"""By CRLReason. `unspecified` is not among them: the extension is then left out (RFC 5280, 5.3.1)."""


def revocation_list(ca: AuthorityKey, issue: ListIssue) -> bytes:
    """The CRL of `issue`, signed with SHA-256 and PKCS #1 v1.5; DER. The same issue gives the same bytes."""
    issuer_key = ca.issuing.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    # The entries all at once: added one by one, the builder copies them each time.
    builder = x509.CertificateRevocationListBuilder(revoked_certificates=[_entry(status) for status in issue.entries])
    return (
        builder.issuer_name(ca.issuing.subject)
        .last_update(issue.this_update)
        .next_update(issue.next_update)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(issuer_key), False)
        .add_extension(x509.CRLNumber(issue.number), False)
        .sign(ca.private_key, hashes.SHA256())
        .public_bytes(Encoding.DER)
    )


def _entry(status: CertificateStatus) -> x509.RevokedCertificate:
    if status.since is None:
        raise ValueError("an active certificate on a revocation list")
    builder = x509.RevokedCertificateBuilder(int(status.serial, 16), status.since)
    if status.reason in REASONS:
        builder = builder.add_extension(x509.CRLReason(REASONS[status.reason]), False)
    return builder.build()
