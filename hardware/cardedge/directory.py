"""Directory files of the PKI applet: a 10-byte header and entries of 12 bytes."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field, replace

from hardware.errors import MalformedCardData

HEADER = struct.Struct("<BBHHHH")
ENTRY = struct.Struct("<8sHBB")
NO_SUBDIRECTORIES = 0xFFFF
WRITE_ACCESS = 0x0003
ROOM_STEP = 16
"""How many entries a directory grows by, as other programs do."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A named file."""

    name: str
    file_id: int
    is_directory: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """One directory. `first_file` is the lowest identifier its files may take."""

    first_file: int
    files_allowed: int = 0xFF
    """How many files fit in all, those that are there included."""
    directories_left: int = 0
    next_directory: int = NO_SUBDIRECTORIES
    entries: tuple[Entry, ...] = field(default=())

    def find(self, name: str) -> Entry | None:
        """The entry of that name."""
        return next((entry for entry in self.entries if entry.name == name), None)

    def put(self, entry: Entry) -> Directory:
        """With this entry in place of one of the same name, else at the end."""
        if self.find(entry.name) is None:
            return replace(self, entries=(*self.entries, entry))
        return replace(self, entries=tuple(entry if old.name == entry.name else old for old in self.entries))

    def drop(self, name: str) -> Directory:
        """Without the entry of that name."""
        return replace(self, entries=tuple(entry for entry in self.entries if entry.name != name))

    def next_file(self) -> int:
        """The lowest identifier that no file of this directory has."""
        taken = {entry.file_id for entry in self.entries}
        return next(file_id for file_id in range(self.first_file, 0x10000) if file_id not in taken)

    def encode(self) -> bytes:
        """Header and entries, without room for more."""
        files = sum(not entry.is_directory for entry in self.entries)
        header = HEADER.pack(
            max(0, self.files_allowed - files),
            self.directories_left,
            self.next_file(),
            self.next_directory,
            len(self.entries),
            WRITE_ACCESS,
        )
        return header + b"".join(
            ENTRY.pack(entry.name.encode("ascii"), entry.file_id, entry.is_directory, 0) for entry in self.entries
        )


def parse(content: bytes, where: str) -> Directory:
    """Read a directory file; room after the entries is ignored. Raises `MalformedCardData`.

    A header of zeros is no empty directory but one that was made and never written.
    """
    if not any(content[: HEADER.size]) or len(content) < HEADER.size:
        raise MalformedCardData(where)
    files_left, directories_left, next_file, next_directory, count, _ = HEADER.unpack_from(content)
    if HEADER.size + count * ENTRY.size > len(content):
        raise MalformedCardData(f"{where}/count")
    entries = tuple(_entry(content, HEADER.size + index * ENTRY.size, where) for index in range(count))
    files = [entry.file_id for entry in entries if not entry.is_directory]
    return Directory(
        first_file=min((next_file, *files)),
        files_allowed=min(0xFF, files_left + len(files)),
        directories_left=directories_left,
        next_directory=next_directory,
        entries=entries,
    )


def _entry(content: bytes, offset: int, where: str) -> Entry:
    name, file_id, is_directory, _ = ENTRY.unpack_from(content, offset)
    try:
        return Entry(name.rstrip(b"\x00").decode("ascii"), file_id, bool(is_directory))
    except UnicodeDecodeError:
        raise MalformedCardData(f"{where}/name") from None


def room_for(directory: Directory, at_least: int = 0) -> int:
    """Size in bytes of a file that holds this directory and `ROOM_STEP` entries, more when it has more."""
    steps = len(directory.entries) // ROOM_STEP + 1
    return max(at_least, HEADER.size + steps * ROOM_STEP * ENTRY.size)
