"""How files get to the centre and back: a folder (also of a USB stick), or HTTPS. A carrier needs no key to them."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol

from data.bundle_header import named_rows
from data.exchange_errors import CarrierFault, TornFile
from data.framing import unframed
from data.receipts import SUFFIX as RECEIPT_SUFFIX

PART = ".part"
CANNOT_SYNC = frozenset({errno.EINVAL, errno.ENOTSUP})
"""What some file systems of sticks answer when a folder is to be synchronised."""


class Carrier(Protocol):
    """Takes bundles away and brings receipts back. All raise `CarrierFault`."""

    def has(self, name: str) -> bool:
        """True when a whole file of that name is already on the way."""

    def put(self, name: str, file: bytes) -> None:
        """Carry a file; once is enough, and after an error none of it is seen under its name."""

    def receipt(self, office: str) -> bytes | None:
        """The office's newest receipt, when there is one."""

    def tidy(self, office: str, epoch: int, acknowledged: int) -> None:
        """Remove the office's own bundles whose rows the centre has."""


class FolderCarrier:
    """A folder. A file has its name only when it is whole and on the disk."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def has(self, name: str) -> bool:
        """True when the folder has that file and its digest fits."""
        with carrier_faults(self.folder):
            try:
                unframed((self.folder / name).read_bytes())
            except (FileNotFoundError, TornFile):
                return False
            return True

    def put(self, name: str, file: bytes) -> None:
        """Write a file, read it back, and only then give it its name."""
        with carrier_faults(self.folder):
            write_whole(self.folder, name, file)

    def receipt(self, office: str) -> bytes | None:
        """The content of the office's receipt."""
        with carrier_faults(self.folder), suppress(FileNotFoundError):
            return (self.folder / f"{office}{RECEIPT_SUFFIX}").read_bytes()
        return None

    def tidy(self, office: str, epoch: int, acknowledged: int) -> None:
        """Remove acknowledged bundles of the office up to that epoch, and what a torn copy left."""
        with carrier_faults(self.folder):
            for path in self.folder.iterdir():
                rows = named_rows(path.name)
                is_done = rows is not None and rows[0] == office and rows[1] <= epoch and rows[3] <= acknowledged
                if is_done or (path.name.startswith(f".{office}-") and path.name.endswith(PART)):
                    path.unlink(missing_ok=True)


@contextmanager
def carrier_faults(folder: Path) -> Iterator[None]:
    """Turn the operating system's errors about a folder into `CarrierFault`."""
    try:
        yield
    except OSError as error:
        raise CarrierFault(f"{folder.name}: {error.strerror}") from error


def write_whole(folder: Path, name: str, content: bytes) -> None:
    """Write a file so that its name appears only with all of it on the disk. Raises `OSError`, `CarrierFault`."""
    temporary = folder / f".{name}.{secrets.token_hex(4)}{PART}"
    try:
        _write(temporary, content)
        os.replace(temporary, folder / name)
    finally:
        temporary.unlink(missing_ok=True)
    sync_folder(folder)


def _write(path: Path, content: bytes) -> None:
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
        # Read back from the stick, not from memory: a worn one takes everything and keeps half.
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    if path.read_bytes() != content:
        raise CarrierFault(f"{path.parent.name}: gives back other bytes than were written")


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable, where its file system can. Raises `OSError`."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in CANNOT_SYNC:
            raise
    finally:
        os.close(handle)
