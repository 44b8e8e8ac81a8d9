"""The status of certificates and the numbered CRLs, as rows of the authority's register."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from data.values import moment, utc_text
from kiosk.ca.register import ListIssue
from kiosk.ca.status import CertificateStatus, Standing

if TYPE_CHECKING:
    from sqlite_utils import Database

IS_LAST = "status_changes.n = (SELECT max(n) FROM status_changes AS later WHERE later.serial = issued.serial)"
"""Joins a certificate with its last change."""
COUNTS = "SELECT coalesce(max(n), 0) FROM status_changes"


def status_of(db: Database, serial: str) -> CertificateStatus | None:
    """The status of a stored certificate."""
    row = next(
        db.query(
            f"SELECT issued.serial, standing, since, reason FROM issued LEFT JOIN status_changes ON {IS_LAST}"  # noqa: S608  # our own text
            " WHERE issued.serial = ? AND certificate IS NOT NULL",
            [serial],
        ),
        None,
    )
    return None if row is None else as_status(row)


def change_status(
    db: Database, serial: str, decide: Callable[[CertificateStatus], CertificateStatus], now: datetime
) -> CertificateStatus | None:
    """Enter what `decide` makes of the status, if it differs."""
    current = status_of(db, serial)
    if current is None:
        return None
    decided = decide(current)
    if decided != current:
        db.table("status_changes").insert(
            {
                "serial": decided.serial,
                "standing": decided.standing.value,
                "since": decided.since and utc_text(decided.since),
                "reason": decided.reason,
                "at": utc_text(now),
            }
        )
    return decided


def issue_list(db: Database, this_update: datetime, next_update: datetime) -> ListIssue:
    """Enter the next CRL and gather what stands on it."""
    number = _one(db, "SELECT coalesce(max(number), 0) + 1 FROM revocation_lists")
    db.table("revocation_lists").insert(
        {
            "number": number,
            "this_update": utc_text(this_update),
            "next_update": utc_text(next_update),
            "last_change": _one(db, COUNTS),
        }
    )
    entries = db.query(
        f"SELECT issued.serial, standing, since, reason FROM issued JOIN status_changes ON {IS_LAST}"  # noqa: S608  # our own text
        " WHERE standing <> 'active' ORDER BY issued.n"
    )
    return ListIssue(
        number=number,
        this_update=this_update,
        next_update=next_update,
        entries=tuple(as_status(row) for row in entries),
    )


def is_list_due(db: Database, published: int) -> bool:
    """Whether the list of that number is not the last one, or behind the last change."""
    last = db.execute("SELECT number, last_change FROM revocation_lists ORDER BY number DESC LIMIT 1").fetchone()
    return last is None or last[0] != published or last[1] < _one(db, COUNTS)


def as_status(row: dict[str, Any]) -> CertificateStatus:
    """A row with serial, standing, since and reason; standing is NULL where nothing ever changed."""
    if row["standing"] is None:
        return CertificateStatus(serial=row["serial"])
    return CertificateStatus(
        serial=row["serial"],
        standing=Standing(row["standing"]),
        since=row["since"] and moment(row["since"]),
        reason=row["reason"],
    )


def _one(db: Database, question: str) -> int:
    return int(db.execute(question).fetchone()[0])
