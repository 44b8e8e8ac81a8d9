"""Whether certificates issue each other up to a pinned root (RFC 5280, 6.1, for a chain that is known in advance)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

STRONG_HASHES = frozenset({"sha256", "sha384", "sha512"})


class BrokenChain(Exception):
    """A link does not hold. The message is a short key and the link's number, the first certificate being 0."""


def verify_chain(authorities: Sequence[x509.Certificate], now: datetime) -> None:
    """Check CA flags, validity at `now` and signatures of CA certificates, issuing CA first, self-signed root last.

    Raises `BrokenChain`.
    """
    for number, certificate in enumerate(authorities):
        issuer = authorities[min(number + 1, len(authorities) - 1)]
        if not is_authority(certificate):
            raise BrokenChain(f"not a CA: {number}")
        if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
            raise BrokenChain(f"not valid now: {number}")
        if not is_issued_by(certificate, issuer):
            raise BrokenChain(f"signature: {number}")


def is_issued_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Whether names fit and the signature holds, over a hash that is still trusted."""
    try:
        certificate.verify_directly_issued_by(issuer)
        algorithm = certificate.signature_hash_algorithm
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return algorithm is not None and algorithm.name in STRONG_HASHES


def is_authority(certificate: x509.Certificate) -> bool:
    """Whether a certificate says that its key may sign certificates (RFC 5280, 4.2.1.3 and 4.2.1.9)."""
    try:
        constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except (ValueError, x509.ExtensionNotFound, x509.DuplicateExtension, x509.UnsupportedGeneralNameType):
        return False
    return constraints.ca and usage.key_cert_sign
