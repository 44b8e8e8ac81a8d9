"""The TEST hierarchy: a root and one issuing CA with software keys in a folder, made once.

Nobody should trust it, and every name says so. A real authority's key lives in a certified device in a guarded room.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding

from kiosk.ca.authority_key import AuthorityKey
from kiosk.ca.files import sync_folder
from kiosk.ca.hierarchy import make_issuing, make_root
from kiosk.ca.interface import AuthorityUnusable
from kiosk.ca.key_files import as_pem, load_certificate, load_private_key

ROOT_KEY, ROOT_CERTIFICATE = "root.key", "root.pem"
ISSUING_KEY, ISSUING_CERTIFICATE = "issuing.key", "issuing.pem"
KEY_BITS = 3072


def load_or_create(folder: Path, now: datetime) -> AuthorityKey:
    """The TEST authority kept in `folder`, made there if the folder does not exist; `now` is UTC.

    Raises `AuthorityUnusable` when it cannot be written, or what is there is damaged, expired, or readable by others.
    A damaged authority is never replaced: that would orphan every certificate it has signed.
    """
    try:
        if not folder.exists():
            _create(folder, now)
        key = _load(folder)
    except OSError as error:
        raise AuthorityUnusable(f"{Path(error.filename or folder).name}: {error.strerror}") from error
    key.check(now)
    return key


def _create(folder: Path, now: datetime) -> None:
    """Write everything beside the place, then rename: the folder is there whole or not at all."""
    folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        for name, content in _new_hierarchy(now).items():
            _write_durably(draft / name, content)
        sync_folder(draft)
        _publish(draft, folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    sync_folder(folder.parent)


def _new_hierarchy(now: datetime) -> dict[str, bytes]:
    root_key, issuing_key = (rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS) for _ in range(2))
    root = make_root(root_key, now)
    issuing = make_issuing(issuing_key.public_key(), root, root_key, now)
    return {
        ROOT_KEY: as_pem(root_key),
        ROOT_CERTIFICATE: root.public_bytes(Encoding.PEM),
        ISSUING_KEY: as_pem(issuing_key),
        ISSUING_CERTIFICATE: issuing.public_bytes(Encoding.PEM),
    }


def _publish(draft: Path, folder: Path) -> None:
    try:
        draft.rename(folder)
    except OSError:
        # Another process was quicker; a folder that is not empty cannot be replaced, and its authority is the one.
        if not folder.is_dir():
            raise


def _write_durably(path: Path, content: bytes) -> None:
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _load(folder: Path) -> AuthorityKey:
    certificates = tuple(load_certificate(folder / name) for name in (ISSUING_CERTIFICATE, ROOT_CERTIFICATE))
    return AuthorityKey(private_key=load_private_key(folder / ISSUING_KEY), certificates=certificates)
