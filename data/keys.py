"""The key file beside an encrypted database: 32 random bytes, readable by the station's user only.

It protects a disk or a copy that is taken away without its key file. It protects nothing when the whole machine is
taken: the key file goes with it. Key slots on the clerks' cards and in the machine's TPM are what closes that gap.
"""

from __future__ import annotations

import errno
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from data.errors import DiskFault, DiskFull, KeyFileUnusable

KEY_BYTES = 32


def key_of(database: Path) -> bytes:
    """The key of a database, made on first use: `archive.db` has `archive.key` beside it.

    Raises `KeyFileUnusable`, `DiskFull`, `DiskFault`.
    """
    path = database.with_suffix(".key")
    with named_disk_errors(path):
        if not path.exists():
            if database.exists() and database.stat().st_size:
                raise KeyFileUnusable(f"{path.name} is missing beside {database.name}")
            create_once(path, secrets.token_bytes(KEY_BYTES))
        return _read(path)


def create_once(path: Path, content: bytes) -> None:
    """Make a private file, whole and durable, unless another program was faster. Raises `OSError`."""
    with _written_beside(path, content) as temporary, suppress(FileExistsError):
        # A link, not a rename: of two programs that start at once, the second must not replace the first one's key.
        os.link(temporary, path)


def replace_file(path: Path, content: bytes) -> None:
    """Put a private file in the place of an older one; after a cut there is one or the other. Raises `OSError`."""
    with _written_beside(path, content) as temporary:
        os.replace(temporary, path)


@contextmanager
def _written_beside(path: Path, content: bytes) -> Iterator[Path]:
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)
    sync_folder(path.parent)


def require_private(path: Path) -> None:
    """Raise `KeyFileUnusable` when other users may read the file."""
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise KeyFileUnusable(f"{path.name} may be read by other users; it must have mode 0600")


def _read(path: Path) -> bytes:
    require_private(path)
    key = path.read_bytes()
    if len(key) != KEY_BYTES:
        raise KeyFileUnusable(f"{path.name} has {len(key)} bytes, not {KEY_BYTES}")
    return key


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable. Raises `OSError`."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def named_disk_errors(path: Path) -> Iterator[None]:
    """Turn the operating system's errors about `path` into `DiskFull` or `DiskFault`."""
    try:
        yield
    except OSError as error:
        kind = DiskFull if error.errno in (errno.ENOSPC, errno.EDQUOT) else DiskFault
        raise kind(f"{path.name}: {error.strerror}") from error
