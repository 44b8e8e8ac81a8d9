"""The memory of a running process, read and written from outside: every mapping it can write to."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

KERNELS_OWN = frozenset({"[vvar]", "[vvar_vclock]", "[vdso]", "[vsyscall]"})
CHUNK = 1 << 16
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Region:
    """One line of `/proc/PID/maps`."""

    start: int
    end: int
    name: str


def mappings(pid: int, *, writable: bool = True) -> tuple[Region, ...]:
    """Every private mapping of that process; only those it can write to, unless all are asked for."""
    found = []
    for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
        span, rights, _, _, _, *name = line.split(maxsplit=5)
        start, end = (int(part, 16) for part in span.split("-"))
        if (rights.startswith("rw") or not writable) and (name or [""])[0] not in KERNELS_OWN:
            found.append(Region(start, end, name[0] if name else ""))
    return tuple(found)


def occurrences(pid: int, patterns: Mapping[T, bytes]) -> list[tuple[T, str]]:
    """Each place where a pattern stands: what the pattern is, and the mapping's name.

    Pages that were never touched read as nothing; a mapping that goes away meanwhile is passed over. Raises `OSError`
    when it may not look.
    """
    overlap = max(map(len, patterns.values())) - 1
    found = []
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for mapping in mappings(pid):
            for window in _windows(memory.fileno(), mapping, overlap):
                found += [(name, mapping.name or "anonymous") for name, one in patterns.items() if one in window]
    return found


def _windows(memory: int, mapping: Region, overlap: int) -> Iterator[bytes]:
    at = mapping.start
    while at < mapping.end:
        try:
            window = os.pread(memory, min(CHUNK + overlap, mapping.end - at), at)
        except OSError:  # unmapped since, or device memory
            return
        if not window:
            return
        if window != bytes(len(window)):  # pages that were never touched
            yield window
        at += max(1, len(window) - overlap) if at + len(window) < mapping.end else len(window)


def read(pid: int, address: int, size: int) -> bytes:
    """Bytes at an address of that process."""
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        return os.pread(memory.fileno(), size, address)


@contextmanager
def planted(pid: int, content: bytes) -> Iterator[None]:
    """Put bytes into that process while the block runs: at the far end of its stack, which nothing reaches."""
    stack = next(mapping for mapping in mappings(pid) if mapping.name == "[stack]")
    address = stack.start + 512
    with open(f"/proc/{pid}/mem", "r+b", buffering=0) as memory:
        before = os.pread(memory.fileno(), len(content), address)
        os.pwrite(memory.fileno(), content, address)
        try:
            yield
        finally:
            os.pwrite(memory.fileno(), before, address)
