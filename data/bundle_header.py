"""What an office says, and signs, about the rows of a bundle."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from itertools import pairwise
from typing import Any

from data import checkpoints
from data.canonical import canonical
from data.checkpoints import Checkpoint
from data.errors import BadCheckpoint
from data.exchange_errors import MalformedFile

MOST_ROWS = 1000
SUFFIX = ".bundle"
NAME = re.compile(r"([0-9A-Za-z]{1,16})-(\d{1,9})-(\d{9,18})-(\d{9,18})(?:\.[0-9a-f]{12})?\.bundle\Z", re.ASCII)
"""The centre's drop adds twelve digits of the file's digest, so that no file ever takes the place of another."""
KEY = re.compile(r"[0-9a-f]{16}\Z")
OFFICE = re.compile(r"[0-9A-Za-z]{1,16}\Z")


@dataclass(frozen=True, slots=True, order=True)
class EpochStart:
    """From row `first` on, the office's journal is of `epoch`; a restored archive begins a new one."""

    epoch: int
    first: int


@dataclass(frozen=True, kw_only=True)
class Header:
    """What the office says, and signs, about the rows of one bundle."""

    office: str
    epochs: tuple[EpochStart, ...]
    """All epochs of this journal up to the one of the rows, oldest first."""
    first: int
    """Number of the first row, from 1."""
    count: int
    note: str
    """The office's signed checkpoint of its journal after the last row."""
    key: str
    """Name of the office's key, as `key_name` gives it."""
    payload: bytes
    """SHA-256 of the compressed rows."""
    acknowledged: int = 0
    """Rows for which the office already holds the centre's receipt."""

    @property
    def epoch(self) -> int:
        """The epoch of the rows."""
        return self.epochs[-1].epoch

    @property
    def last(self) -> int:
        """Number of the last row, and size of the journal after it."""
        return self.first + self.count - 1

    @cached_property
    def checkpoint(self) -> Checkpoint:
        """What the office vouches for. Raises `BadCheckpoint`."""
        return checkpoints.parse(self.note)

    def as_bytes(self) -> bytes:
        """The header as it is signed and kept."""
        return canonical(
            {
                "acknowledged": self.acknowledged,
                "count": self.count,
                "epochs": [[start.epoch, start.first] for start in self.epochs],
                "first": self.first,
                "key": self.key,
                "note": self.note,
                "office": self.office,
                "payload": self.payload.hex(),
            }
        )

    @classmethod
    def from_bytes(cls, content: bytes) -> Header:
        """The header that `as_bytes` gave. Raises `MalformedFile`."""
        try:
            header = cls._read(json.loads(content))
            head = header.checkpoint.head
            is_canonical = header.as_bytes() == content
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError, BadCheckpoint) as error:
            raise MalformedFile(f"header: {type(error).__name__}") from error
        if not is_canonical:
            raise MalformedFile("header: not in its canonical form")
        header._check()
        if (head.office, head.epoch, head.size) != (header.office, header.epoch, header.last):
            raise MalformedFile("header: the checkpoint is of other rows")
        return header

    @classmethod
    def _read(cls, record: dict[str, Any]) -> Header:
        return cls(
            office=record["office"],
            epochs=tuple(EpochStart(int(epoch), int(first)) for epoch, first in record["epochs"]),
            first=int(record["first"]),
            count=int(record["count"]),
            note=record["note"],
            key=str(record["key"]),
            payload=bytes.fromhex(record["payload"]),
            acknowledged=int(record["acknowledged"]),
        )

    def _check(self) -> None:
        starts = self.epochs
        sound = (
            OFFICE.match(self.office)
            and starts
            and starts[0].first == 1
            and all(a.epoch < b.epoch and a.first <= b.first for a, b in pairwise(starts))
            and starts[-1].first <= self.first < 1 << 62
            and 1 <= self.count <= MOST_ROWS
            and len(self.payload) == 32
            and starts[0].epoch >= 1
            and starts[-1].epoch < 1 << 31
            and KEY.match(self.key)
        )
        if not sound:
            raise MalformedFile("header: values that cannot be")


def key_name(spki: bytes) -> str:
    """Short name of a public key (SPKI, DER): 16 hex digits of its SHA-256."""
    return sha256(spki).hexdigest()[:16]


def file_name(header: Header) -> str:
    """Name of a bundle's file, `7130-1-000000001-000001000.bundle`: sorts in the order of the rows."""
    return f"{header.office}-{header.epoch}-{header.first:09}-{header.last:09}{SUFFIX}"


def named_rows(name: str) -> tuple[str, int, int, int] | None:
    """Office, epoch, first and last row that a file's name tells; `None` when it is no bundle's name."""
    found = NAME.match(name)
    return (found[1], int(found[2]), int(found[3]), int(found[4])) if found else None
