"""Proving the registry: every row, leaf, root, signature and receipt of every office, from the stored bytes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from data import receipts
from data.bundle_header import Header
from data.bundles import MAGIC
from data.exchange_errors import ExchangeError, RegistryDamaged
from data.merkle import Frontier, leaf_hash
from data.registry.database import Database
from data.signed_note import verifies

if TYPE_CHECKING:
    from psycopg import Cursor

AT_ONCE = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class EpochVerdict:
    """What recomputing one epoch of one office gave."""

    office: str
    epoch: int
    rows: int
    """Rows of this epoch that are proved."""
    heads: int
    """Heads that are proved, with both signatures."""
    fault: str = ""
    """What does not hold, with the number of the row; empty when everything does."""


class Head(NamedTuple):
    """A stored head."""

    size: int
    peaks: bytes
    header: bytes
    signature: bytes
    receipt: str


class Start(NamedTuple):
    """Where an epoch grows out of another one."""

    office: str
    epoch: int
    parent: int
    first: int


def verify(database: Database, centre_keys: Sequence[bytes], *, office: str | None = None) -> Iterator[EpochVerdict]:
    """Prove every epoch of every office, or of one, oldest first. Raises `RegistryUnavailable`."""
    starts = [start for start in database.run(_starts) if office in (None, start.office)]
    trees: dict[tuple[str, int, int], Frontier] = {}
    for start in starts:
        branches = {one.first - 1 for one in starts if (one.office, one.parent) == (start.office, start.epoch)}
        base = trees.get((start.office, start.parent, start.first - 1), Frontier())
        proof = _Proof(database, start, base, centre_keys)
        yield proof.verdict(branches)
        trees.update({(start.office, start.epoch, size): tree for size, tree in proof.branches.items()})


class _Proof:
    """The proof of one epoch."""

    def __init__(self, database: Database, start: Start, base: Frontier, centre_keys: Sequence[bytes]) -> None:
        self._database = database
        self._start = start
        self._tree = self._base = base
        self._centre_keys = centre_keys
        self._keys = database.run(lambda cursor: _keys(cursor, start.office))
        self._heads = {head.size: head for head in database.run(lambda cursor: _heads(cursor, start))}
        self._proved = 0
        self.branches: dict[int, Frontier] = {}
        """The tree at each size from which a later epoch grows."""

    def verdict(self, branches: set[int]) -> EpochVerdict:
        fault = ""
        try:
            self._prove(branches)
        except RegistryDamaged as error:
            fault = str(error)
        return EpochVerdict(
            office=self._start.office,
            epoch=self._start.epoch,
            rows=self._tree.size - self._base.size,
            heads=self._proved,
            fault=fault,
        )

    def _prove(self, branches: set[int]) -> None:
        if self._base.size != self._start.first - 1:
            raise RegistryDamaged(f"row {self._start.first}: the epoch before does not reach it")
        # An epoch without a row of its own may be left again where it began.
        self._keep(branches)
        for seq, body, leaf in self._rows():
            self._prove_row(seq, body, leaf)
            self._keep(branches)
            if seq in self._heads:
                self._prove_head(self._heads[seq])
        if self._tree.size != max(self._heads, default=-1):
            raise RegistryDamaged(f"row {self._tree.size + 1}: is missing, or the head that vouches for it")

    def _keep(self, branches: set[int]) -> None:
        if self._tree.size in branches:
            self.branches[self._tree.size] = self._tree

    def _prove_row(self, seq: int, body: bytes, leaf: bytes) -> None:
        if seq != self._tree.size + 1:
            raise RegistryDamaged(f"row {self._tree.size + 1}: is missing")
        if leaf_hash(body) != leaf:
            raise RegistryDamaged(f"row {seq}: is not as it was written")
        self._tree = self._tree.append(leaf)

    def _prove_head(self, head: Head) -> None:
        try:
            header = Header.from_bytes(head.header)
            receipt = receipts.parse(head.receipt, self._centre_keys)
        except ExchangeError as error:
            raise RegistryDamaged(f"head {head.size}: {error}") from error
        roots = {header.checkpoint.head.root, receipt.head.root, self._tree.root()}
        if len(roots) != 1 or self._tree.as_bytes() != head.peaks:
            raise RegistryDamaged(f"head {head.size}: the rows have another root")
        if not any(_is_signed(head, header, key) for key in self._keys):
            raise RegistryDamaged(f"head {head.size}: not signed by a key of the office")
        self._proved += 1

    def _rows(self) -> Iterator[tuple[int, bytes, bytes]]:
        after = self._base.size
        while page := self._database.run(lambda cursor, last=after: _page(cursor, self._start, last)):  # type: ignore[misc]  # bound in this turn
            yield from page
            after = page[-1][0]


def _is_signed(head: Head, header: Header, key: bytes) -> bool:
    return verifies(key, MAGIC + head.header, head.signature) and header.checkpoint.is_signed_by(key)


def _starts(cursor: Cursor[Any]) -> list[Start]:
    rows = cursor.execute("SELECT office, epoch, parent, first FROM epoch_start ORDER BY office, epoch").fetchall()
    return [Start(*row) for row in rows]


def _keys(cursor: Cursor[Any], office: str) -> list[bytes]:
    rows = cursor.execute("SELECT spki FROM office_key WHERE office = %s", [office]).fetchall()
    return [bytes(row[0]) for row in rows]


def _heads(cursor: Cursor[Any], start: Start) -> list[Head]:
    rows = cursor.execute(
        "SELECT size, peaks, header, signature, receipt FROM head WHERE office = %s AND epoch = %s",
        [start.office, start.epoch],
    ).fetchall()
    return [Head(size, bytes(peaks), bytes(header), bytes(sig), text) for size, peaks, header, sig, text in rows]


def _page(cursor: Cursor[Any], start: Start, after: int) -> list[tuple[int, bytes, bytes]]:
    rows = cursor.execute(
        "SELECT seq, body, leaf FROM journal_row WHERE office = %s AND epoch = %s AND seq > %s ORDER BY seq LIMIT %s",
        [start.office, start.epoch, after, AT_ONCE],
    ).fetchall()
    return [(seq, bytes(body), bytes(leaf)) for seq, body, leaf in rows]
