"""The tag-length-value lists of the data applet: tag and length are 16 bits, little-endian; nothing is nested."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping

from hardware.errors import MalformedCardData

HEADER = struct.Struct("<HH")


def parse(content: bytes, where: str) -> dict[int, bytes]:
    """Split a file's content into its fields; the first of equal tags wins.

    Trailing bytes too short for a header are ignored. Raises `MalformedCardData` naming `where/tag` when a length
    runs past the end.
    """
    fields: dict[int, bytes] = {}
    offset = 0
    while offset + HEADER.size <= len(content):
        tag, length = HEADER.unpack_from(content, offset)
        offset += HEADER.size
        if offset + length > len(content):
            raise MalformedCardData(f"{where}/{tag}")
        fields.setdefault(tag, content[offset : offset + length])
        offset += length
    return fields


def encode(fields: Iterable[tuple[int, bytes]]) -> bytes:
    """Write fields one after another."""
    return b"".join(HEADER.pack(tag, len(value)) + value for tag, value in fields)


def text(fields: Mapping[int, bytes], tag: int, where: str) -> str:
    """A field as text (UTF-8); empty when the field is missing. Raises `MalformedCardData`."""
    try:
        return fields.get(tag, b"").decode("utf-8")
    except UnicodeDecodeError:
        raise MalformedCardData(f"{where}/{tag}") from None
