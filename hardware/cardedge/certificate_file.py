"""Certificate files 71xx: a length, then the certificate compressed or as it is."""

from __future__ import annotations

import zlib

from hardware.errors import MalformedCardData

COMPRESSED = b"\x01\x00"
LONGEST = 0x8000
"""Bytes; a certificate is a tenth of that. Guards against a stream that unpacks without end."""


def encode(certificate: bytes) -> bytes:
    """The file of a certificate (DER), compressed with zlib at level 9 as the vendor's module does."""
    body = COMPRESSED + len(certificate).to_bytes(2, "little") + zlib.compress(certificate, 9)
    return len(body).to_bytes(2, "little") + body


def parse(content: bytes, where: str) -> bytes:
    """The certificate (DER) in a file. Raises `MalformedCardData`, also for a file that was written only in part."""
    length = int.from_bytes(content[:2], "little")
    body = content[2 : 2 + length]
    if len(content) < 2 or len(body) != length:
        raise MalformedCardData(where)
    if body[:1] == b"\x30":
        return body
    if body[:2] != COMPRESSED or len(body) < 4:
        raise MalformedCardData(where)
    return _unpack(body[4:], int.from_bytes(body[2:4], "little"), where)


def _unpack(stream: bytes, length: int, where: str) -> bytes:
    unpacker = zlib.decompressobj()
    try:
        certificate = unpacker.decompress(stream, LONGEST)
    except zlib.error:
        raise MalformedCardData(where) from None
    if not unpacker.eof or len(certificate) != length:
        raise MalformedCardData(where)
    return certificate
