"""Taking one bundle into the registry: in one transaction, once, and only as the continuation of what is there.

Repeating it changes nothing. Workers need no lock between them: the primary key of a row decides who adds it, and each
compares what stands there afterwards with what it brought.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from data import receipts
from data.bundle_header import Header
from data.bundles import Bundle
from data.exchange_errors import Equivocation, UnknownSigner
from data.merkle import Frontier, leaf_hash
from data.receipts import Receipt
from data.registry import findable
from data.registry.history import enter_epoch, frontier_at, leaves, newest_head, size_of

if TYPE_CHECKING:
    from psycopg import Cursor

    from data.office_key import OfficeKey

INSERT_ROWS = (
    "INSERT INTO journal_row (office, epoch, seq, body, leaf) "
    "SELECT %s, %s, seq, body, leaf FROM unnest(%b::bigint[], %b::bytea[], %b::bytea[]) AS given (seq, body, leaf) "
    "ON CONFLICT (office, epoch, seq) DO NOTHING"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """What a bundle added."""

    header: Header
    new_rows: int
    """0 when it was a repetition."""
    new_epoch: bool
    """The office was restored and goes on under a new epoch: somebody should ask why."""


def admit(cursor: Cursor[Any], bundle: Bundle, at: datetime, key: OfficeKey) -> Admitted:
    """Take an opened bundle in, inside the caller's transaction; `key` is the centre's and signs the receipt.

    Raises `UnknownSigner`, `BadSignature`, `MalformedFile`; `Gap` when earlier rows have not arrived; `Equivocation`.
    """
    header = bundle.header
    bundle.verify(_registered_key(cursor, header))
    rows, personal_keys = bundle.content()
    is_new_epoch = enter_epoch(cursor, header)
    before = frontier_at(cursor, header.office, header.epochs, header.first - 1)
    brought = [leaf_hash(row) for row in rows]
    grown = _grown(cursor, header, before, brought)
    added = _add_rows(cursor, header, rows, brought)
    # Asked after the rows were added: whoever added some of them first has committed by now, and so has its head.
    if size_of(cursor, header.office, header.epoch) < header.last:
        _add_head(cursor, bundle, grown, at, key)
    if added:
        findable.add(cursor, header, rows, personal_keys)
    return Admitted(header=header, new_rows=added, new_epoch=is_new_epoch and len(header.epochs) > 1)


def _registered_key(cursor: Cursor[Any], header: Header) -> bytes:
    row = cursor.execute(
        "SELECT spki FROM office_key WHERE office = %s AND key = %s AND NOT EXISTS "
        "(SELECT 1 FROM office_key_end WHERE office_key_end.office = office_key.office "
        "AND office_key_end.key = office_key.key)",
        [header.office, header.key],
    ).fetchone()
    if row is None:
        raise UnknownSigner(f"office {header.office}: key {header.key[:16]} is not registered")
    return bytes(row[0])


def _grown(cursor: Cursor[Any], header: Header, before: Frontier, brought: Sequence[bytes]) -> Frontier:
    """The tree after the bundle's rows; its root must be the one the office signed."""
    grown = before
    for leaf in brought:
        grown = grown.append(leaf)
    if grown.root() != header.checkpoint.head.root:
        raise Equivocation(header.office, header.epoch, _first_other(cursor, header, brought))
    return grown


def _first_other(cursor: Cursor[Any], header: Header, brought: Sequence[bytes]) -> int:
    """The first row that differs from what is stored; the bundle's first when the difference lies before it."""
    stored = leaves(cursor, header.office, header.epoch, header.first, header.last)
    differing = (place for place, (mine, theirs) in enumerate(zip(stored, brought, strict=False)) if mine != theirs)
    return header.first + next(differing, 0)


def _add_rows(cursor: Cursor[Any], header: Header, rows: Sequence[bytes], brought: list[bytes]) -> int:
    numbers = list(range(header.first, header.last + 1))
    added = cursor.execute(INSERT_ROWS, [header.office, header.epoch, numbers, list(rows), brought]).rowcount
    # A row that stood there already, or that another worker added meanwhile, must be the same one.
    if added < len(rows) and leaves(cursor, header.office, header.epoch, header.first, header.last) != brought:
        raise Equivocation(header.office, header.epoch, _first_other(cursor, header, brought))
    return added


def _add_head(cursor: Cursor[Any], bundle: Bundle, grown: Frontier, at: datetime, key: OfficeKey) -> None:
    header = bundle.header
    receipt = receipts.give(header.checkpoint, at, key)
    cursor.execute(
        "INSERT INTO head (office, epoch, size, peaks, header, signature, receipt, at) "
        "VALUES (%s, %s, %s, %b, %b, %b, %s, %s) ON CONFLICT (office, epoch, size) DO NOTHING",
        [
            header.office,
            header.epoch,
            grown.size,
            grown.as_bytes(),
            bundle.header_bytes,
            bundle.signature,
            receipt.text,
            at,
        ],
    )


def receipt_of(cursor: Cursor[Any], office: str, centre_keys: Sequence[bytes]) -> Receipt | None:
    """The receipt for an office's newest head, as it was signed then; `None` before the first bundle."""
    head = newest_head(cursor, office)
    return None if head is None else receipts.parse(head.receipt, centre_keys)


def raise_alarm(cursor: Cursor[Any], office: str, kind: str, digest: str, detail: str, at: datetime) -> None:
    """Keep that something needs a human; once for each file and kind."""
    cursor.execute(
        "INSERT INTO alarm (office, kind, digest, detail, at) VALUES (%s, %s, %s, %s, %s) "
        "ON CONFLICT (office, kind, digest) DO NOTHING",
        [office, kind, digest, detail, at],
    )
