"""The office's signing key, which vouches for the journal's heads: on a token, or in a file for training."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from data.errors import KeyFileUnusable
from data.keys import create_once, named_disk_errors, require_private

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

FILE_NAME = "office.key"


class OfficeKey(Protocol):
    """An ECDSA key on P-256. `hardware.office_token` has the one on a PKCS#11 token."""

    def spki(self) -> bytes:
        """The public key: SubjectPublicKeyInfo, DER."""

    def sign(self, data: bytes) -> bytes:
        """Signature with SHA-256 over `data`: ECDSA, DER. May block as long as a token takes."""


class FileKey:
    """A key in a file of the station, mode 0600, made on first use. Who takes the machine takes it as well."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE_NAME
        self._key: EllipticCurvePrivateKey | None = None

    def spki(self) -> bytes:
        """The public key: SubjectPublicKeyInfo, DER. Raises `KeyFileUnusable`, `DiskFull`, `DiskFault`."""
        from cryptography.hazmat.primitives import serialization

        return (
            self._loaded()
            .public_key()
            .public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        )

    def sign(self, data: bytes) -> bytes:
        """Signature with SHA-256 over `data`: ECDSA, DER. Raises as `spki` does."""
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import ec

        return self._loaded().sign(data, ec.ECDSA(hashes.SHA256()))

    def _loaded(self) -> EllipticCurvePrivateKey:
        if self._key is None:
            with named_disk_errors(self._path):
                if not self._path.exists():
                    create_once(self._path, _new_key())
                require_private(self._path)
                self._key = _load(self._path)
        return self._key


def _new_key() -> bytes:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    return ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _load(path: Path) -> EllipticCurvePrivateKey:
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except ValueError as error:
        raise KeyFileUnusable(f"{path.name} is no key") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise KeyFileUnusable(f"{path.name} is not a key on P-256")
    return key
