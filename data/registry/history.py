"""What the centre already holds of an office: how far its tree has grown, and which rows stand in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from data.bundle_header import EpochStart, Header
from data.exchange_errors import Equivocation, Gap
from data.merkle import Frontier

if TYPE_CHECKING:
    from psycopg import Cursor


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredHead:
    """The head of most rows that the centre has of one epoch."""

    epoch: int
    size: int
    at: datetime
    receipt: str
    header: bytes


def newest_head(cursor: Cursor[Any], office: str) -> StoredHead | None:
    """The head of an office's latest epoch."""
    row = cursor.execute(
        "SELECT epoch, size, at, receipt, header FROM head WHERE office = %s ORDER BY epoch DESC, size DESC LIMIT 1",
        [office],
    ).fetchone()
    if row is None:
        return None
    return StoredHead(epoch=row[0], size=row[1], at=row[2], receipt=row[3], header=bytes(row[4]))


def size_of(cursor: Cursor[Any], office: str, epoch: int) -> int:
    """How many rows the office's journal has, as far as the centre knows of that epoch; 0 when it knows none."""
    row = cursor.execute(
        "SELECT coalesce(max(size), 0) FROM head WHERE office = %s AND epoch = %s", [office, epoch]
    ).fetchone()
    return int(row[0]) if row else 0


def enter_epoch(cursor: Cursor[Any], header: Header) -> bool:
    """Keep where the header's epoch begins and after which it comes; True when it is new.

    Raises `Equivocation` when the office once said otherwise.
    """
    start, parent = header.epochs[-1], header.epochs[-2].epoch if len(header.epochs) > 1 else 0
    is_new = cursor.execute(
        "INSERT INTO epoch_start (office, epoch, parent, first) VALUES (%s, %s, %s, %s) "
        "ON CONFLICT (office, epoch) DO NOTHING",
        [header.office, start.epoch, parent, start.first],
    ).rowcount
    kept = cursor.execute(
        "SELECT parent, first FROM epoch_start WHERE office = %s AND epoch = %s", [header.office, start.epoch]
    ).fetchone()
    if kept != (parent, start.first):
        raise Equivocation(header.office, start.epoch, start.first)
    return bool(is_new)


def frontier_at(cursor: Cursor[Any], office: str, epochs: tuple[EpochStart, ...], size: int) -> Frontier:
    """The tree over the first `size` rows of a journal with these epochs. Raises `Gap` when rows are missing."""
    if size == 0:
        return Frontier()
    start = next(start for start in reversed(epochs) if start.first <= size)
    row = cursor.execute(
        "SELECT size, peaks FROM head WHERE office = %s AND epoch = %s AND size <= %s ORDER BY size DESC LIMIT 1",
        [office, start.epoch, size],
    ).fetchone()
    if row is None:
        frontier = frontier_at(cursor, office, epochs, start.first - 1)
    else:
        frontier = Frontier.from_bytes(row[0], bytes(row[1]))
    for leaf in leaves(cursor, office, start.epoch, frontier.size + 1, size):
        frontier = frontier.append(leaf)
    if frontier.size < size:
        raise Gap(office, start.epoch, frontier.size + 1, size)
    return frontier


def leaves(cursor: Cursor[Any], office: str, epoch: int, first: int, last: int) -> list[bytes]:
    """The leaves of the rows from `first` on, as far as they stand without a gap."""
    rows = cursor.execute(
        "SELECT seq, leaf FROM journal_row WHERE office = %s AND epoch = %s AND seq BETWEEN %s AND %s ORDER BY seq",
        [office, epoch, first, last],
    ).fetchall()
    return [bytes(leaf) for place, (seq, leaf) in enumerate(rows) if seq == first + place]
