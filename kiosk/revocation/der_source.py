"""A DER file read from front to back, a block at a time, hashed as it passes."""

from __future__ import annotations

from collections.abc import Iterator
from io import SEEK_CUR
from typing import BinaryIO, Protocol

from kiosk.revocation.errors import ListTorn

LARGEST_ELEMENT = 1 << 16
"""Of what is read whole: names, times, extensions, the signature. Only the list of entries is longer."""


class Hasher(Protocol):
    """What `hashlib` makes."""

    def update(self, data: bytes, /) -> None: ...


class DerSource:
    """Takes elements off a file of `size` bytes. Every read past the end, or of nonsense, raises `ListTorn`."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file = file
        self.left = size
        self._waiting: bytearray | None = None
        self._hasher: Hasher | None = None

    def take(self, count: int) -> bytes:
        """The next `count` bytes, exactly."""
        if count > self.left or len(taken := self._file.read(count)) != count:
            raise ListTorn("the list is cut short")
        self.left -= count
        if self._hasher is not None:
            self._hasher.update(taken)
        elif self._waiting is not None:
            self._waiting += taken
        return taken

    def begin_hash(self) -> None:
        """Keep what is taken from now on until `hash_with` says how it is hashed."""
        self._waiting = bytearray()

    def hash_with(self, hasher: Hasher) -> None:
        """Hash what was kept, and all that follows, until `end_hash`."""
        hasher.update(bytes(self._waiting or b""))
        self._hasher, self._waiting = hasher, None

    def end_hash(self) -> None:
        """What follows is not hashed."""
        self._hasher = None

    def peek(self) -> int:
        """The next byte, which stays; -1 at the end of the file."""
        following = self._file.read(1)
        self._file.seek(-len(following), SEEK_CUR)
        return following[0] if following else -1

    def header(self) -> tuple[int, int]:
        """Tag and length of the next element; only the header is taken."""
        tag, first = self.take(2)
        if first < 0x80:
            return tag, first
        if not 0x81 <= first <= 0x84:
            raise ListTorn("a length that DER does not know")
        return tag, int.from_bytes(self.take(first & 0x7F), "big")

    def element(self, *tags: int) -> tuple[int, bytes]:
        """The next element whole: its tag, one of `tags`, and its content."""
        tag, length = self.header()
        if tag not in tags or length > LARGEST_ELEMENT:
            raise ListTorn(f"element {tag:02x} where {tags[0]:02x} should be")
        return tag, self.take(length)


def elements(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Tags and contents of what a constructed element holds. Raises `ListTorn`."""
    at = 0
    while at < len(content):
        try:
            tag, begin, end = bounds(content, at)
        except IndexError:
            raise ListTorn("an element without a length") from None
        if end > len(content):
            raise ListTorn("an element longer than what holds it")
        yield tag, content[begin:end]
        at = end


def bounds(block: bytes, at: int) -> tuple[int, int, int]:
    """Tag, and where content begins and ends, of the element at `at`; the end may lie outside the block.

    Raises `IndexError` when the header itself does, `ListTorn` for a length of more than two bytes.
    """
    tag, first = block[at], block[at + 1]
    if first < 0x80:
        return tag, at + 2, at + 2 + first
    if first == 0x81:
        return tag, at + 3, at + 3 + block[at + 2]
    if first == 0x82:
        return tag, at + 4, at + 4 + (block[at + 2] << 8 | block[at + 3])
    raise ListTorn("an element too long to be read whole")
