"""Whether a message comes from the authority: its signature, and who may sign (RFC 9810, 5.1.3; RFC 9483, 3.5)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

from kiosk.ca.chain import is_authority, is_issued_by
from kiosk.ca.check import UNREADABLE
from kiosk.ca.cmp.reading import Message
from kiosk.ca.interface import ProtocolAlarm

RSA_HASHES: dict[str, hashes.HashAlgorithm] = {
    "1.2.840.113549.1.1.11": hashes.SHA256(),
    "1.2.840.113549.1.1.12": hashes.SHA384(),
    "1.2.840.113549.1.1.13": hashes.SHA512(),
}
ECDSA_HASHES: dict[str, hashes.HashAlgorithm] = {
    "1.2.840.10045.4.3.2": hashes.SHA256(),
    "1.2.840.10045.4.3.3": hashes.SHA384(),
    "1.2.840.10045.4.3.4": hashes.SHA512(),
}
ED25519 = "1.3.101.112"

CMC_CA = x509.ObjectIdentifier("1.3.6.1.5.5.7.3.27")
CMC_RA = x509.ObjectIdentifier("1.3.6.1.5.5.7.3.28")
"""Extended key usages of those who may answer for a CA (RFC 9480, 2.2)."""
LONGEST_CHAIN = 4


@dataclass(frozen=True, slots=True)
class Trust:
    """Whose signature on a message is believed.

    Not everybody certified below an anchor: citizens are, too. It is an anchor itself; or the certificate below one
    whose subject is `responder`; or, when `responder` is empty, one whose extended key usage says that it answers for
    a CA.
    """

    anchors: tuple[x509.Certificate, ...]
    responder: bytes = b""
    """Name, DER."""


def require_protection(message: Message, trust: Trust, now: datetime) -> None:
    """Raise `ProtocolAlarm` beginning with `protection` unless somebody in `trust` has signed the message."""
    if not message.protection:
        failures = ", ".join(sorted(message.status.failures)) if message.status else ""
        raise ProtocolAlarm(f"protection: none ({message.body} {failures})".replace(" )", ")"))
    try:
        _require_signer(message, trust, now)
    except UNREADABLE as error:
        # Parts of a certificate are parsed only when they are asked for.
        raise ProtocolAlarm("protection: a certificate that cannot be read") from error


def _require_signer(message: Message, trust: Trust, now: datetime) -> None:
    received = tuple(_parsed(message.certificates))
    signer = _signer(message, (*received, *trust.anchors))
    if signer.subject.public_bytes() != message.sender:
        raise ProtocolAlarm("protection: the sender is not the signer")
    if not _may_answer(signer, trust):
        raise ProtocolAlarm("protection: the signer may not answer for the authority")
    if not _is_below(signer, received, trust.anchors, now):
        raise ProtocolAlarm("protection: the signer is not below a trusted anchor")


def _parsed(certificates: Sequence[bytes]) -> Iterator[x509.Certificate]:
    for certificate in certificates:
        try:
            yield x509.load_der_x509_certificate(certificate)
        except UNREADABLE:
            # An authority may send along what we cannot read, as long as something else verifies the message.
            continue


def _signer(message: Message, candidates: Sequence[x509.Certificate]) -> x509.Certificate:
    for candidate in candidates:
        if _has_signed(message, candidate):
            return candidate
    raise ProtocolAlarm("protection: the signature is not over this message")


def _has_signed(message: Message, candidate: x509.Certificate) -> bool:
    try:
        key = candidate.public_key()
        if isinstance(key, rsa.RSAPublicKey) and message.algorithm in RSA_HASHES:
            key.verify(message.protection, message.protected, padding.PKCS1v15(), RSA_HASHES[message.algorithm])
        elif isinstance(key, ec.EllipticCurvePublicKey) and message.algorithm in ECDSA_HASHES:
            key.verify(message.protection, message.protected, ec.ECDSA(ECDSA_HASHES[message.algorithm]))
        elif isinstance(key, ed25519.Ed25519PublicKey) and message.algorithm == ED25519:
            key.verify(message.protection, message.protected)
        else:
            return False
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return False
    return True


def _may_answer(signer: x509.Certificate, trust: Trust) -> bool:
    if signer in trust.anchors:
        return True
    if trust.responder:
        return signer.subject.public_bytes() == trust.responder and _may_sign_messages(signer)
    return _may_sign_messages(signer) and bool({CMC_CA, CMC_RA} & _extended_uses(signer))


def _may_sign_messages(signer: x509.Certificate) -> bool:
    try:
        return signer.extensions.get_extension_for_class(x509.KeyUsage).value.digital_signature
    except x509.ExtensionNotFound:
        return True
    except UNREADABLE:
        return False


def _extended_uses(signer: x509.Certificate) -> set[x509.ObjectIdentifier]:
    try:
        return set(signer.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value)
    except (x509.ExtensionNotFound, *UNREADABLE):
        return set()


def _is_below(
    certificate: x509.Certificate,
    between: Sequence[x509.Certificate],
    anchors: Sequence[x509.Certificate],
    now: datetime,
    longest: int = LONGEST_CHAIN,
) -> bool:
    if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
        return False
    if certificate in anchors:
        return True
    issuers = [*anchors, *between] if longest else []
    return any(
        is_issued_by(certificate, issuer)
        and is_authority(issuer)
        and _is_below(issuer, between, anchors, now, longest - 1)
        for issuer in issuers
    )
