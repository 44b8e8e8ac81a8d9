"""The file system of the training card's PKI applet: flat, small, and every file with its access words."""

from __future__ import annotations

from dataclasses import dataclass, field

from hardware.cardedge.layout import Access

CAPACITY = 0x7FFF
"""Bytes of memory for files; the two bytes in the applet's answer tell no more."""
OVERHEAD = 16
"""Bytes a file takes beside its content."""


@dataclass(slots=True)
class CardFile:
    """One elementary file."""

    content: bytearray
    access: Access


@dataclass(slots=True)
class FileSystem:
    """Files by identifier, in finite memory."""

    files: dict[int, CardFile] = field(default_factory=dict)
    capacity: int = CAPACITY

    def free(self) -> int:
        """Bytes that are left; none on a card that a fault has filled beyond its memory."""
        return max(0, self.capacity - sum(len(one.content) + OVERHEAD for one in self.files.values()))

    def has_room(self, size: int) -> bool:
        """Whether a file of that size fits."""
        return size + OVERHEAD <= self.free()

    def put(self, file_id: int, content: bytes, access: Access) -> None:
        """Make or replace a file; the caller has asked for room."""
        self.files[file_id] = CardFile(bytearray(content), access)
