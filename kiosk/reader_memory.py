"""Which of several readers this desk works with, kept over a restart. The settings file, where it names one, rules."""

from __future__ import annotations

import os
from pathlib import Path

from data.keys import named_disk_errors

FILE_NAME = "reader"
LONGEST = 256


def remember_reader(folder: Path, name: str) -> None:
    """Keep the name, whole or not at all. Raises `DiskFull`, `DiskFault`."""
    path = folder / FILE_NAME
    with named_disk_errors(path):
        written = path.with_suffix(".new")
        written.write_text(name, encoding="utf-8")
        os.replace(written, path)


def remembered_reader(folder: Path) -> str:
    """The name kept; empty where none is, or where it cannot be read: then any reader will do."""
    try:
        return (folder / FILE_NAME).read_text(encoding="utf-8")[:LONGEST].strip()
    except (OSError, UnicodeDecodeError):
        return ""
