"""The ways to tamper, each tried at every place; a trial holds when the verification says so, and says where."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from data import checkpoints, verifier
from data.errors import ArchiveError, HeadBehind
from data.office_key import FileKey
from tests.data.invented import CLERK, open_archive
from tests.proofs.tamper.forger import (
    Row,
    behind_the_program,
    copied,
    found,
    lived_in,
    rows_of,
    says,
    write_consistently,
    write_rows,
)


@dataclass(frozen=True, slots=True)
class Trial:
    """One act of tampering."""

    name: str
    held: bool
    said: str = ""


Way = Callable[[Path, int | None, random.Random], Iterator[Trial]]


def _sampled(places: list[int], sample: int | None, chance: random.Random) -> list[int]:
    return places if sample is None or sample >= len(places) else sorted(chance.sample(places, sample))


def bits(folder: Path, sample: int | None, chance: random.Random) -> Iterator[Trial]:
    """One changed bit in any row: in what happened, in the leaf, in the root."""
    lived_in(folder)
    with behind_the_program(folder) as db:
        rows = rows_of(db)
    places = [(row, column, bit) for row in rows for column in (1, 2, 3) for bit in range(len(bytes(row[column])) * 8)]
    with closing(open_archive(folder)) as archive:
        for index in _sampled(list(range(len(places))), sample, chance):
            row, column, bit = places[index]
            name = ("body", "leaf", "root")[column - 1]
            for value in (_flipped(row, column, bit), row[column]):
                with archive.store.immediate() as db:
                    db.execute(f"UPDATE journal SET {name} = ? WHERE seq = ?", [value, row[0]])  # noqa: S608
                if value != row[column]:
                    said = says(archive)
                    yield Trial(f"row {row[0]} {name} bit {bit}", f"journal row {row[0]}:" in said, said)
        assert says(archive) == ""


def _flipped(row: Row, column: int, bit: int) -> bytes:
    value = bytearray(bytes(row[column]))
    value[bit // 8] ^= 1 << bit % 8
    return bytes(value)


def file_bits(folder: Path, sample: int | None, chance: random.Random) -> Iterator[Trial]:
    """One changed bit anywhere in the file, without any key: in each page, where chance puts it."""
    lived_in(folder / "true")
    content = (folder / "true" / "archive.db").read_bytes()
    pages = [page * 4096 + chance.randrange(4096) for page in range(len(content) // 4096)]
    for place in _sampled(pages, sample, chance):
        forged = copied(folder / "true", folder / "forged")
        changed = bytearray(content)
        changed[place] ^= 1 << chance.randrange(8)
        (forged / "archive.db").write_bytes(changed)
        try:
            said = found(forged)
        except ArchiveError as error:
            said = error.code
        yield Trial(f"byte {place}", said != "", said)


def swapped(folder: Path, sample: int | None, chance: random.Random) -> Iterator[Trial]:
    """Two rows exchanged: their bodies alone, or with their leaf and root."""
    lived_in(folder / "true")
    with behind_the_program(folder / "true") as db:
        rows = rows_of(db)
    pairs = list(itertools.combinations(range(len(rows)), 2))
    for index in _sampled(list(range(len(pairs))), sample, chance):
        first, second = pairs[index]
        for columns in ((1,), (1, 2), (1, 2, 3)):
            changed = [list(row) for row in rows]
            for column in columns:
                changed[first][column], changed[second][column] = rows[second][column], rows[first][column]
            forged = copied(folder / "true", folder / "forged")
            with behind_the_program(forged) as db:
                write_rows(db, [tuple(row) for row in changed])  # type: ignore[misc]  # four columns each
            said = found(forged)
            yield Trial(f"rows {first + 1} and {second + 1}, {columns}", f"journal row {first + 1}:" in said, said)


def rewritten(folder: Path, sample: int | None, chance: random.Random) -> Iterator[Trial]:
    """A row altered, taken out, put in or exchanged with the next, and every hash after it made anew."""
    lived_in(folder / "true")
    with behind_the_program(folder / "true") as db:
        bodies = [row[1] for row in rows_of(db)]
    for place in _sampled(list(range(len(bodies) - 1)), sample, chance):
        ways = {
            "altered": [*bodies[:place], bodies[place].replace(CLERK.encode(), b"0043") + b" ", *bodies[place + 1 :]],
            "taken out": bodies[:place] + bodies[place + 1 :],
            "put in": [*bodies[:place], bodies[0], *bodies[place:]],
            "exchanged": [*bodies[:place], bodies[place + 1], bodies[place], *bodies[place + 2 :]],
        }
        for way, forged_bodies in ways.items():
            forged = copied(folder / "true", folder / "forged")
            with behind_the_program(forged) as db:
                write_consistently(db, forged_bodies)
            said = found(forged)
            yield Trial(f"row {place + 1} {way}", "signed" in said or "missing" in said, said)


def tail(folder: Path, sample: int | None, chance: random.Random) -> Iterator[Trial]:
    """The last k rows cut off, for every k, and everything that remains made consistent."""
    lived_in(folder / "true")
    with behind_the_program(folder / "true") as db:
        bodies = [row[1] for row in rows_of(db)]
    for cut in _sampled(list(range(1, len(bodies) + 1)), sample, chance):
        forged = copied(folder / "true", folder / "forged")
        with behind_the_program(forged) as db:
            write_consistently(db, bodies[: len(bodies) - cut])
        said = found(forged)
        yield Trial(f"{cut} rows", f"{cut} rows are missing at the end" in said, said)


def rollback(folder: Path, sample: int | None, chance: random.Random) -> Iterator[Trial]:
    """An older copy of the whole folder put back: against a printed code, and against the countersigned head."""
    centre = folder / "centre"
    centre.mkdir(parents=True)
    key = FileKey(centre)
    days = 12
    for day in range(days):
        with closing(open_archive(folder / "true")) as archive:
            archive.note("session_begun", {"day": day}, clerk=CLERK)
            code, signed = archive.head_code(), archive.checkpoint()
        copied(folder / "true", folder / f"day-{day}")
    back = checkpoints.countersigned(signed, "centre", key)
    for day in _sampled(list(range(days - 1)), sample, chance):
        said = found(folder / f"day-{day}", code)
        yield Trial(f"day {day} against a printed code", "printed code: " in said, said)
        with closing(open_archive(folder / f"day-{day}")) as archive:
            try:
                archive.heads.keep_countersigned(back.note, key.spki())
            except HeadBehind as error:
                yield Trial(f"day {day} against the centre", error.missing == days - 1 - day)
            else:
                yield Trial(f"day {day} against the centre", False)
    yield Trial("the true one", found(folder / "true", code) == "")


def exported(folder: Path, sample: int | None, chance: random.Random) -> Iterator[Trial]:
    """One changed bit, or a cut, anywhere in an export, judged by the inspector's one file."""
    lived_in(folder / "true")
    with closing(open_archive(folder / "true")) as archive:
        archive.export(folder / "export")
    for name in ("journal.rows", "checkpoints.txt", "office-keys.txt"):
        path = folder / "export" / name
        content = path.read_bytes()
        for place in _sampled(list(range(len(content))), sample and max(1, sample // 3), chance):
            changed = bytearray(content)
            changed[place] ^= 1 << chance.randrange(8)
            for way, forged in (("bit", bytes(changed)), ("cut", content[:place])):
                path.write_bytes(forged)
                yield Trial(f"{name} {way} at {place}", not _is_true(folder / "export"))
        path.write_bytes(content)
    yield Trial("the true one", _is_true(folder / "export"))


def _is_true(folder: Path) -> bool:
    try:
        verifier.check(str(folder))
    except (verifier.Untrue, ValueError, OSError):
        return False
    return True


WAYS: dict[str, Way] = {
    "bit": bits,
    "file-bit": file_bits,
    "swap": swapped,
    "rewrite": rewritten,
    "tail": tail,
    "rollback": rollback,
    "export": exported,
}
