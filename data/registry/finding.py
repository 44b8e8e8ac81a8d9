"""Finding a case of any office by whatever is known of it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from data.registry.database import Database
from data.registry.findable import FoundCase, words

if TYPE_CHECKING:
    from psycopg import Cursor

COLUMNS = "office, epoch, case_id, seq, subject, procedure_key, full_name, personal_number, document_number, at"

HITS = "SELECT office, epoch, case_id FROM case_word WHERE word >= %b AND word < %b"


def find(database: Database, text: str, limit: int = 50) -> list[FoundCase]:
    """Cases of all offices in which every word of `text` is the beginning of a word, latest first.

    Raises `RegistryUnavailable`.
    """
    sought = words(text)
    return database.run(lambda cursor: _find(cursor, sought, limit)) if sought else []


def _find(cursor: Cursor[Any], sought: list[str], limit: int) -> list[FoundCase]:
    hits = " INTERSECT ".join([HITS] * len(sought))
    # No byte of UTF-8 is 0xff: what lies between a word and the word with it appended begins with the word.
    bounds = [bound for word in sought for bound in (word.encode(), word.encode() + b"\xff")]
    rows = cursor.execute(
        f"SELECT {COLUMNS} FROM found_case JOIN ({hits}) AS hit USING (office, epoch, case_id) "  # noqa: S608  # ours
        "ORDER BY at DESC, seq DESC LIMIT %s".encode(),
        [*bounds, limit],
    ).fetchall()
    return _newest([_found(*row) for row in rows])


def _found(
    office: str,
    epoch: int,
    case_id: str,
    seq: int,
    subject: str,
    procedure_key: str,
    full_name: str,
    personal_number: str,
    document_number: str,
    at: datetime,
) -> FoundCase:
    return FoundCase(
        office=office,
        epoch=epoch,
        case_id=case_id,
        seq=seq,
        subject=subject,
        procedure_key=procedure_key,
        full_name=full_name,
        personal_number=personal_number,
        document_number=document_number,
        at=at,
    )


def _newest(rows: list[FoundCase]) -> list[FoundCase]:
    """One line for a case: what the latest row says of it."""
    newest: dict[tuple[str, int, str], FoundCase] = {}
    for row in rows:
        newest.setdefault((row.office, row.epoch, row.case_id), row)
    return list(newest.values())
