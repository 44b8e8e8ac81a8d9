"""Numbers that people say aloud, counted from 1 in each calendar year."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database


def next_number(db: Database, series: str, year: int) -> str:
    """The number that comes next in a series: `2026-000019`. It is given when the journal says so: `give`."""
    row = db.execute("SELECT last FROM numbers WHERE series = ? AND year = ?", [series, year]).fetchone()
    return f"{year}-{(0 if row is None else row[0]) + 1:06}"


def give(db: Database, series: str, number: str) -> None:
    """Count a number of a series as given; it is never given again, and gaps may occur."""
    year, last = number.split("-")
    db.execute(
        "INSERT INTO numbers VALUES (:series, :year, :last) "
        "ON CONFLICT (series, year) DO UPDATE SET last = max(last, excluded.last)",
        {"series": series, "year": int(year), "last": int(last)},
    )


def contract_number_of(db: Database, case_id: str) -> str | None:
    """The contract number reserved for a case."""
    row = db.execute("SELECT number FROM contract_numbers WHERE case_id = ?", [case_id]).fetchone()
    return None if row is None else str(row[0])


def reserve_contract_number(db: Database, case_id: str, number: str) -> None:
    """Enter that a case has a contract number: `7130-2026-000481`."""
    db.table("contract_numbers").insert({"case_id": case_id, "number": number})
