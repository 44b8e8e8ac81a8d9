"""An authority's private key with the certificates that say whose it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from kiosk.ca.chain import BrokenChain, verify_chain
from kiosk.ca.interface import AuthorityUnusable
from kiosk.ca.practice import TEST_PRACTICE, Practice


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorityKey:
    """The issuing CA. `private_key` may be opaque: all that is asked of it is `sign` with PKCS #1 v1.5.

    RSA only: signing the same order again after a cut must give the same bytes, which ECDSA does not.
    """

    private_key: rsa.RSAPrivateKey
    certificates: tuple[x509.Certificate, ...]
    """Issuing CA first, root last."""
    practice: Practice = TEST_PRACTICE

    @property
    def issuing(self) -> x509.Certificate:
        """The certificate of the CA that signs."""
        return self.certificates[0]

    @property
    def name(self) -> str:
        """Common name of the issuing CA."""
        return str(self.issuing.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)

    def chain(self) -> tuple[bytes, ...]:
        """Issuing CA first, root last; DER."""
        return tuple(certificate.public_bytes(Encoding.DER) for certificate in self.certificates)

    def chain_pem(self) -> str:
        """The same, as PEM blocks one after the other: what `openssl verify` takes."""
        return "".join(certificate.public_bytes(Encoding.PEM).decode("ascii") for certificate in self.certificates)

    def check(self, now: datetime) -> None:
        """Raise `AuthorityUnusable` unless key, certificates and the time fit together."""
        if self.private_key.public_key() != self.issuing.public_key():
            raise AuthorityUnusable("the private key is not the one in the issuing certificate")
        try:
            verify_chain(self.certificates, now)
        except BrokenChain as broken:
            raise AuthorityUnusable(str(broken)) from broken
