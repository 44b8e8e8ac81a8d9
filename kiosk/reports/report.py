"""A report as plain data: one table and the sums over it. Screen, text, CSV, JSON and PDF all show the same."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from data.canonical import canonical

Cell = str | int
REPORTS = ("day", "balance", "expiring", "failures")
WITHIN_DAYS = (7, 30, 90)
"""How soon a certificate ends that `expiring` counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One report of one office about days from `first` to `last`. Times in it are UTC, ISO 8601."""

    key: str
    """One of `REPORTS`."""
    office: str
    first: date
    last: date
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    sums: dict[str, dict[str, int]]
    """Sums over the rows in groups: `{"procedures": {"issuance": 3}}`; keys are ours, or names of readers and codes."""
    clock_moves: tuple[tuple[str, str], ...] = field(default=())
    """From when to when the clock was moved in these days."""

    def as_json(self) -> bytes:
        """The report as canonical JSON: what `sha256` is of, byte for byte."""
        record: dict[str, Any] = {
            "report": self.key,
            "office": self.office,
            "from": self.first.isoformat(),
            "to": self.last.isoformat(),
            "columns": self.columns,
            "rows": self.rows,
            "sums": self.sums,
            "clock_moves": self.clock_moves,
        }
        return canonical(record)

    @property
    def sha256(self) -> str:
        """SHA-256 of `as_json`, lower-case hex: printed on paper, it says which data the paper shows."""
        return hashlib.sha256(self.as_json()).hexdigest()

    @property
    def file_name(self) -> str:
        """A name for its file, without a suffix; nothing of a citizen is in it."""
        days = self.first.isoformat() + ("" if self.first == self.last else f"_{self.last.isoformat()}")
        return f"report-{self.key}-{self.office}-{days}"
