"""An authority whose keys are in a token: its folder holds the certificates, and which token and keys they are of."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa

from kiosk.ca.authority_key import AuthorityKey
from kiosk.ca.interface import AuthorityUnusable
from kiosk.ca.key_files import load_certificate
from kiosk.ca.root import ISSUING_CERTIFICATE, ROOT_CERTIFICATE
from kiosk.ca.token_key import DigestSigner, TokenKey

FILE = "token.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenPlace:
    """Where the keys are. No PIN is among this, nor in any other file."""

    module: Path
    """The token's PKCS#11 module."""
    label: str
    root_key: bytes
    issuing_key: bytes
    """CKA_IDs."""

    def to_json(self) -> bytes:
        """As `token.json`."""
        fields = {
            "module": str(self.module),
            "label": self.label,
            "root_key": self.root_key.hex(),
            "issuing_key": self.issuing_key.hex(),
        }
        return json.dumps(fields, ensure_ascii=False, indent=2).encode() + b"\n"


def token_place(folder: Path) -> TokenPlace | None:
    """Which token the authority in `folder` has; `None` when it has software keys. Raises `AuthorityUnusable`."""
    try:
        fields = json.loads((folder / FILE).read_bytes())
        return TokenPlace(
            module=Path(fields["module"]),
            label=str(fields["label"]),
            root_key=bytes.fromhex(fields["root_key"]),
            issuing_key=bytes.fromhex(fields["issuing_key"]),
        )
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise AuthorityUnusable(f"{FILE}: damaged") from error


def load_token_authority(folder: Path, place: TokenPlace, signer: DigestSigner) -> AuthorityKey:
    """The authority in `folder`, signing with its token. Raises `AuthorityUnusable`."""
    certificates = load_chain(folder)
    public_key = certificates[0].public_key()
    if not isinstance(public_key, rsa.RSAPublicKey):
        raise AuthorityUnusable(f"{ISSUING_CERTIFICATE}: not of an RSA key")
    return AuthorityKey(private_key=TokenKey(signer, place.issuing_key, public_key), certificates=certificates)


def load_chain(folder: Path) -> tuple[x509.Certificate, x509.Certificate]:
    """Issuing CA and root of an authority, wherever its keys are. Raises `AuthorityUnusable`."""
    try:
        return load_certificate(folder / ISSUING_CERTIFICATE), load_certificate(folder / ROOT_CERTIFICATE)
    except OSError as error:
        raise AuthorityUnusable(f"{Path(error.filename or folder).name}: {error.strerror}") from error
