"""What is in each report: the archive's answers as rows and sums."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from typing import TYPE_CHECKING

from data import balance, failures, reports
from data.balance import Exchanged
from data.reports import EndingCertificate, Span
from data.values import utc_text
from kiosk.procedures import PROCEDURES
from kiosk.reports.pairs import pairs, printed_again
from kiosk.reports.report import WITHIN_DAYS, Cell, Report

if TYPE_CHECKING:
    from sqlite_utils import Database

AFTER = {"release": "current", "hold": "suspended", "revoke": "revoked"}
"""How a certificate stands after a change of its status."""
STANDINGS = ("current", "suspended", "revoked", "renewed")
"""How a certificate that ends stands, as far as this archive knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What a report needs to know besides the rows of its days."""

    zone: tzinfo | None = None
    """Where the office is; `None`: where the machine is."""
    exchange: Mapping[str, int] | None = None
    """`days` since the centre's last receipt, and rows `waiting` for the next; `None`: the office has no centre."""


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


def balanced(db: Database, days: Span, exchange: Mapping[str, int] | None) -> Contents:
    """Each pair of the balance with the cases that do not balance, and how the office stands to the centre."""
    tallies = balance.tallies(db, days)
    exchanged = None if exchange is None else balance.exchanged(db, days)
    found = {pair.key: pair for pair in pairs(tallies, exchanged)}
    rows: list[tuple[Cell, ...]] = [
        (key, pair.left, pair.right, "yes" if pair.is_balanced else "no", " ".join(pair.cases))
        for key, pair in found.items()
    ]
    counts = {
        "printed": found["printed_signed"].left,
        "signed": found["signed_filed"].left,
        "filed": found["signed_filed"].right,
        "issued": found["issued_written"].left,
        "certificates": found["issued_written"].right,
        "completed": found["completed_served"].left,
        "printed_again": printed_again(tallies),
    }
    return ("pair", "left", "right", "balanced", "cases"), rows, {"counts": counts, **_centre(exchanged, exchange)}


def _centre(exchanged: Exchanged | None, exchange: Mapping[str, int] | None) -> Sums:
    if exchanged is None or exchange is None:
        return {}
    there = {"rows": exchanged.rows, "at_centre": exchanged.at_centre, "waiting": exchange["waiting"]}
    return {"exchange": there, "silence": {"days": exchange["days"]}}


def expiring(db: Database, days: Span, zone: tzinfo | None) -> Contents:
    """Certificates that end, how soon, and how they stand."""
    changes = reports.status_changes(db)
    rows: list[tuple[Cell, ...]] = []
    within = dict.fromkeys(map(str, WITHIN_DAYS), 0)
    for one in reports.ending(db, days):
        left = (one.not_after.astimezone(zone).date() - days.first).days
        standing = _standing(one, changes.get(one.serial, "release"))
        for limit in WITHIN_DAYS:
            within[str(limit)] += left <= limit and standing in ("current", "suspended")
        at = utc_text(one.not_after)
        rows.append(
            (left, at, one.case_id, one.profile.value, one.serial, standing, one.document_number, one.full_name)
        )
    columns = ("days", "not_after", "case_id", "profile", "serial", "standing", "document_number", "name")
    return columns, rows, {"within": within, "standings": _counted((str(row[5]) for row in rows), STANDINGS)}


def _standing(one: EndingCertificate, last_change: str) -> str:
    known = AFTER[last_change]
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
        "expiring": lambda: expiring(db, days, beside.zone),
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
