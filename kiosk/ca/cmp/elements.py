"""The elements of a DER encoding as slices of it: what was signed is what was received, not what we would write."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


class Truncated(Exception):
    """The bytes are not whole elements of definite length."""


@dataclass(frozen=True, slots=True)
class Element:
    """One element: its content, and all of it with tag and length."""

    content: bytes
    whole: bytes


def elements(encoded: bytes) -> Iterator[Element]:
    """The elements one after another; tags of one byte only, which is all that CMP has. Raises `Truncated`."""
    begin = 0
    while begin < len(encoded):
        at, length = _header(encoded, begin)
        end = at + length
        if end > len(encoded):
            raise Truncated
        yield Element(encoded[at:end], encoded[begin:end])
        begin = end


def _header(encoded: bytes, begin: int) -> tuple[int, int]:
    """Where the content begins, and how long it is."""
    if begin + 2 > len(encoded):
        raise Truncated
    first = encoded[begin + 1]
    if first < 0x80:
        return begin + 2, first
    at = begin + 2 + (first & 0x7F)
    if first == 0x80 or at > len(encoded):
        raise Truncated
    return at, int.from_bytes(encoded[begin + 2 : at], "big")
