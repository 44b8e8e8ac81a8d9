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
    infrastructure = _issue(ISSUERS_NAME, None, now, is_ca=True)
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
    """A certificate for signing messages, or for a server at an IP address; days from and until `now`."""
    return _issue(name, issuer, now, is_ca=False, use=use, days=days, address=address)


def renamed(identity: Identity, issuer: Identity, now: datetime, days: tuple[int, int]) -> Identity:
    """The same key and name with another validity."""
    name = identity.certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value
    return _issue(str(name), issuer, now, is_ca=False, days=days, key=identity.key)


def _issue(
    name: str,
    issuer: Identity | None,
    now: datetime,
    *,
    is_ca: bool,
    use: x509.ObjectIdentifier | None = None,
    days: tuple[int, int] = (-10, 365),
    key: rsa.RSAPrivateKey | None = None,
    address: str = "",
) -> Identity:
    key = key or rsa.generate_private_key(public_exponent=65537, key_size=2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COUNTRY_NAME, "RS"), x509.NameAttribute(NameOID.COMMON_NAME, name)])
    signer = issuer or Identity(key, None)  # type: ignore[arg-type]  # only its key is used
    issuer_name = issuer.certificate.subject if issuer else subject
    builder = (
        x509.CertificateBuilder(issuer_name, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now.replace(microsecond=0) + timedelta(days=days[0]))
        .not_valid_after(now.replace(microsecond=0) + timedelta(days=days[1]))
        .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
        .add_extension(_usage(is_ca), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.key.public_key()), critical=False)
    )
    if use is not None:
        builder = builder.add_extension(x509.ExtendedKeyUsage([use]), critical=False)
    if address:
        names = x509.SubjectAlternativeName([x509.IPAddress(ip_address(address))])
        builder = builder.add_extension(names, critical=False)
    return Identity(key, builder.sign(signer.key, hashes.SHA256()))


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
