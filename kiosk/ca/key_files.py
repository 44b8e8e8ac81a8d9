"""Certificates and private keys as PEM files, and what is said when they are not what they should be."""

from __future__ import annotations

from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from kiosk.ca.interface import AuthorityUnusable


def load_certificate(path: Path) -> x509.Certificate:
    """The certificate in a PEM file. Raises `AuthorityUnusable`, `OSError`."""
    try:
        return x509.load_pem_x509_certificate(path.read_bytes())
    except ValueError as error:
        raise AuthorityUnusable(f"{path.name}: not a certificate") from error


def load_private_key(path: Path) -> rsa.RSAPrivateKey:
    """The RSA key in a PEM file that only its owner may read. Raises `AuthorityUnusable`, `OSError`."""
    if path.stat().st_mode & 0o077:
        raise AuthorityUnusable(f"{path.name}: others may read it; only its owner should (mode 600)")
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        # Without the cause: what a parser says about a damaged private key belongs in no log.
        raise AuthorityUnusable(f"{path.name}: not a private key") from None
    if not isinstance(key, rsa.RSAPrivateKey):
        raise AuthorityUnusable(f"{path.name}: not an RSA key")
    return key


def as_pem(key: rsa.RSAPrivateKey) -> bytes:
    """A key as an unencrypted PEM file: for TEST authorities and responders only."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
