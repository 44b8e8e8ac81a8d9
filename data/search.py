"""Finding a case by whatever the clerk has: a name in any spelling, or one of its numbers."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from data.case_table import summaries
from data.fold import FOLD_VERSION, fold
from data.records import CaseSummary

if TYPE_CHECKING:
    from sqlite_utils import Database

MOST_SORTED = 100
UNRESTRICTED = "NOT EXISTS (SELECT 1 FROM restrictions WHERE case_id = cases.id)"
PAIRS = re.compile(r"\b([0-9a-f]{2}(?:[: ][0-9a-f]{2}){3,})\b")
"""A serial number as other programs show it: `0a:1b:2c:3d`."""


def index_case(db: Database, case_id: str) -> None:
    """Make the search key of a case anew from what the archive knows of it."""
    number, *words = db.execute(
        "SELECT n, full_name, personal_number, document_number, id, contract_number FROM cases WHERE id = ?", [case_id]
    ).fetchone()
    numbers = db.execute(
        "SELECT serial FROM certificates WHERE case_id = :id UNION ALL "
        "SELECT number FROM contract_numbers WHERE case_id = :id UNION ALL "
        "SELECT number FROM contracts WHERE case_id = :id",
        {"id": case_id},
    ).fetchall()
    words += [row[0] for row in numbers]
    db.execute("DELETE FROM search WHERE rowid = ?", [number])
    db.execute("INSERT INTO search (rowid, skey) VALUES (?, ?)", [number, fold(" ".join(w for w in words if w))])


def is_current(db: Database) -> bool:
    """False when the search keys were folded by another version of the fold, or never made."""
    return bool(db.execute("SELECT fold_version FROM search_version").fetchone() == (FOLD_VERSION,))


def index_all(db: Database) -> None:
    """Make all search keys anew."""
    for (case_id,) in db.execute("SELECT id FROM cases").fetchall():
        index_case(db, case_id)
    db.execute("INSERT OR REPLACE INTO search_version VALUES (1, ?)", [FOLD_VERSION])


def match_expression(text: str) -> str:
    """A full-text query in which every word of `text` is the beginning of a word; empty when there is none.

    Each word is quoted and holds letters, digits and spaces only, so that nothing typed is read as query syntax.
    """
    joined = PAIRS.sub(lambda pairs: re.sub("[: ]", "", pairs[1]), fold(text))
    words = ("".join(c if c.isalnum() else " " for c in word).strip() for word in joined.split())
    return " ".join(f'"{word}"*' for word in words if word)


def find(db: Database, text: str, limit: int) -> list[CaseSummary]:
    """Cases that match every word, names spelled as typed first, then latest change first; all for an empty text.

    Of very many only the `MOST_SORTED` opened last are looked at: two letters match a tenth of a nation.
    """
    if not text.strip():
        return summaries(db, f"WHERE {UNRESTRICTED} ORDER BY changed_at DESC, n DESC LIMIT ?", [limit])
    # A terminal may hand over half a character, which UTF-8 cannot hold.
    text = text.encode("utf-8", "ignore").decode()
    expression = match_expression(text)
    if not expression:
        return []
    newest = db.execute(
        "SELECT rowid FROM search WHERE search MATCH ? ORDER BY rowid DESC LIMIT ?", [expression, MOST_SORTED]
    ).fetchall()
    return summaries(
        db,
        "WHERE n IN (SELECT value FROM json_each(?)) "  # noqa: S608  # both texts are ours
        f"AND {UNRESTRICTED} ORDER BY instr(full_name, ?) = 0, changed_at DESC, n DESC LIMIT ?",
        # The chip's names are in capitals, and SQLite itself compares only ASCII without case.
        [json.dumps([number for (number,) in newest]), text.strip().upper(), limit],
    )
