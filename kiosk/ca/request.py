"""The key in a PKCS#10 request, once its holder has proved to have it (RFC 2986)."""

from __future__ import annotations

import hashlib

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

SMALLEST_KEY_BITS = 2048
LARGEST_KEY_BITS = 4096
"""RSA sizes that ETSI TS 119 312 allows and a card can hold; checking a signature of a bigger key only costs time."""
SMALLEST_EXPONENT = 65537


class UnusableRequest(Exception):
    """The request cannot be certified. `code` is the name of RFC 4210's PKIFailureInfo bit."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def requested_key(csr: bytes) -> rsa.RSAPublicKey:
    """The public key of a DER request, checked: an RSA key of a usable size, and possession proved.

    Raises `UnusableRequest` with `badDataFormat`, `badAlg` or `badPOP`.
    """
    try:
        request = x509.load_der_x509_csr(csr)
        key = request.public_key()
    except (ValueError, UnsupportedAlgorithm) as error:
        raise UnusableRequest("badDataFormat") from error
    if not isinstance(key, rsa.RSAPublicKey) or not _is_usable(key):
        raise UnusableRequest("badAlg")
    if not _is_proved(request):
        raise UnusableRequest("badPOP")
    return key


def key_bytes(key: rsa.RSAPublicKey) -> bytes:
    """SubjectPublicKeyInfo, DER."""
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def key_digest(key: rsa.RSAPublicKey) -> bytes:
    """SHA-256 over SubjectPublicKeyInfo: how the register knows a key."""
    return hashlib.sha256(key_bytes(key)).digest()


def _is_usable(key: rsa.RSAPublicKey) -> bool:
    return SMALLEST_KEY_BITS <= key.key_size <= LARGEST_KEY_BITS and key.public_numbers().e >= SMALLEST_EXPONENT


def _is_proved(request: x509.CertificateSigningRequest) -> bool:
    try:
        return request.is_signature_valid
    except (ValueError, UnsupportedAlgorithm):
        return False
