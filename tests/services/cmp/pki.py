"""Keys and certificates around a CMP server: the office, the responder, and the CA that issued to both."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from kiosk.ca.authority_key import AuthorityKey
from kiosk.ca.root import load_or_create

CMC_CA = x509.ObjectIdentifier("1.3.6.1.5.5.7.3.27")
ISSUERS_NAME, OFFICE_NAME, RESPONDER_NAME = "TEST Infrastructure CA", "TEST Registration Office", "TEST Responder"


@dataclass(frozen=True)
class Identity:
    """A key and its certificate."""

    key: rsa.RSAPrivateKey
    certificate: x509.Certificate

    def key_pem(self) -> bytes:
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    def certificate_pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)


@dataclass(frozen=True)
class Pki:
    """Everybody in a conversation."""

    ca: AuthorityKey
    """Issues to citizens."""
    infrastructure: Identity
    """Issued the two below."""
    office: Identity
    responder: Identity

    def write(self, folder: Path) -> None:
        """As PEM files: `chain`, `infrastructure`, `office`, `office.key`, `responder`, `responder.key`."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "chain.pem").write_text(self.ca.chain_pem())
        (folder / "infrastructure.pem").write_bytes(self.infrastructure.certificate_pem())
        for name, identity in (("office", self.office), ("responder", self.responder)):
            (folder / f"{name}.pem").write_bytes(identity.certificate_pem())
            key = folder / f"{name}.key"
            key.touch(mode=0o600)
            key.write_bytes(identity.key_pem())


def make_pki(folder: Path, now: datetime | None = None) -> Pki:
    """All of it new, but for an authority that is in `folder` already."""
    now = now or datetime.now(UTC)
    key = _key()
    infrastructure = Identity(key, certificate_for(ISSUERS_NAME, key.public_key(), None, now, signer=key))
    return Pki(
        ca=load_or_create(folder / "test-authority", now),
        infrastructure=infrastructure,
        office=issue(OFFICE_NAME, infrastructure, now),
        responder=issue(RESPONDER_NAME, infrastructure, now, use=CMC_CA),
    )


def issue(
    name: str,
    issuer: Identity,
    now: datetime,
    *,
    use: x509.ObjectIdentifier | None = None,
    days: tuple[int, int] = (-10, 365),
    address: str = "",
) -> Identity:
    """A new key with a certificate for messages, or for a server at an IP address; days from and until `now`."""
    key = _key()
    return Identity(key, certificate_for(name, key.public_key(), issuer, now, use=use, days=days, address=address))


def redated(identity: Identity, issuer: Identity, now: datetime, days: tuple[int, int]) -> Identity:
    """The same key and name with another validity."""
    name = identity.certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value
    return Identity(identity.key, certificate_for(str(name), identity.key.public_key(), issuer, now, days=days))


def _key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def certificate_for(
    name: str,
    key: rsa.RSAPublicKey,
    issuer: Identity | None,
    now: datetime,
    *,
    signer: rsa.RSAPrivateKey | None = None,
    use: x509.ObjectIdentifier | None = None,
    days: tuple[int, int] = (-10, 365),
    address: str = "",
) -> x509.Certificate:
    """A certificate for that key; self-signed by `signer` when there is no issuer, and then a CA's."""
    subject = x509.Name([x509.NameAttribute(NameOID.COUNTRY_NAME, "RS"), x509.NameAttribute(NameOID.COMMON_NAME, name)])
    issuer_name = issuer.certificate.subject if issuer else subject
    signing = issuer.key if issuer else signer
    assert signing is not None
    builder = (
        x509.CertificateBuilder(issuer_name, subject, key, x509.random_serial_number())
        .not_valid_before(now.replace(microsecond=0) + timedelta(days=days[0]))
        .not_valid_after(now.replace(microsecond=0) + timedelta(days=days[1]))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(_usage(issuer is None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signing.public_key()), critical=False)
    )
    if use is not None:
        builder = builder.add_extension(x509.ExtendedKeyUsage([use]), critical=False)
    if address:
        names = x509.SubjectAlternativeName([x509.IPAddress(ip_address(address))])
        builder = builder.add_extension(names, critical=False)
    return builder.sign(signing, hashes.SHA256())


def _usage(is_ca: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not is_ca,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_ca,
        crl_sign=is_ca,
        encipher_only=False,
        decipher_only=False,
    )
