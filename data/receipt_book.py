"""The receipts an office holds: which rows the centre has, and whether it has the same ones."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from data import checkpoints, epochs, journal
from data.bundle_header import EpochStart
from data.receipts import Receipt, checkpoint_of
from data.values import moment, utc_text

if TYPE_CHECKING:
    from sqlite_utils import Database


class Verdict(StrEnum):
    """How a receipt stands to the journal."""

    AGREES = "agrees"
    """The journal has these rows, with this root."""
    FORKED = "forked"
    """The centre has another row in the place of one of ours: stop, and call the centre."""
    BEHIND = "behind"
    """The centre has rows, or an epoch, that this journal does not have: it is an older copy."""
    SUPERSEDED = "superseded"
    """Rows of an earlier epoch that this journal lost when it was restored; the centre has them."""


def lineage(db: Database) -> tuple[EpochStart, ...]:
    """The epochs of this journal, oldest first."""
    rows = db.execute("SELECT epoch, since_seq FROM epochs ORDER BY epoch").fetchall()
    return (EpochStart(epochs.FIRST, 1), *(EpochStart(epoch, first) for epoch, first in rows))


def last_row(starts: tuple[EpochStart, ...], epoch: int, size: int) -> int:
    """Number of the last row of an epoch, in a journal of `size` rows."""
    return next((start.first - 1 for start in starts if start.epoch > epoch), size)


def take(db: Database, receipt: Receipt, received_at: datetime) -> Verdict:
    """Keep a receipt of this office, once, and say how it stands to the journal."""
    verdict = judge(db, receipt)
    head = receipt.head
    db.execute(
        "INSERT INTO receipts (at, received_at, epoch, size, verdict, text) VALUES (?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (text) DO NOTHING",
        [utc_text(receipt.at), utc_text(received_at), head.epoch, head.size, verdict.value, receipt.text],
    )
    if verdict is Verdict.AGREES and head.size:
        checkpoints.keep_countersigned(db, receipt.checkpoint)
    return verdict


def judge(db: Database, receipt: Receipt) -> Verdict:
    """Hold a receipt against the journal."""
    head, starts = receipt.head, lineage(db)
    size, _ = journal.size_and_root(db)
    if head.epoch not in {start.epoch for start in starts}:
        return Verdict.BEHIND if head.epoch > starts[-1].epoch else Verdict.SUPERSEDED
    last = last_row(starts, head.epoch, size)
    if head.size > last:
        return Verdict.BEHIND if head.epoch == starts[-1].epoch else Verdict.SUPERSEDED
    return Verdict.AGREES if journal.root_at(db, head.size) == head.root else Verdict.FORKED


OF_THIS_JOURNAL = "(epoch = 1 OR epoch IN (SELECT epoch FROM epochs))"
"""Not of an epoch that another restore of the office began, and that was lost again: it tells nothing of these rows."""


def acknowledged(db: Database) -> int:
    """How many rows the centre has, as far as its newest receipt tells.

    The newest, not the largest: a centre that was itself restored asks for rows again, and gets them.
    """
    row = db.execute(
        f"SELECT epoch, size FROM receipts WHERE verdict IN ('agrees', 'superseded') AND {OF_THIS_JOURNAL} "  # noqa: S608
        "ORDER BY at DESC, epoch DESC, size DESC LIMIT 1"
    ).fetchone()
    if row is None:
        return 0
    return min(int(row[1]), last_row(lineage(db), int(row[0]), int(row[1])))


def newest_note(db: Database) -> str | None:
    """The checkpoint of this journal that the centre countersigned last, as far as it has told us."""
    row = db.execute(
        f"SELECT text FROM receipts WHERE size > 0 AND {OF_THIS_JOURNAL} ORDER BY at DESC, size DESC LIMIT 1"  # noqa: S608
    ).fetchone()
    return None if row is None else checkpoint_of(row[0]).note


def last_contact(db: Database) -> datetime | None:
    """When the latest receipt came in; before the first one, when the journal began."""
    row = db.execute(
        "SELECT coalesce((SELECT max(received_at) FROM receipts WHERE verdict = 'agrees'), "
        "(SELECT at FROM journal WHERE seq = 1))"
    ).fetchone()
    return None if row[0] is None else moment(row[0])


def worst(db: Database) -> Verdict:
    """The worst that the receipts of the current epoch and of later ones have told."""
    found = {
        row[0] for row in db.execute("SELECT DISTINCT verdict FROM receipts WHERE epoch >= ?", [epochs.current(db)])
    }
    return next((v for v in (Verdict.FORKED, Verdict.BEHIND) if v.value in found), Verdict.AGREES)
