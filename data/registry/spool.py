"""The centre's folders: bundles come into `in`, receipts go out of `out`, and no file ever stops another.

in          as they arrived; a bundle that waits for earlier rows stays here
done        taken in: the centre's own copy of what offices sent
quarantine  refused, each with its reason beside it
out         the newest receipt of each office
"""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from data.carriers import PART, carrier_faults, sync_folder, write_whole
from data.exchange_errors import TornFile
from data.framing import MOST_BYTES

ROOMS = ("in", "done", "quarantine", "out")


class Spool:
    """The folders. All methods raise `CarrierFault`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with carrier_faults(folder):
            for room in ROOMS:
                (folder / room).mkdir(parents=True, exist_ok=True, mode=0o700)

    def arrived(self) -> list[Path]:
        """Files that came in, in the order of offices and rows."""
        with carrier_faults(self.folder):
            return sorted(path for path in (self.folder / "in").iterdir() if _is_file(path))

    def counts(self) -> dict[str, int]:
        """How many files are in each folder."""
        with carrier_faults(self.folder):
            return {room: sum(1 for _ in (self.folder / room).iterdir()) for room in ROOMS}

    @contextmanager
    def claimed(self, path: Path) -> Iterator[bytes | None]:
        """The content of a file that no other worker has in hand; `None` when one has, or has dealt with it.

        The claim ends with the process, however it ends. Raises `TornFile` for what cannot be read or is too long.
        """
        try:
            handle = os.open(path, os.O_RDONLY)
        except FileNotFoundError:
            yield None
            return
        except OSError as error:
            raise TornFile(f"cannot be read: {error.strerror}") from error
        try:
            yield _content(handle) if _is_ours(handle, path) else None
        finally:
            os.close(handle)

    def finish(self, path: Path) -> None:
        """Put a file away that was taken in."""
        self._move(path, self.folder / "done" / path.name)

    def quarantine(self, path: Path, reason: str) -> None:
        """Put a file away that was refused; the reason comes first, so that none is there without one."""
        name = f"{path.stem}.{secrets.token_hex(6)}"
        with carrier_faults(self.folder):
            write_whole(self.folder / "quarantine", f"{name}.reason", f"{reason}\n".encode())
        self._move(path, self.folder / "quarantine" / f"{name}{path.suffix}")

    def publish(self, name: str, content: bytes) -> None:
        """Lay out a receipt in the place of the one before."""
        with carrier_faults(self.folder):
            write_whole(self.folder / "out", name, content)

    def _move(self, path: Path, place: Path) -> None:
        # Another worker may have been faster with a file that both refuse.
        with carrier_faults(self.folder), suppress(FileNotFoundError):
            path.replace(place)
            sync_folder(place.parent)
            sync_folder(path.parent)


def _is_file(path: Path) -> bool:
    return path.is_file() and not path.is_symlink() and not path.name.endswith(PART)


def _content(handle: int) -> bytes:
    if os.fstat(handle).st_size > MOST_BYTES:
        raise TornFile(f"longer than {MOST_BYTES} bytes")
    with open(handle, "rb", closefd=False) as file:
        return file.read()


def _is_ours(handle: int, path: Path) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # The name may belong to another file by now, or to none.
        return os.stat(path).st_ino == os.fstat(handle).st_ino
    except (BlockingIOError, FileNotFoundError):
        return False
