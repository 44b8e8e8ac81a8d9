"""The certificates of the TEST root and of its issuing CA (RFC 5280; ETSI EN 319 412-3 for the names)."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

from kiosk.ca.profile import end_of_validity

ROOT_NAME = "TEST Root CA"
ISSUING_NAME = "TEST Citizens CA"
RESPONDER_NAME = "TEST Status Responder"
ORGANIZATION = "TEST Registration Kiosk"
YEARS = 20
RESPONDER_DAYS = 90
"""Short, because nobody asks whether a responder itself is revoked (id-pkix-ocsp-nocheck; RFC 6960, 4.2.2.2.1)."""
SKEW = timedelta(minutes=5)
"""A CA certificate begins a little earlier, so that a clock put right does not make it not yet valid."""

ROOT_REVOCATION_LIST = "http://test-authority.example.com/root.crl"
ROOT_CERTIFICATE = "http://test-authority.example.com/root.crt"


def random_serial() -> int:
    """127 random bits: never negative, never zero in practice, and shorter than the 20 bytes of RFC 5280, 4.1.2.2."""
    return secrets.randbits(127)


def make_root(key: rsa.RSAPrivateKey, now: datetime) -> x509.Certificate:
    """A self-signed TEST root, valid for 20 years from `now`."""
    name = _name(ROOT_NAME)
    public_key = key.public_key()
    return (
        _base(name, name, public_key, now, path_length=None)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(public_key), False)
        .sign(key, hashes.SHA256())
    )


def make_issuing(
    key: rsa.RSAPublicKey, root: x509.Certificate, root_key: rsa.RSAPrivateKey, now: datetime
) -> x509.Certificate:
    """The TEST issuing CA under `root`, for citizens' certificates only, valid for 20 years from `now`."""
    location = x509.UniformResourceIdentifier(ROOT_REVOCATION_LIST)
    issuer = x509.AccessDescription(
        AuthorityInformationAccessOID.CA_ISSUERS, x509.UniformResourceIdentifier(ROOT_CERTIFICATE)
    )
    root_identifier = root.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    return (
        _base(_name(ISSUING_NAME), root.subject, key, now, path_length=0)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(root_identifier), False)
        .add_extension(
            x509.CertificatePolicies([x509.PolicyInformation(x509.ObjectIdentifier("2.5.29.32.0"), None)]), False
        )
        .add_extension(x509.CRLDistributionPoints([x509.DistributionPoint([location], None, None, None)]), False)
        .add_extension(x509.AuthorityInformationAccess([issuer]), False)
        .sign(root_key, hashes.SHA256())
    )


def make_responder(
    key: rsa.RSAPublicKey, issuing: x509.Certificate, issuing_key: rsa.RSAPrivateKey, now: datetime
) -> x509.Certificate:
    """The certificate of a key to which `issuing` delegates its OCSP answers, valid for 90 days from `now`."""
    not_before = now.replace(microsecond=0) - SKEW
    identifier = issuing.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    return (
        x509.CertificateBuilder(subject_name=_name(RESPONDER_NAME), issuer_name=issuing.subject)
        .public_key(key)
        .serial_number(random_serial())
        .not_valid_before(not_before)
        .not_valid_after(min(not_before + timedelta(days=RESPONDER_DAYS), issuing.not_valid_after_utc))
        .add_extension(_usage(digital_signature=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING]), critical=False)
        .add_extension(x509.OCSPNoCheck(), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), critical=False)
        .sign(issuing_key, hashes.SHA256())
    )


def _base(
    subject: x509.Name, issuer: x509.Name, key: rsa.RSAPublicKey, now: datetime, path_length: int | None
) -> x509.CertificateBuilder:
    not_before = now.replace(microsecond=0) - SKEW
    return (
        x509.CertificateBuilder(subject_name=subject, issuer_name=issuer)
        .public_key(key)
        .serial_number(random_serial())
        .not_valid_before(not_before)
        .not_valid_after(end_of_validity(not_before, YEARS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=path_length), critical=True)
        .add_extension(_usage(authority=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(*, authority: bool = False, digital_signature: bool = False) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "RS"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, ORGANIZATION),
            x509.NameAttribute(NameOID.ORGANIZATION_IDENTIFIER, "VATRS-000000000"),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )
