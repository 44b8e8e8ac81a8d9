"""An archive that was restored: a new epoch, and no issuing before its head was compared with the centre's."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from data import checkpoints, epochs, journal, projection
from data.errors import BadCheckpoint, HeadBehind, HeadForked
from data.journal import Entry

if TYPE_CHECKING:
    from sqlite_utils import Database

    from data.checkpoints import Head

FAR = 400_000
"""Where numbers go on after a restore, and a minute of the year each further: no office comes that far by counting, and
none opens a case a minute."""


def begin_epoch(db: Database, entry: Entry) -> None:
    """Begin the next epoch; `entry` gets its body."""
    size, root = journal.size_and_root(db)
    body = {"epoch": _next_epoch(db, entry.at), "restored_rows": size, "root": root.hex()}
    projection.write(db, replace(entry, kind="epoch_begun", body=body))
    for (series,) in db.execute("SELECT DISTINCT series FROM numbers ORDER BY series").fetchall():
        number = {"series": series, "number": _far_number(db, series, entry.at)}
        projection.write(db, replace(entry, kind="number_given", body=number))


def _far_number(db: Database, series: str, at: datetime) -> str:
    """A number that neither the lost rows nor another restore of the same backup can have given to somebody else."""
    begin = datetime(at.year, 1, 1, tzinfo=at.tzinfo)
    row = db.execute("SELECT last FROM numbers WHERE series = ? AND year = ?", [series, at.year]).fetchone()
    number = max(FAR + int((at - begin).total_seconds()) // 60, 1 + (0 if row is None else row[0]))
    return f"{at.year}-{number:06}"


def _next_epoch(db: Database, at: datetime) -> int:
    """The minutes since 1970: another restore of the same backup gets another number.

    Counting on from the backup would give both the same, and the centre would take the second for a forgery.
    """
    return max(epochs.current(db) + 1, int(at.timestamp()) // 60)


def compare(db: Database, note: str, office: str, centre: bytes) -> Head:
    """Hold the archive to the head that the centre has countersigned last; the head.

    Raises `BadCheckpoint`; `HeadForked` when they contradict; `HeadBehind` with the number of rows that the centre
    holds of the time before the restore and this archive does not.
    """
    checkpoint = checkpoints.parse(note)
    head = checkpoint.head
    if head.office != office or not checkpoint.is_signed_by(centre):
        raise BadCheckpoint("not this office's, or not signed by the centre")
    epoch = epochs.current(db)
    if head.epoch > epoch:
        raise HeadForked(f"the centre knows epoch {head.epoch}, here it is {epoch}")
    known = epochs.rows_up_to(db, head.epoch)
    if head.size > known:
        raise HeadBehind(head.size - known)
    if journal.root_at(db, head.size) != head.root:
        raise HeadForked(f"row {head.size} has another root")
    return head
