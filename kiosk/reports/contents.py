"""What is in each report: the archive's answers as rows and sums."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import TYPE_CHECKING

from data import balance, failures, reports
from data.reports import EndingCertificate, Span
from data.values import utc_text
from kiosk.procedures import PROCEDURES
from kiosk.reports.pairs import pairs, printed_again
from kiosk.reports.report import Cell, Report

if TYPE_CHECKING:
    from sqlite_utils import Database

WITHIN_DAYS = (7, 30, 90)
STANDINGS = ("current", "suspended", "revoked", "renewed")
"""How a certificate that ends stands, as far as this archive knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What a report needs to know besides the rows of its days."""

    zone: tzinfo | None = None
    """Where the office is; `None`: where the machine is."""
    changed: Mapping[str, str] = field(default_factory=dict)
    """Certificates, by serial, that are `suspended` or `revoked`."""
    exchange: Mapping[str, int] = field(default_factory=dict)
    """`days` since the centre's last receipt, and rows `waiting` for the next."""


Sums = dict[str, dict[str, int]]
Contents = tuple[tuple[str, ...], list[tuple[Cell, ...]], Sums]
"""Columns, rows, sums."""


def day(db: Database, days: Span) -> Contents:
    """Every row of the journal as far as it stands open, and how the cases ended."""
    rows: list[tuple[Cell, ...]] = [
        (row.seq, utc_text(row.at), row.clerk, row.case_id or "", row.kind) for row in reports.rows(db, days)
    ]
    procedures = dict.fromkeys([*PROCEDURES, "abandoned"], 0) | reports.ended(db, days)
    return ("seq", "at", "clerk", "case_id", "kind"), rows, {"procedures": procedures, "kinds": reports.kinds(db, days)}


def balanced(db: Database, days: Span, exchange: Mapping[str, int]) -> Contents:
    """Each pair of the balance with the cases that do not balance, and how long the centre was not heard of."""
    tallies = balance.tallies(db, days)
    found = pairs(tallies, balance.exchanged(db, days))
    rows: list[tuple[Cell, ...]] = [
        (pair.key, pair.left, pair.right, "yes" if pair.is_balanced else "no", " ".join(pair.cases)) for pair in found
    ]
    by_key = {pair.key: pair for pair in found}
    counts = {
        "printed": by_key["printed_signed"].left,
        "signed": by_key["signed_filed"].left,
        "filed": by_key["signed_filed"].right,
        "certificates": by_key["named_written"].right,
        "completed": by_key["completed_served"].left,
        "printed_again": printed_again(tallies),
    }
    centre = {
        "rows": by_key["journal_centre"].left,
        "at_centre": by_key["journal_centre"].right,
        "waiting": exchange.get("waiting", 0),
    }
    silence = {"days": exchange.get("days", 0)}
    return (
        ("pair", "left", "right", "balanced", "cases"),
        rows,
        {"counts": counts, "exchange": centre, "silence": silence},
    )


def expiring(db: Database, days: Span, zone: tzinfo | None, changed: Mapping[str, str]) -> Contents:
    """Certificates that end; `changed` says of some by serial that they are `suspended` or `revoked`."""
    rows: list[tuple[Cell, ...]] = []
    within = dict.fromkeys(map(str, WITHIN_DAYS), 0)
    for one in reports.ending(db, days):
        left = (one.not_after.astimezone(zone).date() - days.first).days
        standing = _standing(one, changed)
        for limit in WITHIN_DAYS:
            within[str(limit)] += left <= limit and standing in ("current", "suspended")
        at = utc_text(one.not_after)
        rows.append(
            (left, at, one.case_id, one.profile.value, one.serial, standing, one.document_number, one.full_name)
        )
    columns = ("days", "not_after", "case_id", "profile", "serial", "standing", "document_number", "name")
    return columns, rows, {"within": within, "standings": _counted((str(row[5]) for row in rows), STANDINGS)}


def _standing(one: EndingCertificate, changed: Mapping[str, str]) -> str:
    known = changed.get(one.serial, "current")
    return "renewed" if one.is_followed and known != "revoked" else known


def failed(db: Database, days: Span) -> Contents:
    """Each failure, and how many there were at each step and reader and under each code."""
    found = failures.failures(db, days)
    rows: list[tuple[Cell, ...]] = [
        (one.seq, utc_text(one.at), one.clerk, one.case_id or "", one.kind, one.step, one.reader, one.code)
        for one in found
    ]
    sums = {
        "steps": _counted(one.step for one in found),
        "readers": _counted(one.reader for one in found),
        "codes": _counted(one.code or one.kind for one in found),
    }
    return ("seq", "at", "clerk", "case_id", "kind", "step", "reader", "code"), rows, sums


def _counted(values: Iterable[str], known: Iterable[str] = ()) -> dict[str, int]:
    """How often each value comes, most first; the `known` ones in their own order."""
    counter = Counter(values)
    if known := tuple(known):
        return {value: counter[value] for value in known}
    return dict(sorted(counter.items(), key=lambda item: (-item[1], item[0])))


def report_of(db: Database, key: str, office: str, days: Span, beside: Beside) -> Report:
    """The report `key`. Raises `KeyError` for one that does not exist, `ArchiveError`."""
    made = {
        "day": lambda: day(db, days),
        "balance": lambda: balanced(db, days, beside.exchange),
        "expiring": lambda: expiring(db, days, beside.zone, beside.changed),
        "failures": lambda: failed(db, days),
    }
    columns, rows, sums = made[key]()
    return Report(
        key=key,
        office=office,
        first=days.first,
        last=days.last,
        columns=columns,
        rows=tuple(rows),
        sums=sums,
        clock_moves=tuple(reports.clock_moves(db, days)),
    )
