"""Certificates to write: plainly for tests, each over a public key of the token under test."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, load_der_public_key
from cryptography.x509.oid import NameOID


def contract_certificate(public_key: bytes, common_name: str) -> bytes:
    """A certificate (DER) over that SubjectPublicKeyInfo."""
    key = load_der_public_key(public_key)
    assert not isinstance(key, ec.EllipticCurvePublicKey)
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "TEST contract issuer")]))
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1))
        .public_key(key)  # type: ignore[arg-type]  # the loader's union is wider than what can be certified
    )
    return builder.sign(ec.generate_private_key(ec.SECP256R1()), SHA256()).public_bytes(Encoding.DER)
