"""The skin of a file that is carried: one line with its digest, so that a torn copy is seen without any key."""

from __future__ import annotations

from hashlib import sha256

from data.exchange_errors import TornFile

MAGIC = b"KIOSK-FILE-1 "
HEAD_BYTES = len(MAGIC) + 64 + 1
MOST_BYTES = 32 << 20
"""A longer file is not read at all."""


def framed(content: bytes) -> bytes:
    """The content behind its digest."""
    return MAGIC + sha256(content).hexdigest().encode() + b"\n" + content


def unframed(file: bytes) -> bytes:
    """The content of a whole file. Raises `TornFile` when a byte of it is missing or changed."""
    content = file[HEAD_BYTES:]
    if len(file) > MOST_BYTES or file[:HEAD_BYTES] != framed(content)[:HEAD_BYTES]:
        raise TornFile(f"{len(file)} bytes do not have the digest they begin with")
    return content
