"""What of an office's rows makes a case findable at the centre: names and numbers, folded as the archive folds them.

Made from rows whose personal key came with them. A row that says nothing, or nothing that is understood, is kept all
the same; it is only not found by name.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from data import sealed
from data.bundle_header import Header
from data.fold import fold
from data.values import moment

if TYPE_CHECKING:
    from psycopg import Cursor


TELLING = frozenset(
    {
        *("case_opened", "case_corrected", "contract_number_reserved", "contract_added"),
        *("certificate_archived", "person_erased"),
    }
)
"""Kinds of rows with what a case is found by. The others are not even opened: it would take most of the time."""


MOST_LETTERS, MOST_OF_A_WORD = 200, 64


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundCase:
    """One line of the central list of cases."""

    office: str
    epoch: int
    case_id: str
    seq: int
    """The row that tells it; a later row about the same case corrects it."""
    subject: str
    procedure_key: str
    full_name: str
    personal_number: str
    document_number: str
    at: datetime
    """Of the row."""


@dataclass(slots=True)
class Findable:
    """What the rows of one bundle add to the search."""

    cases: list[FoundCase] = field(default_factory=list)
    words: set[tuple[str, str]] = field(default_factory=set)
    """Folded word and case."""
    erased: list[tuple[str, datetime]] = field(default_factory=list)
    """Subjects whose key was destroyed at the office, and when."""


def findable(office: str, epoch: int, first: int, rows: Sequence[bytes], keys: dict[str, bytes]) -> Findable:
    """What these rows add, as far as `keys` open them; the first of them is row `first`."""
    found = Findable()
    for seq, row in enumerate(rows, first):
        for members in _opened(row, keys):
            _add(found, office, epoch, members | {"seq": seq})
    return found


def _opened(row: bytes, keys: dict[str, bytes]) -> Iterator[dict[str, Any]]:
    try:
        if json.loads(row)["kind"] in TELLING:
            members = sealed.opened(row, keys.get)
            if isinstance(members["body"], dict):
                yield members
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        # The row is kept all the same: it is proved by its leaf, not by its sense.
        return


def _add(found: Findable, office: str, epoch: int, members: dict[str, Any]) -> None:
    try:
        _read(found, office, epoch, members, members["body"])
    except (KeyError, TypeError, ValueError):
        return


def _read(found: Findable, office: str, epoch: int, members: dict[str, Any], body: dict[str, Any]) -> None:
    case_id, kind = members["case_id"], members["kind"]
    if kind == "person_erased":
        found.erased.append((_text(body["subject"]), moment(members["at"])))
        return
    texts = list(_numbers(body))
    if kind in ("case_opened", "case_corrected"):
        case = _case(office, epoch, members, body["citizen"], str(body.get("procedure", "")))
        found.cases.append(case)
        texts += [case.full_name, case.personal_number, case.document_number, case.case_id]
    if case_id is not None:
        found.words.update((word, _text(case_id)) for text in texts for word in words(_text(text)))


def _case(office: str, epoch: int, members: dict[str, Any], citizen: dict[str, Any], procedure: str) -> FoundCase:
    return FoundCase(
        office=office,
        epoch=epoch,
        case_id=_text(members["case_id"]),
        seq=members["seq"],
        subject=_text(members.get("subject", "")),
        procedure_key=_text(procedure),
        full_name=_text(f"{citizen['surname']} {citizen['given_name']}"),
        personal_number=_text(citizen["personal_number"]),
        document_number=_text(citizen["document_number"]),
        at=moment(members["at"]),
    )


def _text(value: object) -> str:
    """A value as text that a database takes, in an index as well: no NUL, no half characters, not endless."""
    return str(value)[:MOST_LETTERS].replace("\0", "").encode("utf-8", "replace").decode()


def _numbers(body: dict[str, Any]) -> Iterator[str]:
    """Numbers of certificates and contracts."""
    for name, value in body.items():
        if name in ("serial", "number", "contract_number") and isinstance(value, str):
            yield value


def words(text: str) -> list[str]:
    """The words of a text as they are looked up: folded, letters and digits only, cut where no name goes on."""
    parts = "".join(c if c.isalnum() else " " for c in fold(text)).split()
    return [part[:MOST_OF_A_WORD] for part in parts]


def add(cursor: Cursor[Any], header: Header, rows: Sequence[bytes], keys: dict[str, bytes]) -> None:
    """Add what these rows tell to the search, and the keys of persons who were not erased to the keys."""
    erased = _erased(cursor, header.office, list(keys)) if keys else set()
    live = {subject: key for subject, key in keys.items() if subject not in erased}
    found = findable(header.office, header.epoch, header.first, rows, live)
    if found.erased:
        # Where an erasure comes in one bundle with rows of its person, `kiosk registry erase` tidies up.
        _insert_erasures(cursor, header.office, found.erased)
    if live:
        _insert_keys(cursor, header.office, live)
    if found.cases:
        _insert_cases(cursor, header.office, found.cases)
    if found.words:
        _insert_words(cursor, header.office, header.epoch, sorted(found.words))


def _insert_erasures(cursor: Cursor[Any], office: str, erased: Sequence[tuple[str, datetime]]) -> None:
    cursor.executemany(
        "INSERT INTO erasure (office, subject, at) VALUES (%s, %s, %s) ON CONFLICT (office, subject) DO NOTHING",
        [(office, subject, at) for subject, at in erased],
    )


def _erased(cursor: Cursor[Any], office: str, subjects: Sequence[str]) -> set[str]:
    rows = cursor.execute(
        "SELECT subject FROM erasure WHERE office = %s AND subject = ANY(%s)", [office, list(subjects)]
    ).fetchall()
    return {row[0] for row in rows}


def _insert_keys(cursor: Cursor[Any], office: str, keys: dict[str, bytes]) -> None:
    cursor.execute(
        "INSERT INTO subject_key (office, subject, key) "
        "SELECT %s, subject, key FROM unnest(%b::text[], %b::bytea[]) AS given (subject, key) "
        "ON CONFLICT (office, subject) DO NOTHING",
        [office, list(keys), list(keys.values())],
    )


CASE_COLUMNS = {
    "epoch": "bigint",
    "case_id": "text",
    "seq": "bigint",
    "subject": "text",
    "procedure_key": "text",
    "full_name": "text",
    "personal_number": "text",
    "document_number": "text",
    "at": "timestamptz",
}
INSERT_CASES = (
    f"INSERT INTO found_case (office, {', '.join(CASE_COLUMNS)}) "  # noqa: S608  # names of ours
    f"SELECT %s, {', '.join(CASE_COLUMNS)} FROM unnest({', '.join(f'%s::{kind}[]' for kind in CASE_COLUMNS.values())}) "
    f"AS given ({', '.join(CASE_COLUMNS)}) ON CONFLICT (office, epoch, case_id, seq) DO NOTHING"
).encode()


def _insert_cases(cursor: Cursor[Any], office: str, cases: Sequence[FoundCase]) -> None:
    cursor.execute(INSERT_CASES, [office, *([getattr(case, name) for case in cases] for name in CASE_COLUMNS)])


def _insert_words(cursor: Cursor[Any], office: str, epoch: int, pairs: Sequence[tuple[str, str]]) -> None:
    cursor.execute(
        "INSERT INTO case_word (word, office, epoch, case_id) "
        "SELECT word, %s, %s, case_id FROM unnest(%b::bytea[], %b::text[]) AS given (word, case_id) "
        "ON CONFLICT (word, office, epoch, case_id) DO NOTHING",
        [office, epoch, [word.encode() for word, _ in pairs], [case_id for _, case_id in pairs]],
    )
