"""The registration office's own key and certificate: what every CMP message is signed with (RFC 9483, 3.2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from kiosk.ca import der
from kiosk.ca.interface import AuthFailed

SHA256_WITH_RSA = "1.2.840.113549.1.1.11"
ECDSA_WITH_SHA256 = "1.2.840.10045.4.3.2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """`private_key` may be opaque, in a token: all that is asked of it is `sign` with SHA-256, once a message."""

    private_key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...] = ()
    """What the authority may need to find its way from the certificate to an anchor of its own."""

    def check(self, now: datetime) -> None:
        """Raise `AuthFailed` unless key, certificate and the time fit: an authority would refuse every message."""
        if self.private_key.public_key() != self.certificate.public_key():
            raise AuthFailed("the registration office's key is not the one in its certificate")
        if now < self.certificate.not_valid_before_utc:
            raise AuthFailed("the registration office's certificate is not valid yet")
        if now > self.certificate.not_valid_after_utc:
            raise AuthFailed("the registration office's certificate has expired")

    @property
    def name(self) -> bytes:
        """Its subject, DER."""
        return self.certificate.subject.public_bytes()

    @property
    def key_identifier(self) -> bytes:
        """How the authority finds the certificate among many: its subjectKeyIdentifier, or one made the same way."""
        try:
            extension = self.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
        except x509.ExtensionNotFound:
            return x509.SubjectKeyIdentifier.from_public_key(self.certificate.public_key()).digest
        return extension.value.digest

    @property
    def algorithm(self) -> bytes:
        """AlgorithmIdentifier of the signatures, DER (RFC 4055, 5; RFC 5758, 3.2)."""
        if isinstance(self.private_key, rsa.RSAPrivateKey):
            return der.sequence(der.oid(SHA256_WITH_RSA), der.tlv(0x05))
        return der.sequence(der.oid(ECDSA_WITH_SHA256))

    def sign(self, message: bytes) -> bytes:
        """The signature over `message`; one operation of the key. A token's errors come as they are."""
        if isinstance(self.private_key, rsa.RSAPrivateKey):
            return self.private_key.sign(message, padding.PKCS1v15(), hashes.SHA256())
        return self.private_key.sign(message, ec.ECDSA(hashes.SHA256()))

    def certificates(self) -> tuple[bytes, ...]:
        """Its own first; DER."""
        return tuple(certificate.public_bytes(Encoding.DER) for certificate in (self.certificate, *self.chain))
