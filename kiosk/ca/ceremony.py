"""The ceremony that makes an authority once: keys, certificates, and the record that those present sign on paper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, load_der_public_key

from kiosk.ca.authority_key import AuthorityKey
from kiosk.ca.files import publish_folder
from kiosk.ca.hierarchy import make_issuing, make_root
from kiosk.ca.interface import AuthorityUnusable
from kiosk.ca.permit import key_sha256
from kiosk.ca.root import ISSUING_CERTIFICATE, ROOT_CERTIFICATE
from kiosk.ca.token_folder import FILE, TokenPlace, load_token_authority, token_place
from kiosk.ca.token_key import DigestSigner, TokenKey

RECORD = "ceremony.txt"
ROOT_LABEL, ISSUING_LABEL = "kiosk-root", "kiosk-issuing"
KEY_BITS = (3072, 4096)
"""What ETSI TS 119 312 still allows for a CA of twenty years."""
WITNESSES = 2
"""At least; nobody makes an authority alone."""


@dataclass(frozen=True, slots=True)
class TokenKeyPair:
    """A key pair in the token: its CKA_ID, and SubjectPublicKeyInfo in DER."""

    key_id: bytes
    public_key: bytes


class KeyMaker(DigestSigner, Protocol):
    """A token that is logged in to."""

    def labels(self) -> Sequence[str]:
        """The labels of the key pairs on it. Raises `AuthorityUnusable`."""

    def make_key(self, label: str, bits: int) -> TokenKeyPair:
        """Make an RSA pair that never leaves the token. Raises `AuthorityUnusable`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ceremony:
    """Who makes what, when."""

    module: Path
    label: str
    """Of the token."""
    bits: int
    witnesses: tuple[str, ...]
    now: datetime
    """UTC."""


def hold_ceremony(ceremony: Ceremony, folder: Path, token: KeyMaker) -> AuthorityKey:
    """Make the keys in the token and the authority in `folder`, which is there whole or not at all.

    Raises `AuthorityUnusable`: for a folder that exists, a token that already holds an authority's keys (take a fresh
    one, since nobody knows what those have signed), too few witnesses, or another key size.
    """
    _check(ceremony, folder, token)
    root_pair, issuing_pair = (token.make_key(label, ceremony.bits) for label in (ROOT_LABEL, ISSUING_LABEL))
    root_key = TokenKey(token, root_pair.key_id, _public(root_pair))
    root = make_root(root_key, ceremony.now)
    issuing = make_issuing(_public(issuing_pair), root, root_key, ceremony.now)
    place = TokenPlace(
        module=ceremony.module, label=ceremony.label, root_key=root_pair.key_id, issuing_key=issuing_pair.key_id
    )
    files = {
        ROOT_CERTIFICATE: root.public_bytes(Encoding.PEM),
        ISSUING_CERTIFICATE: issuing.public_bytes(Encoding.PEM),
        FILE: place.to_json(),
        RECORD: record(ceremony, root, issuing).encode(),
    }
    try:
        publish_folder(folder, files)
    except OSError as error:
        raise AuthorityUnusable(f"{folder.name}: {error.strerror}") from error
    made = load_token_authority(folder, token_place(folder) or place, token)
    made.check(ceremony.now)
    return made


def record(ceremony: Ceremony, root: x509.Certificate, issuing: x509.Certificate) -> str:
    """What was made, to be compared with the screen and signed by each of those present."""
    lines = [
        "RECORD OF A KEY CEREMONY (TEST authority; its certificates are trusted by nobody)",
        f"Time: {ceremony.now.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC",
        f"Token: {ceremony.label}",
        f"Keys: RSA {ceremony.bits}, made in the token, cannot be taken out of it",
    ]
    for name, certificate in (("Root", root), ("Issuing CA", issuing)):
        lines += [
            f"{name}: {certificate.subject.rfc4514_string()}",
            f"  SHA-256 of the certificate: {certificate.fingerprint(hashes.SHA256()).hex()}",
            f"  SHA-256 of the public key:  {key_sha256(certificate.public_key())}",
        ]
    return "\n".join([*lines, "Present:", *(f"  {name}  ____________________" for name in ceremony.witnesses)]) + "\n"


def _check(ceremony: Ceremony, folder: Path, token: KeyMaker) -> None:
    if folder.exists():
        raise AuthorityUnusable(f"{folder.name}: there is an authority already; it is never replaced")
    if ceremony.bits not in KEY_BITS:
        raise AuthorityUnusable(f"keys of {ceremony.bits} bits; possible are {' and '.join(map(str, KEY_BITS))}")
    if len(set(ceremony.witnesses)) < WITNESSES:
        raise AuthorityUnusable(f"at least {WITNESSES} people must be present; name each of them")
    if {ROOT_LABEL, ISSUING_LABEL} & set(token.labels()):
        raise AuthorityUnusable("the token holds an authority's keys already; take an empty token")


def _public(pair: TokenKeyPair) -> rsa.RSAPublicKey:
    key = load_der_public_key(pair.public_key)
    if not isinstance(key, rsa.RSAPublicKey):
        raise AuthorityUnusable("the token made a key that is not RSA")
    return key
