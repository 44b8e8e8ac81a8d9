"""A program's changes to its files, in order, as a library preloaded before it wrote them down."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
NUMBER = struct.Struct("<QI")


@dataclass(frozen=True, slots=True)
class Change:
    """One change; kinds as in `recorder.c`."""

    kind: str
    path: str
    """Relative to the recorded folder."""
    number: int
    data: bytes


def recorder(folder: Path) -> Path:
    """Compile the library."""
    library = folder / "recorder.so"
    source = Path(__file__).with_name("recorder.c")
    command = ["gcc", "-shared", "-fPIC", "-O2", "-Wall", "-o", str(library), str(source), "-ldl", "-lpthread"]
    subprocess.run(command, check=True)
    return library


def record(folder: Path, recorded: Path, module: str, *arguments: str) -> list[Change]:
    """Run a module of ours that works under `recorded`, and read what it did."""
    recorded.mkdir()
    log = folder / "changes"
    environment = {
        **os.environ,
        "LD_PRELOAD": str(recorder(folder)),
        "RECORD_DIR": str(recorded),
        "RECORD_LOG": str(log),
    }
    command = [sys.executable, "-m", module, str(recorded), *arguments]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, timeout=300)
    return changes(log.read_bytes(), f"{recorded}/")


def changes(log: bytes, folder: str) -> list[Change]:
    """The changes that a log tells."""
    found, at = [], 0
    while at < len(log):
        kind = chr(log[at])
        (length,) = struct.unpack_from("<I", log, at + 1)
        path = log[at + 5 : at + 5 + length].decode()
        number, size = NUMBER.unpack_from(log, at + 5 + length)
        begin = at + 5 + length + NUMBER.size
        data = log[begin : begin + size]
        if kind in "RL":
            data = data.decode().removeprefix(folder).encode()
        found.append(Change(kind, path.removeprefix(folder), number, data))
        at = begin + size
    return found
