"""Numbers that people say aloud, counted from 1 in each calendar year."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database


def next_number(db: Database, series: str, year: int) -> str:
    """The next number of a series: `2026-000019`. A number once given is never given again; gaps may occur."""
    rows = db.execute(
        "INSERT INTO numbers VALUES (?, ?, 1) ON CONFLICT (series, year) DO UPDATE SET last = last + 1 RETURNING last",
        [series, year],
    ).fetchall()
    return f"{year}-{rows[0][0]:06}"


def contract_number_of(db: Database, case_id: str) -> str | None:
    """The contract number reserved for a case."""
    row = db.execute("SELECT number FROM contract_numbers WHERE case_id = ?", [case_id]).fetchone()
    return None if row is None else str(row[0])


def reserve_contract_number(db: Database, case_id: str, office: str, year: int) -> str:
    """Give a case the office's next contract number: `7130-2026-000481`."""
    number = f"{office}-{next_number(db, f'contract/{office}', year)}"
    db.table("contract_numbers").insert({"case_id": case_id, "number": number})
    return number
