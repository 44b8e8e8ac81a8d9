"""The table of contracts: what a renewal rests on."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from data.errors import RecordConflict
from data.records import Contract

if TYPE_CHECKING:
    from sqlite_utils import Database


def contract_record(contract: Contract) -> dict[str, Any]:
    """A contract as JSON-ready values, one for each column."""
    return {
        "number": contract.number,
        "personal_number": contract.personal_number,
        "concluded_on": contract.concluded_on.isoformat(),
        "case_id": contract.case_id,
        "seen_by": contract.seen_by,
        "note": contract.note,
    }


def is_new(db: Database, contract: Contract) -> bool:
    """False when it is there already. Raises `RecordConflict` when the number is another citizen's, or another case's.

    A case that concludes its contract anew, since the step was recorded again, is new.
    """
    known = contract_by_number(db, contract.number)
    if known is None or (contract.case_id is not None and known.case_id == contract.case_id):
        return True
    if known.personal_number != contract.personal_number or contract.case_id is not None:
        raise RecordConflict(f"contract {contract.number} is already in the archive")
    return False


def insert_contract(db: Database, record: dict[str, Any]) -> None:
    """Add a contract (a `contract_record`)."""
    if record["case_id"] is not None:
        # The step was recorded anew: a case concludes one contract, and the journal keeps what was said before.
        db.execute("DELETE FROM contracts WHERE case_id = ?", [record["case_id"]])
    db.table("contracts").insert(record)


def contract_by_number(db: Database, number: str) -> Contract | None:
    """The contract with that number."""
    found = _contracts(db, "number = ?", number)
    return found[0] if found else None


def contracts_of_person(db: Database, personal_number: str) -> list[Contract]:
    """A citizen's contracts, newest first."""
    return _contracts(db, "personal_number = ?", personal_number)


def contracts_of_case(db: Database, case_id: str) -> list[Contract]:
    """The contract concluded in a case, and the one the case rests on."""
    rests_on = "number = (SELECT contract_number FROM cases WHERE id = :value)"
    return _contracts(db, f"case_id = :value OR {rests_on}", {"value": case_id})


def _contracts(db: Database, condition: str, value: str | dict[str, str]) -> list[Contract]:
    order = " ORDER BY concluded_on DESC, number DESC"
    rows = db.query(
        f"SELECT * FROM contracts WHERE {condition}{order}",  # noqa: S608  # conditions are the ones above
        value if isinstance(value, dict) else [value],
    )
    return [Contract(**row | {"concluded_on": date.fromisoformat(row["concluded_on"])}) for row in rows]
