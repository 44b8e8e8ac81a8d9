"""A key that lives in the chip, as `cryptography` wants to see a private key; and PKCS#10 made with it."""

from __future__ import annotations

from typing import Any, NoReturn, Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.asymmetric.padding import AsymmetricPadding

from hardware.interface import Chip, KeyPair
from kiosk.enrolment.errors import ProofFailed


def public_key_of(pair: KeyPair) -> rsa.RSAPublicKey:
    """The pair's public key. Raises `ProofFailed` if it is not RSA with at least 2048 bits."""
    try:
        key = serialization.load_der_public_key(pair.public_key)
    except ValueError as error:
        raise ProofFailed("public_key") from error
    if not isinstance(key, rsa.RSAPublicKey) or key.key_size < 2048:
        raise ProofFailed("public_key")
    return key


class ChipKey(rsa.RSAPrivateKey):
    """Signs by asking the chip; only RSASSA-PKCS1-v1_5 with SHA-256, and never gives the key away."""

    def __init__(self, chip: Chip, pair: KeyPair) -> None:
        self._chip = chip
        self._key_id = pair.key_id
        self._public = public_key_of(pair)

    @property
    def key_size(self) -> int:
        return self._public.key_size

    def public_key(self) -> rsa.RSAPublicKey:
        return self._public

    def sign(self, data: Any, padding: AsymmetricPadding, algorithm: Any) -> bytes:
        if not isinstance(algorithm, hashes.SHA256) or padding.name != "EMSA-PKCS1-v1_5":
            raise ValueError("the chip signs RSASSA-PKCS1-v1_5 with SHA-256 only")
        return self._chip.sign(self._key_id, bytes(data))

    def decrypt(self, ciphertext: Any, padding: AsymmetricPadding) -> bytes:
        raise NotImplementedError("the kiosk decrypts nothing with a citizen's key")

    def private_numbers(self) -> NoReturn:
        raise NotImplementedError("a private key never leaves the chip")

    def private_bytes(self, encoding: Any, format: Any, encryption_algorithm: Any) -> NoReturn:
        raise NotImplementedError("a private key never leaves the chip")

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self


def certification_request(chip: Chip, pair: KeyPair, subject: x509.Name, email: str | None = None) -> bytes:
    """PKCS#10 (RFC 2986), DER, signed once by the chip. Raises `ProofFailed` if its own signature does not verify."""
    builder = x509.CertificateSigningRequestBuilder(subject_name=subject)
    if email is not None and email.isascii():
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.RFC822Name(email)]), critical=False)
    csr = builder.sign(ChipKey(chip, pair), hashes.SHA256())
    if not csr.is_signature_valid:
        raise ProofFailed("csr_signature")
    return csr.public_bytes(serialization.Encoding.DER)


def prove_possession(chip: Chip, key_id: bytes, certificate: bytes, nonce: bytes) -> None:
    """Let the chip sign `nonce` and verify it with the certificate. Raises `ProofFailed`."""
    from cryptography.exceptions import InvalidSignature

    public_key = x509.load_der_x509_certificate(certificate).public_key()
    if not isinstance(public_key, rsa.RSAPublicKey):
        raise ProofFailed("key_type")
    try:
        public_key.verify(chip.sign(key_id, nonce), nonce, padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature as error:
        raise ProofFailed("nonce_signature") from error
