"""What a citizen's certificates look like: the profiles of ETSI EN 319 412-2 and -5, as pure data.

Whoever signs and whoever checks use the same table, so a certificate is either exactly what was ordered or refused;
the linters are the independent judge of the table itself.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID

from kiosk.ca.interface import Profile
from kiosk.ca.practice import TEST_PRACTICE, Practice
from kiosk.ca.qc_statements import qc_statements
from kiosk.ca.subject import UnusableSubject

QC_STATEMENTS = x509.ObjectIdentifier("1.3.6.1.5.5.7.1.3")
QCP_N_QSCD = x509.ObjectIdentifier("0.4.0.194112.1.2")
"""EN 319 411-2: qualified, natural person, key in a qualified device."""
NCP_PLUS = x509.ObjectIdentifier("0.4.0.2042.1.2")
"""EN 319 411-1: normalized, key in a secure device."""

_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,63}")


@dataclass(frozen=True, slots=True)
class Extension:
    """An extension and whether it is critical."""

    value: x509.ExtensionType
    critical: bool = False


def extensions(
    profile: Profile,
    email: str | None,
    public_key: CertificatePublicKeyTypes,
    issuer: x509.Certificate,
    practice: Practice = TEST_PRACTICE,
) -> Sequence[Extension]:
    """All extensions of a certificate, in order. Raises `UnusableSubject` for an e-mail address that is none."""
    issuer_key = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    listed = [
        Extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(issuer_key)),
        Extension(x509.SubjectKeyIdentifier.from_public_key(public_key)),
        Extension(_key_usage(profile, practice), critical=True),
        Extension(_policies(profile, practice)),
        Extension(_distribution_points(practice)),
        Extension(_information_access(practice)),
    ]
    if email is not None:
        listed.append(Extension(x509.SubjectAlternativeName([x509.RFC822Name(_checked_address(email))])))
    if profile is Profile.AUTHENTICATION:
        listed.append(Extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])))
    else:
        statements = qc_statements(
            retention_years=practice.retention_years,
            disclosure=practice.disclosure,
            legislation=practice.legislation,
        )
        listed.append(Extension(x509.UnrecognizedExtension(QC_STATEMENTS, statements)))
    return listed


def end_of_validity(not_before: datetime, years: int) -> datetime:
    """The last second of `years` years from `not_before`: both ends count (RFC 5280, 4.1.2.5).

    From 29 February it ends as from 28 February when the last year has none; never later than promised.
    """
    year = not_before.year + years
    day = min(not_before.day, calendar.monthrange(year, not_before.month)[1])
    return not_before.replace(year=year, day=day) - timedelta(seconds=1)


def _key_usage(profile: Profile, practice: Practice) -> x509.KeyUsage:
    """Exactly one use each (EN 319 412-2, 4.3.2: types A and C), unless the practice is another."""
    return x509.KeyUsage(
        digital_signature=profile is Profile.AUTHENTICATION or practice.combined_key_usage,
        content_commitment=profile is Profile.SIGNATURE,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )


def _policies(profile: Profile, practice: Practice) -> x509.CertificatePolicies:
    etsi = QCP_N_QSCD if profile is Profile.SIGNATURE else NCP_PLUS
    own = x509.PolicyInformation(x509.ObjectIdentifier(practice.policy(profile)), [practice.practice_statement])
    return x509.CertificatePolicies([own, x509.PolicyInformation(etsi, None)])


def _distribution_points(practice: Practice) -> x509.CRLDistributionPoints:
    address = x509.UniformResourceIdentifier(practice.revocation_list)
    return x509.CRLDistributionPoints([x509.DistributionPoint([address], None, None, None)])


def _information_access(practice: Practice) -> x509.AuthorityInformationAccess:
    methods = {
        AuthorityInformationAccessOID.OCSP: practice.status_service,
        AuthorityInformationAccessOID.CA_ISSUERS: practice.issuer_certificate,
    }
    return x509.AuthorityInformationAccess(
        [x509.AccessDescription(method, x509.UniformResourceIdentifier(url)) for method, url in methods.items()]
    )


def _checked_address(email: str) -> str:
    """RFC 5280, 4.2.1.6: a mailbox in ASCII; an internationalised one would need another name form."""
    if not _ADDRESS.fullmatch(email):
        raise UnusableSubject("email")
    return email
