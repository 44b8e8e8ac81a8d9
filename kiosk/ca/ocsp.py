"""Answers to OCSP requests (RFC 6960, in the profile of RFC 5019: one certificate a request), by a delegated key."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.ocsp import (
    OCSPCertStatus,
    OCSPRequest,
    OCSPResponderEncoding,
    OCSPResponse,
    OCSPResponseBuilder,
    OCSPResponseStatus,
    load_der_ocsp_request,
)

from kiosk.ca.crl import REASONS
from kiosk.ca.status import CertificateStatus, Standing

VALID_FOR = timedelta(hours=8)
"""From thisUpdate to nextUpdate of an answer."""
LONGEST_NONCE = 32
"""RFC 8954, 2.1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Responder:
    """The delegated key: its certificate says OCSPSigning and id-pkix-ocsp-nocheck."""

    private_key: rsa.RSAPrivateKey
    certificate: x509.Certificate
    issuing: x509.Certificate
    """The CA that delegates, and about whose certificates it answers."""


def answer(
    request: bytes, responder: Responder, status_of: Callable[[str], CertificateStatus | None], now: datetime
) -> bytes:
    """The DER answer to a DER request, whatever it is: what cannot be answered is refused in the protocol's own way.

    `malformedRequest` for what is no request of one certificate, `unauthorized` for another authority's certificate.
    """
    try:
        parsed = load_der_ocsp_request(request)
        serial = _serial(parsed)
        nonce = _nonce(parsed)
        mine = _is_about(parsed, responder.issuing)
    except (ValueError, NotImplementedError, UnsupportedAlgorithm, x509.DuplicateExtension):
        return _refusal(OCSPResponseStatus.MALFORMED_REQUEST)
    if not mine:
        return _refusal(OCSPResponseStatus.UNAUTHORIZED)
    response = _signed(parsed, nonce, responder, status_of(serial), now.replace(microsecond=0))
    return response.public_bytes(Encoding.DER)


def _refusal(status: OCSPResponseStatus) -> bytes:
    return OCSPResponseBuilder.build_unsuccessful(status).public_bytes(Encoding.DER)


def _serial(request: OCSPRequest) -> str:
    if request.serial_number < 0:
        raise ValueError("a serial number that no certificate can have")
    return f"{request.serial_number:x}"


def _nonce(request: OCSPRequest) -> x509.OCSPNonce | None:
    try:
        nonce = request.extensions.get_extension_for_class(x509.OCSPNonce).value
    except x509.ExtensionNotFound:
        return None
    if not 0 < len(nonce.nonce) <= LONGEST_NONCE:
        raise ValueError("a nonce of a length that RFC 8954 does not know")
    return nonce


def _is_about(request: OCSPRequest, issuing: x509.Certificate) -> bool:
    """Both hashes of RFC 6960, 4.1.1: over the issuer's name, and over its key without the algorithm around it."""
    key = issuing.public_key()
    if not isinstance(key, rsa.RSAPublicKey):
        return False
    hashed = (
        _hash(issuing.subject.public_bytes(), request.hash_algorithm),
        _hash(key.public_bytes(Encoding.DER, PublicFormat.PKCS1), request.hash_algorithm),
    )
    return hashed == (request.issuer_name_hash, request.issuer_key_hash)


def _hash(data: bytes, algorithm: hashes.HashAlgorithm) -> bytes:
    digest = hashes.Hash(algorithm)
    digest.update(data)
    return digest.finalize()


def _signed(
    request: OCSPRequest,
    nonce: x509.OCSPNonce | None,
    responder: Responder,
    status: CertificateStatus | None,
    now: datetime,
) -> OCSPResponse:
    is_bad = status is not None and status.standing is not Standing.ACTIVE
    builder = (
        OCSPResponseBuilder()
        .add_response_by_hash(
            request.issuer_name_hash,
            request.issuer_key_hash,
            request.serial_number,
            request.hash_algorithm,
            _cert_status(status),
            now,
            now + VALID_FOR,
            status.since if status is not None and is_bad else None,
            REASONS.get(status.reason) if status is not None and is_bad else None,
        )
        .responder_id(OCSPResponderEncoding.HASH, responder.certificate)
        .certificates([responder.certificate])
    )
    if nonce is not None:
        builder = builder.add_extension(nonce, False)
    return builder.sign(responder.private_key, hashes.SHA256())


def _cert_status(status: CertificateStatus | None) -> OCSPCertStatus:
    if status is None:
        return OCSPCertStatus.UNKNOWN
    return OCSPCertStatus.GOOD if status.standing is Standing.ACTIVE else OCSPCertStatus.REVOKED
