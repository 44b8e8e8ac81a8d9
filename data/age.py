"""The one door to age: what leaves the office is readable by those whose public keys were given, and by nobody else."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from data.exchange_errors import MalformedFile, UnreadableFile


@cache
def _library() -> Any:
    import pyrage

    return pyrage


def new_identity() -> tuple[str, str]:
    """A new secret key, `AGE-SECRET-KEY-1…`, and its public key, `age1…`."""
    identity = _library().x25519.Identity.generate()
    return str(identity), str(identity.to_public())


def encrypt(content: bytes, recipients: Sequence[str]) -> bytes:
    """Encrypt to every one of the public keys `age1…`. Raises `MalformedFile` when one of them is none."""
    age = _library()
    if not recipients:
        raise MalformedFile("nobody to encrypt to")
    try:
        return bytes(age.encrypt(content, [age.x25519.Recipient.from_str(one) for one in recipients]))
    except age.RecipientError as error:
        raise MalformedFile(f"not an age public key: {error}") from error


def decrypt(content: bytes, identities: Sequence[str]) -> bytes:
    """Decrypt with whichever secret key fits. Raises `UnreadableFile`."""
    age = _library()
    try:
        return bytes(age.decrypt(content, [age.x25519.Identity.from_str(one) for one in identities]))
    except (age.DecryptError, age.IdentityError) as error:
        raise UnreadableFile(str(error)) from error
