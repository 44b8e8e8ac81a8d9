"""Backups: a generation is a folder with the archive under a key of its own, which the recovery keys open.

Made while the desk works, and not finished before it was restored beside and verified. A generation's name holds
office, epoch and number of rows, and nothing of a person. Three generations are kept.
"""

from __future__ import annotations

import json
import secrets
import shutil
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from data import age, keyslots
from data.archive import FILE_NAME, Archive
from data.canonical import canonical
from data.errors import BackupUnusable, DiskFull
from data.exchange_errors import ExchangeError
from data.keys import KEY_BYTES, create_once, named_disk_errors, replace_file, sync_folder
from data.keyslots import decoded, encoded, require_key
from data.sqlcipher import connect, rekey

if TYPE_CHECKING:
    from data.checkpoints import Head
    from data.office_key import OfficeKey

GENERATIONS = 3
ENVELOPE = "key.json"
HEAD_FILE = "archive.head"
KEY_FILE = "archive.key"


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """A finished generation."""

    folder: Path
    rows: int
    """Rows up to the signed head that the restored copy was verified against."""


def make(archive: Archive, target: Path, recipients: Sequence[str], clerk: str) -> Backup:
    """Write a generation into the folder `target`, restore it beside, verify it, and forget the oldest.

    `recipients` are age public keys. Raises `DiskFull` before anything is written when there is no room for it,
    `BackupUnusable`, `ArchiveError`; an unfinished generation is removed.
    """
    head = archive.checkpoint().head
    with named_disk_errors(target):
        target.mkdir(parents=True, exist_ok=True, mode=0o700)
        _require_room(archive.store.path, target)
        making = target / f".making-{secrets.token_hex(4)}"
        making.mkdir(mode=0o700)
        try:
            key = _write(archive, making, head, recipients)
            _prove(making, head, key, archive.clock)
            finished = target / name_of(head)
            making.rename(finished)
            sync_folder(target)
        finally:
            shutil.rmtree(making, ignore_errors=True)
        for old in generations(target, head.office)[:-GENERATIONS]:
            shutil.rmtree(old)
    archive.note("backup_made", {"rows": head.size, "root": head.root.hex()}, clerk=clerk)
    return Backup(folder=finished, rows=head.size)


def recovery_keys(archive: Archive) -> tuple[str, ...]:
    """The age public keys that may open the archive itself."""
    path = keyslots.path_of(archive.store.path)
    slots = keyslots.load(path).slots if path.exists() else ()
    return tuple(slot["recipient"] for slot in slots if slot["kind"] == "age")


def name_of(head: Head) -> str:
    """A generation's name; names sort by age."""
    return f"{head.office}-{head.epoch:04}-{head.size:012}"


def generations(target: Path, office: str) -> list[Path]:
    """The finished generations of an office in a folder, oldest first."""
    return sorted(path for path in target.glob(f"{office}-*-*") if (path / ENVELOPE).exists())


def _require_room(database: Path, target: Path) -> None:
    needed = 2 * sum(path.stat().st_size for path in database.parent.glob(f"{database.name}*"))
    if shutil.disk_usage(target).free < needed:
        raise DiskFull(f"{target.name}: a backup and its proof need {needed // 1_000_000 + 1} MB")


def _write(archive: Archive, folder: Path, head: Head, recipients: Sequence[str]) -> bytes:
    key = secrets.token_bytes(KEY_BYTES)
    with closing(connect(folder / FILE_NAME, key, busy_s=0).conn) as copy, archive.store.alone() as db:
        db.conn.backup(copy)
        copy.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    envelope = {"office": head.office, "epoch": head.epoch, "size": head.size, "key": _wrapped(key, recipients)}
    create_once(folder / ENVELOPE, canonical(envelope))
    create_once(folder / HEAD_FILE, archive.heads.file.read_bytes())
    return key


def _wrapped(key: bytes, recipients: Sequence[str]) -> str:
    try:
        return encoded(age.encrypt(key, recipients))
    except ExchangeError as error:
        raise BackupUnusable(str(error)) from error


def _prove(folder: Path, head: Head, key: bytes, clock: Callable[[], datetime]) -> None:
    """Restore the copy into a folder of its own and verify it there against the head that was signed."""
    proof = folder / "proof"
    _unpack(folder, proof, key)
    with closing(Archive.open(proof, clock, office=head.office)) as restored:
        result = restored.verify()
        if not result.ok or result.rows < head.size:
            raise BackupUnusable("; ".join(f"{finding.where}: {finding.what}" for finding in result.findings))
    shutil.rmtree(proof)


def _unpack(generation: Path, target: Path, key: bytes) -> None:
    """The archive of a generation as a folder that opens; under a new key, which the generation does not know."""
    new_key = secrets.token_bytes(KEY_BYTES)
    unpacking = target / f".restoring-{secrets.token_hex(4)}"
    with named_disk_errors(target):
        unpacking.mkdir(parents=True, mode=0o700)
        try:
            shutil.copyfile(generation / FILE_NAME, unpacking / FILE_NAME)
            (unpacking / FILE_NAME).chmod(0o600)
            with closing(connect(unpacking / FILE_NAME, key, busy_s=0).conn) as database:
                rekey(database, unpacking / FILE_NAME, new_key)
            replace_file(target / KEY_FILE, new_key)
            replace_file(target / HEAD_FILE, (generation / HEAD_FILE).read_bytes())
            # The database comes last: before it stands there, a restore that was cut can simply be begun again.
            (unpacking / FILE_NAME).rename(target / FILE_NAME)
            sync_folder(target)
        finally:
            shutil.rmtree(unpacking, ignore_errors=True)


def restore(
    generation: Path,
    target: Path,
    identity: str,
    clock: Callable[[], datetime],
    *,
    clerk: str,
    office_key: OfficeKey | None = None,
) -> Archive:
    """Restore a generation into an empty folder with a recovery key, and open it in a new epoch.

    It verifies, and it may not issue before its head was compared with the centre's. Raises `BackupUnusable`.
    """
    if (target / FILE_NAME).exists():
        raise BackupUnusable(f"{target.name} holds an archive")
    with named_disk_errors(generation):
        envelope = json.loads((generation / ENVELOPE).read_bytes())
    _unpack(generation, target, _unwrapped(envelope["key"], identity))
    restored = Archive.open(target, clock, office=envelope["office"], office_key=office_key)
    try:
        result = restored.verify()
        if not result.ok:
            raise BackupUnusable("; ".join(f"{finding.where}: {finding.what}" for finding in result.findings))
        restored.begin_epoch(clerk)
    except BaseException:  # however it failed, nobody else will close the file
        restored.close()
        raise
    return restored


def _unwrapped(wrapped: str, identity: str) -> bytes:
    try:
        return require_key(age.decrypt(decoded(wrapped), [identity]))
    except ExchangeError as error:
        raise BackupUnusable("the recovery key does not open this generation") from error
