"""The centre's permit: how many certificates an office may issue by itself, and for how many days.

An office without a network may sign only where the practice statement allows it, so it is off until the centre has
signed a permit for this very authority. The centre's public key is pinned in the settings; the file may come by hand.
"""

from __future__ import annotations

import hashlib
import json
from base64 import b64decode, b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

from kiosk.ca.permit_errors import NotPermitted

PURPOSE = b"registration-kiosk permit 1\n"
"""Before what is signed, so that no signature made for another purpose is ever a permit."""
ASK = "ask the centre for a new one"

SigningKey = ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey
PublicKey = ed25519.Ed25519PublicKey | rsa.RSAPublicKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Permit:
    """What the centre allows one authority."""

    number: str
    """The centre's own number; certificates are counted under it."""
    authority: str
    """SHA-256 of the issuing CA's SubjectPublicKeyInfo, lower-case hex."""
    certificates: int
    """At most so many."""
    begins: datetime
    """UTC, whole seconds."""
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Fence:
    """Asks for the permit each time. `key_sha256` pins the centre's key (of its SubjectPublicKeyInfo); empty: off."""

    file: Path
    key_sha256: str
    authority: x509.Certificate
    """The issuing CA that is fenced."""

    def __call__(self, now: datetime) -> Permit:
        """The permit that holds `now` (UTC). Raises `NotPermitted`, saying what to do."""
        if not self.key_sha256:
            raise NotPermitted(
                "issuing on this machine is off, as by default: it takes a permit of the centre, and the digest of the "
                "centre's key in the settings (local_authority.permit_key_sha256)"
            )
        permit = read_permit(self._content(), self.key_sha256)
        if permit.authority != key_sha256(self.authority.public_key()):
            raise NotPermitted(f"permit {permit.number} is for another authority; {ASK}")
        if now < permit.begins:
            raise NotPermitted(
                f"permit {permit.number} begins at {permit.begins:%Y-%m-%d %H:%M} UTC; look at the clock"
            )
        if now >= permit.begins + timedelta(days=permit.days):
            raise NotPermitted(f"permit {permit.number} was for {permit.days} days and is over; {ASK}")
        return permit

    def _content(self) -> bytes:
        try:
            return self.file.read_bytes()
        except OSError as error:
            raise NotPermitted(f"no permit: {self.file.name}: {error.strerror}; ask the centre for one") from error


def sign_permit(permit: Permit, key: SigningKey) -> bytes:
    """A permit as a file, signed with Ed25519, or with RSA PKCS #1 v1.5 and SHA-256."""
    text = json.dumps(_fields(permit), sort_keys=True)
    message = PURPOSE + text.encode()
    if isinstance(key, ed25519.Ed25519PrivateKey):
        signature = key.sign(message)
    else:
        signature = key.sign(message, padding.PKCS1v15(), hashes.SHA256())
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    parts = {"permit": text, "key": _text(public), "signature": _text(signature)}
    return json.dumps(parts, indent=2).encode() + b"\n"


def read_permit(content: bytes, pinned: str) -> Permit:
    """The permit in a file, signed by the key of that digest (lower-case hex). Raises `NotPermitted`."""
    try:
        parts = json.loads(content)
        text, public, signature = parts["permit"], _bytes(parts["key"]), _bytes(parts["signature"])
        _verify(public, PURPOSE + text.encode(), signature, pinned)
        return _permit(json.loads(text))
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, UnsupportedAlgorithm) as error:
        raise NotPermitted(f"the permit's file is damaged; {ASK}") from error


def key_sha256(key: Any) -> str:
    """How a public key is pinned: SHA-256 over its SubjectPublicKeyInfo, lower-case hex."""
    return hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()


def _bytes(text: str) -> bytes:
    """Only the one spelling that we write ourselves: Base64 has bits at its end that mean nothing (RFC 4648, 3.5)."""
    value = b64decode(text, validate=True)
    if _text(value) != text:
        raise ValueError("not canonical")
    return value


def _verify(public: bytes, message: bytes, signature: bytes, pinned: str) -> None:
    if hashlib.sha256(public).hexdigest() != pinned.strip().lower():
        raise NotPermitted(f"the permit is not signed with the centre's key that the settings pin; {ASK}")
    key = load_der_public_key(public)
    try:
        if isinstance(key, ed25519.Ed25519PublicKey):
            key.verify(signature, message)
        elif isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, message, padding.PKCS1v15(), hashes.SHA256())
        else:
            raise NotPermitted("the centre's key is neither Ed25519 nor RSA")
    except InvalidSignature:
        raise NotPermitted(f"the permit was changed after it was signed; {ASK}") from None


def _fields(permit: Permit) -> dict[str, str | int]:
    return {
        "number": permit.number,
        "authority": permit.authority,
        "certificates": permit.certificates,
        "begins": permit.begins.astimezone(UTC).isoformat(timespec="seconds"),
        "days": permit.days,
    }


def _permit(fields: dict[str, Any]) -> Permit:
    permit = Permit(
        number=str(fields["number"]),
        authority=str(fields["authority"]),
        certificates=int(fields["certificates"]),
        begins=datetime.fromisoformat(fields["begins"]),
        days=int(fields["days"]),
    )
    if not permit.number or permit.begins.tzinfo is None:
        raise ValueError("a permit without a number, or without a zone")
    return permit


def _text(value: bytes) -> str:
    return b64encode(value).decode("ascii")
