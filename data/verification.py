"""Is the archive what was written? Each thing that contradicts is named: where, and what."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from data import checkpoints, epochs, evidence_table, head_code, journal
from data.checkpoints import Checkpoint
from data.errors import BadCheckpoint
from data.journal import Finding, VerifyResult
from data.keys import named_disk_errors

if TYPE_CHECKING:
    from pathlib import Path

    from sqlite_utils import Database

    from data.store import Store


def verify(store: Store, head_file: Path, code: str | None) -> VerifyResult:
    """Recompute the journal, then hold checkpoints, the file beside the archive, a printed code and the tables to it.

    Raises `BadCode`, `ArchiveError`.
    """
    printed = head_code.parse(code) if code is not None else None
    result = journal.verify(store)
    findings = list(result.findings)
    with store.alone() as db:
        findings += _pages(db)
    with store.read() as db:
        findings += _checkpoints(db, result)
        findings += _head_file(db, head_file, result)
        findings += _printed(db, printed, result)
        untrue = evidence_table.first_untrue(db) if result.ok else None
    if untrue is not None:
        findings.append(Finding(where=f"evidence of journal row {untrue}", what="differs from the row"))
    broken_at = result.broken_at or untrue
    return VerifyResult(
        rows=result.rows, root=result.root, ok=not findings, broken_at=broken_at, findings=tuple(findings)
    )


def _pages(db: Database) -> Iterator[Finding]:
    """What SQLCipher's seals and SQLite's own structure say."""
    # Reads the raw file: it would cry wolf over pages that still stand in the write-ahead log.
    is_busy = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    if not is_busy:
        for (told,) in db.execute("PRAGMA cipher_integrity_check").fetchall():
            yield Finding(where="archive file", what=str(told))
    for (told,) in db.execute("PRAGMA quick_check").fetchall():
        if told != "ok":
            yield Finding(where="archive file", what=str(told))


def _checkpoints(db: Database, result: VerifyResult) -> Iterator[Finding]:
    keys = epochs.office_keys(db)
    try:
        known = checkpoints.all_of(db)
    except BadCheckpoint as error:
        yield Finding(where="checkpoints", what=str(error))
        return
    for checkpoint in known:
        yield from _agrees(db, checkpoint, keys, result, f"checkpoint of row {checkpoint.head.size}")


def _head_file(db: Database, path: Path, result: VerifyResult) -> Iterator[Finding]:
    with named_disk_errors(path):
        note = path.read_text(encoding="utf-8", errors="replace") if path.exists() else None
    if note is None:
        if checkpoints.latest(db) is not None:
            yield Finding(where=path.name, what="is missing")
        return
    try:
        checkpoint = checkpoints.parse(note)
    except BadCheckpoint as error:
        yield Finding(where=path.name, what=str(error))
        return
    yield from _agrees(db, checkpoint, epochs.office_keys(db), result, path.name)


def _agrees(
    db: Database, checkpoint: Checkpoint, keys: list[bytes], result: VerifyResult, where: str
) -> Iterator[Finding]:
    head = checkpoint.head
    if head.size > result.rows:
        yield Finding(where=where, what=f"{head.size - result.rows} rows are missing at the end")
    elif journal.root_at(db, head.size) != head.root:
        yield Finding(where=where, what="the rows up to it are not those that were signed")
    if not any(checkpoint.is_signed_by(key) for key in keys):
        yield Finding(where=where, what="not signed by a key the journal knows")


def _printed(db: Database, printed: tuple[int, bytes] | None, result: VerifyResult) -> Iterator[Finding]:
    if printed is None:
        return
    size, begin = printed
    if size > result.rows:
        yield Finding(where="printed code", what=f"{size - result.rows} rows are missing at the end")
    elif not (journal.root_at(db, size) or b"").startswith(begin):
        yield Finding(where="printed code", what="the rows up to it are not those it was printed for")
