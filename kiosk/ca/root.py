"""The TEST hierarchy: a root and one issuing CA with software keys in a folder, made once.

Nobody should trust it, and every name says so. A real authority's key lives in a certified device in a guarded room.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding

from kiosk.ca.authority_key import AuthorityKey
from kiosk.ca.files import publish_folder
from kiosk.ca.hierarchy import make_issuing, make_root
from kiosk.ca.interface import AuthorityUnusable
from kiosk.ca.key_files import as_pem, load_certificate, load_private_key

ROOT_KEY, ROOT_CERTIFICATE = "root.key", "root.pem"
ISSUING_KEY, ISSUING_CERTIFICATE = "issuing.key", "issuing.pem"
KEY_BITS = 3072


def load_or_create(folder: Path, now: datetime, bits: int = KEY_BITS) -> AuthorityKey:
    """The TEST authority kept in `folder`, made there with keys of `bits` if the folder does not exist; `now` is UTC.

    Raises `AuthorityUnusable` when it cannot be written, or what is there is damaged, expired, or readable by others.
    A damaged authority is never replaced: that would orphan every certificate it has signed.
    """
    try:
        if not folder.exists():
            publish_folder(folder, _new_hierarchy(now, bits))
        key = _load(folder)
    except OSError as error:
        raise AuthorityUnusable(f"{Path(error.filename or folder).name}: {error.strerror}") from error
    key.check(now)
    return key


def _new_hierarchy(now: datetime, bits: int) -> dict[str, bytes]:
    root_key, issuing_key = (rsa.generate_private_key(public_exponent=65537, key_size=bits) for _ in range(2))
    root = make_root(root_key, now)
    issuing = make_issuing(issuing_key.public_key(), root, root_key, now)
    return {
        ROOT_KEY: as_pem(root_key),
        ROOT_CERTIFICATE: root.public_bytes(Encoding.PEM),
        ISSUING_KEY: as_pem(issuing_key),
        ISSUING_CERTIFICATE: issuing.public_bytes(Encoding.PEM),
    }


def _load(folder: Path) -> AuthorityKey:
    certificates = tuple(load_certificate(folder / name) for name in (ISSUING_CERTIFICATE, ROOT_CERTIFICATE))
    return AuthorityKey(private_key=load_private_key(folder / ISSUING_KEY), certificates=certificates)
