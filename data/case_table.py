"""The table of cases: where each one stands now."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import TYPE_CHECKING, Any

from data.canonical import canonical
from data.errors import ArchiveDamaged, RecordConflict, UnknownCase
from data.evidence_table import evidence_of
from data.records import CaseSummary
from data.values import moment, utc_text
from kiosk.cases import Case, CaseStatus, Citizen
from kiosk.procedures import PROCEDURES

if TYPE_CHECKING:
    from sqlite_utils import Database

ENDED = frozenset({CaseStatus.COMPLETED.value, CaseStatus.ABANDONED.value})

SUMMARY = (
    "SELECT cases.id, procedure_key, full_name, personal_number, document_number, at, status, opened_at, changed_at, "
    "parent_id FROM cases "
)


def insert_case(db: Database, seq: int, case_id: str, body: dict[str, Any], at: str) -> None:
    """Add the case that journal row `seq` opens; its number of row stays with it."""
    citizen = body["citizen"]
    state = {"status": body["status"], "at": body["step"], "reason": body["reason"], "changed_at": at}
    db.table("cases").insert(
        {
            "n": seq,
            "id": case_id,
            "procedure_key": body["procedure"],
            "edition": body["edition"],
            "opened_at": at,
            "parent_id": body["parent_id"],
            "contract_number": body["contract_number"],
            **_citizen_columns(citizen),
            **state,
        }
    )


def _citizen_columns(citizen: dict[str, Any]) -> dict[str, str]:
    return {
        "citizen": canonical(citizen).decode(),
        "personal_number": citizen["personal_number"],
        "document_number": citizen["document_number"],
        "full_name": f"{citizen['surname']} {citizen['given_name']}",
    }


def correct_citizen(db: Database, case_id: str, citizen: dict[str, Any]) -> None:
    """Put corrected words in the place of those the case had; the journal keeps both."""
    db.table("cases").update(_number_of(db, case_id), _citizen_columns(citizen))


def require_unended(db: Database, case_id: str) -> None:
    """Raise `UnknownCase`, or `RecordConflict` when the archived case has ended."""
    row = db.execute("SELECT status FROM cases WHERE id = ?", [case_id]).fetchone()
    if row is None:
        raise UnknownCase(case_id)
    if row[0] in ENDED:
        raise RecordConflict(f"case {case_id} has ended: {row[0]}")


def move(db: Database, case_id: str, state: dict[str, Any], at: str) -> None:
    """Store where a case stands now: a `state_record`."""
    db.table("cases").update(_number_of(db, case_id), state | {"changed_at": at})


def _number_of(db: Database, case_id: str) -> int:
    row = db.execute("SELECT n FROM cases WHERE id = ?", [case_id]).fetchone()
    if row is None:
        raise UnknownCase(case_id)
    return int(row[0])


def state_record(case: Case) -> dict[str, Any]:
    """Where a case stands, as JSON-ready values."""
    return {
        "status": case.status.value,
        "at": case.at,
        "reason": case.reason,
        "parent_id": case.parent_id,
        "contract_number": case.contract_number,
    }


def citizen_record(citizen: Citizen) -> dict[str, Any]:
    """A citizen as JSON-ready values."""
    dates = {"date_of_birth": citizen.date_of_birth, "card_expiry": citizen.card_expiry}
    return asdict(citizen) | {name: day.isoformat() if day else None for name, day in dates.items()}


def _citizen(record: dict[str, Any]) -> Citizen:
    born = record.pop("date_of_birth")
    return Citizen(
        date_of_birth=date.fromisoformat(born) if born else None,
        card_expiry=date.fromisoformat(record.pop("card_expiry")),
        **record,
    )


def load_case(db: Database, case_id: str) -> Case:
    """A case as it stands, with the latest evidence of each step. Raises `UnknownCase`, `ArchiveDamaged`."""
    row = next(db.query("SELECT * FROM cases WHERE id = ?", [case_id]), None)
    if row is None:
        raise UnknownCase(case_id)
    try:
        return Case(
            id=row["id"],
            procedure_key=row["procedure_key"],
            edition=row["edition"],
            citizen=_citizen(json.loads(row["citizen"])),
            at=row["at"],
            status=CaseStatus(row["status"]),
            reason=row["reason"],
            evidence=evidence_of(db, case_id),
            parent_id=row["parent_id"],
            contract_number=row["contract_number"],
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ArchiveDamaged(f"case {case_id}: {type(error).__name__}") from error


def summary_of(db: Database, case_id: str) -> CaseSummary:
    """A case as one line. Raises `UnknownCase`."""
    found = summaries(db, "WHERE cases.id = ?", [case_id])
    if not found:
        raise UnknownCase(case_id)
    return found[0]


def summaries(db: Database, condition: str, values: list[Any]) -> list[CaseSummary]:
    """The cases that an SQL condition (ours, never a user's text) selects, in its order."""
    rows = db.query(SUMMARY + condition, values)
    return [
        CaseSummary(
            **row
            | {
                "case_id": row.pop("id"),
                "opened_at": moment(row["opened_at"]),
                "changed_at": moment(row["changed_at"]),
            }
        )
        for row in rows
    ]


def open_summaries(db: Database) -> list[CaseSummary]:
    """Cases that are open or suspended, latest change first."""
    return summaries(db, "WHERE status IN ('open', 'suspended') ORDER BY changed_at DESC, n DESC", [])


def counts(db: Database, today: date, zone: tzinfo | None) -> dict[str, int]:
    """Cases completed on that day by procedure, `abandoned` on that day, and `open` now (set aside ones included)."""
    begin, end = (
        utc_text(datetime.combine(day, time.min, zone).astimezone(UTC)) for day in (today, today + timedelta(days=1))
    )
    found = dict.fromkeys([*PROCEDURES, "abandoned", "open"], 0)
    ended = db.execute(
        "SELECT CASE status WHEN 'completed' THEN procedure_key ELSE status END, count(*) FROM cases "
        "WHERE status IN ('completed', 'abandoned') AND changed_at >= ? AND changed_at < ? GROUP BY 1",
        [begin, end],
    ).fetchall()
    found.update(ended)
    found["open"] = db.execute("SELECT count(*) FROM cases WHERE status IN ('open', 'suspended')").fetchone()[0]
    return found
