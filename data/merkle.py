"""The Merkle tree of RFC 6962, 2.1, grown one leaf at a time.

Only the frontier is kept: the roots of the perfect subtrees that the leaves so far fall into, largest first, one for
each set bit of their number. Appending costs O(log n) hashes however long the journal is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()


def leaf_hash(body: bytes) -> bytes:
    """Hash of a leaf: SHA-256 of 0x00 and the body."""
    return sha256(b"\x00" + body).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of an inner node: SHA-256 of 0x01 and both children."""
    return sha256(b"\x01" + left + right).digest()


def grow(peaks: list[bytes], size: int, leaf: bytes) -> None:
    """Add a leaf hash to the peaks of a tree of `size` leaves, in place: a whole journal is verified in this loop."""
    peaks.append(leaf)
    while size & 1:
        right = peaks.pop()
        peaks[-1] = sha256(b"\x01" + peaks[-1] + right).digest()
        size >>= 1


def root_of(peaks: Sequence[bytes]) -> bytes:
    """The root hash of the tree with these peaks."""
    if not peaks:
        return EMPTY_ROOT
    root = peaks[-1]
    for peak in peaks[-2::-1]:
        root = sha256(b"\x01" + peak + root).digest()
    return root


@dataclass(frozen=True, slots=True)
class Frontier:
    """A tree of `size` leaves, as far as growing it needs to know."""

    size: int = 0
    peaks: tuple[bytes, ...] = ()
    """Roots of the perfect subtrees, largest first; 32 bytes each."""

    def append(self, leaf: bytes) -> Frontier:
        """The tree with one more leaf hash."""
        peaks = list(self.peaks)
        grow(peaks, self.size, leaf)
        return Frontier(self.size + 1, tuple(peaks))

    def root(self) -> bytes:
        """The tree's root hash."""
        return root_of(self.peaks)

    def as_bytes(self) -> bytes:
        """The peaks, one after another; `from_bytes` takes them back."""
        return b"".join(self.peaks)

    @classmethod
    def from_bytes(cls, size: int, peaks: bytes) -> Frontier:
        """The tree that `as_bytes` was taken from. Raises `ValueError` when size and peaks do not fit."""
        if len(peaks) != size.bit_count() * HASH_BYTES:
            raise ValueError(f"{len(peaks)} bytes of peaks for {size} leaves")
        return cls(size, tuple(peaks[i : i + HASH_BYTES] for i in range(0, len(peaks), HASH_BYTES)))
