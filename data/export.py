"""The journal for an inspector: rows as they are kept, signed heads, public keys, and the program that checks them."""

from __future__ import annotations

import shutil
import struct
from pathlib import Path
from typing import TYPE_CHECKING

from data import checkpoints, epochs, journal, verifier
from data.errors import RecordConflict
from data.keys import named_disk_errors

if TYPE_CHECKING:
    from data.store import Store

ROWS_AT_ONCE = 10_000
LENGTH = struct.Struct(">I")
VERIFIER = "verify.py"


def write(store: Store, folder: Path) -> int:
    """Write the export into a new folder and return the number of rows; the bodies stay sealed.

    The caller has just made a checkpoint. Rows written since are left out. Raises `RecordConflict` when the folder is
    not empty, `ArchiveError`.
    """
    with named_disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise RecordConflict(f"{folder.name} is not empty")
        shutil.copyfile(verifier.__file__, folder / VERIFIER)
        with store.read() as db:
            heads = checkpoints.all_of(db)
            keys = epochs.office_keys(db)
        (folder / "checkpoints.txt").write_text("".join(f"{head.note}" for head in heads), encoding="utf-8")
        (folder / "office-keys.txt").write_text("".join(f"{key.hex()}\n" for key in keys), encoding="ascii")
        last = max((head.head.size for head in heads), default=0)
        _write_rows(store, folder / "journal.rows", last)
    return last


def _write_rows(store: Store, path: Path, last: int) -> None:
    done = 0
    with path.open("wb") as file:
        while done < last:
            with store.read() as db:
                rows = journal.stored_rows(db, done, min(ROWS_AT_ONCE, last - done))
            for row in rows:
                file.write(LENGTH.pack(len(row.body)) + row.body)
            done = rows[-1].seq
