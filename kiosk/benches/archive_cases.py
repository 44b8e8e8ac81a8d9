"""A nation of invented citizens in an archive, written past the journal: what is measured is finding them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import TYPE_CHECKING

from data.fold import FOLD_VERSION, fold
from data.store import Store

if TYPE_CHECKING:
    from sqlite_utils import Database

CASES_AT_ONCE = 20_000
COMMON = (
    *("ЈОВАНОВИЋ", "ПЕТРОВИЋ", "НИКОЛИЋ", "МАРКОВИЋ", "ЂОРЂЕВИЋ", "СТОЈАНОВИЋ", "ИЛИЋ", "СТАНКОВИЋ", "ПАВЛОВИЋ"),
    *("МИЛОШЕВИЋ", "ЦВЕТКОВИЋ", "ЂУКИЋ", "ЏАКОВИЋ", "ЖИВКОВИЋ", "ЧОЛИЋ", "ЋИРИЋ", "ШАРИЋ", "ЉУБИЧИЋ", "ЊЕГОВАНОВИЋ"),
)
STEMS = ("БОГ", "ВЕЛ", "ГРАД", "ДРАГ", "ЗЛАТ", "КРСТ", "ЛАЗ", "МИР", "НЕД", "ОБР", "РАД", "САВ", "ТОМ", "УРОШ", "ЦВЕТ")
MIDDLES = ("", "А", "ИВО", "ОМИР", "ОЈ", "УШ", "ЕН", "ИН", "ОСАВ", "ОЉУБ", "ИЧ", "ОШ", "ИМИР", "АН", "ОМАН", "ЕТ")
ENDS = ("ИЋ", "ОВИЋ", "ЕВИЋ", "ЧИЋ", "ШИЋ", "КОВИЋ", "ОВ", "СКИ", "АЦ", "ЕЦ")
GIVEN = (
    *("ЈОВАНА", "МАРКО", "МИЛИЦА", "НИКОЛА", "ЂОРЂЕ", "ЉИЉАНА", "ЊЕГОШ", "ЏЕНАН", "ЖЕЉКО", "ЧЕДОМИР", "ШАНДОР"),
    *("АНА", "ПЕТАР", "ЈЕЛЕНА", "СТЕФАН", "ИВАНА", "ЛУКА", "ТЕОДОРА", "ВУК", "САРА", "ОГЊЕН", "МИНА", "ДУШАН"),
)


def any_surname(chance: random.Random) -> str:
    """One in three has one of the commonest."""
    if chance.random() < 0.33:
        return chance.choice(COMMON)
    return chance.choice(STEMS) + chance.choice(MIDDLES) + chance.choice(ENDS)


def fill(store: Store, count: int, chance: random.Random) -> list[tuple[str, str, str]]:
    """Write so many cases; a sample of (surname, given name, personal number) to look for."""
    sample: list[tuple[str, str, str]] = []
    for start in range(0, count, CASES_AT_ONCE):
        rows = list(_rows(start, min(start + CASES_AT_ONCE, count), chance))
        with store.immediate() as db:
            _write(db, rows)
        sample += [_named(row) for row in rows[:: max(1, count // 2000)]]
    with store.immediate() as db:
        db.execute("INSERT OR REPLACE INTO search_version VALUES (1, ?)", [FOLD_VERSION])
    return sample


def _named(row: tuple[object, ...]) -> tuple[str, str, str]:
    surname, given = str(row[12]).split()
    return surname, given, str(row[10])


def _rows(start: int, end: int, chance: random.Random) -> Iterator[tuple[object, ...]]:
    for number in range(start + 1, end + 1):
        name = f"{any_surname(chance)} {chance.choice(GIVEN)}"
        person, document = f"{chance.randrange(10**13):013}", f"{number:09}"
        at = f"2026-{1 + number % 12:02}-{1 + number % 28:02}T08:00:00.000000+00:00"
        case = f"2026-{number:06}"
        yield (
            *(number, case, "issuance", "1", "completed", 7, "", None, None, "{}", person, document, name, at, at),
            fold(f"{name} {person} {document} {case}"),
        )


def _write(db: Database, rows: list[tuple[object, ...]]) -> None:
    db.conn.executemany(
        "INSERT INTO cases (n, id, procedure_key, edition, status, at, reason, parent_id, contract_number, citizen, "
        "personal_number, document_number, full_name, opened_at, changed_at) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
        [row[:15] for row in rows],
    )
    db.conn.executemany("INSERT INTO search (rowid, skey) VALUES (?, ?)", [(row[0], row[15]) for row in rows])
