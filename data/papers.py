"""The table of forms that were printed or saved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from data.records import PaperCopy
from data.values import moment, utc_text

if TYPE_CHECKING:
    from sqlite_utils import Database


def paper_columns(paper: PaperCopy) -> dict[str, Any]:
    """A printed form as JSON-ready values, one for each column."""
    return {
        "form": paper.form,
        "case_id": paper.case_id,
        "copies": paper.copies,
        "sha256": paper.sha256,
        "printed_at": utc_text(paper.printed_at),
        "printed_where": paper.where,
    }


def insert_paper(db: Database, seq: int, columns: dict[str, Any]) -> None:
    """Add a printed form (`paper_columns`) that journal row `seq` tells of."""
    db.table("papers").insert({"n": seq} | columns)


def papers_of_case(db: Database, case_id: str) -> list[PaperCopy]:
    """The forms printed for a case, in the order they were printed."""
    rows = db.query("SELECT * FROM papers WHERE case_id = ? ORDER BY n", [case_id])
    return [
        PaperCopy(
            form=row["form"],
            case_id=row["case_id"],
            copies=row["copies"],
            sha256=row["sha256"],
            printed_at=moment(row["printed_at"]),
            where=row["printed_where"],
        )
        for row in rows
    ]
