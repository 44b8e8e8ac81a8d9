"""A journal row's body under a key of its own person, so that destroying one key erases one person.

The leaf is over the sealed bytes: after the key is gone the row says nothing any more and every proof still holds,
here, in each backup, and at the centre. AES-256-GCM with a random nonce; the row's open part is authenticated with it.
"""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Callable
from typing import Any

from data.canonical import canonical

KEY_BYTES = 32
NONCE_BYTES = 12


def new_key() -> bytes:
    """A key for one person's rows."""
    return secrets.token_bytes(KEY_BYTES)


def row_bytes(opened: dict[str, Any], body: dict[str, Any]) -> bytes:
    """A row whose body stands open: nothing in it is about a citizen."""
    return canonical(opened | {"body": body})


def sealed_bytes(opened: dict[str, Any], body: dict[str, Any], subject: str, key: bytes) -> bytes:
    """A row whose body only `key` opens; `subject` names the key. Raises as `canonical`."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    outside = opened | {"subject": subject}
    nonce = secrets.token_bytes(NONCE_BYTES)
    inside = nonce + AESGCM(key).encrypt(nonce, canonical(body), canonical(outside))
    return canonical(outside | {"sealed": base64.b64encode(inside).decode()})


def opened(row: bytes, key_of: Callable[[str], bytes | None]) -> dict[str, Any]:
    """A row's members, with `body` opened; `body` is `None` when its key is gone. `subject` is there in sealed rows.

    Raises `ValueError` when the key does not fit or the row is malformed, `KeyError` when members are missing.
    """
    members: dict[str, Any] = json.loads(row)
    if "sealed" not in members:
        return members
    inside = base64.b64decode(members.pop("sealed"), validate=True)
    key = key_of(members["subject"])
    return members | {"body": None if key is None else _unsealed(inside, members, key)}


def _unsealed(inside: bytes, outside: dict[str, Any], key: bytes) -> Any:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        return json.loads(AESGCM(key).decrypt(inside[:NONCE_BYTES], inside[NONCE_BYTES:], canonical(outside)))
    except InvalidTag as error:
        raise ValueError("the key does not open the row") from error
