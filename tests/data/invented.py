"""Invented citizens and cases; nobody has these numbers."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import UnionType
from typing import Any, get_type_hints

from data.archive import Archive
from kiosk.cases import Case, Citizen, Completed, advance
from kiosk.procedures import PROCEDURES
from kiosk.procedures.evidence import AgreementConcluded, Evidence

CLERK = "0042"
FACTS = {"office": "7130", "reader": "TEST", "document_type": "TEST", "authenticity": "authentic"}


class Clock:
    """A clock that goes on one second each time it is read."""

    def __init__(self, start: datetime = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)) -> None:
        self.now = start

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


def citizen(surname: str = "ПРОБНИЋ", given_name: str = "ПРОБА", **changes: Any) -> Citizen:
    return replace(
        Citizen(
            personal_number="0101990000018",
            surname=surname,
            given_name=given_name,
            parent_given_name="ПРОБНИК",
            date_of_birth=date(1990, 1, 1),
            place_of_birth="ИЗМИШЉЕНО МЕСТО",
            residence="Измишљена 1",
            document_number="000000001",
            issuing_authority="TEST",
            card_expiry=date(2036, 1, 1),
        ),
        **changes,
    )


def new_case(archive: Archive, procedure_key: str = "issuance", who: Citizen | None = None, **changes: Any) -> Case:
    """A case that stands in the archive at its first step."""
    case = Case(
        id=archive.new_case_number(),
        procedure_key=procedure_key,
        edition=PROCEDURES[procedure_key].edition,
        citizen=who or citizen(),
    )
    case = replace(case, **changes)
    archive.open_case(case, clerk=CLERK, checks=(), facts=FACTS)
    return case


SAMPLES: dict[type | UnionType, Any] = {int: 2, bool: True, str: "а", int | None: 3, str | None: None}


def sample(kind: type[Evidence], **values: Any) -> Evidence:
    """Evidence of that kind with plausible values."""
    hints = get_type_hints(kind)
    made = {f.name: SAMPLES.get(hints[f.name], ("захтев", "уговор")) for f in fields(kind)}
    return kind(**made | values)


def finish_step(archive: Archive, case: Case, **values: Any) -> Case:
    """Do the current step, archive it, and return the case after it; a contract gets the number reserved for it."""
    if case.step.evidence is AgreementConcluded:
        values = {"agreement_number": archive.reserve_contract_number(case.id, "7130")} | values
    outcome = Completed(sample(case.step.evidence, **values))
    after = advance(case, outcome)
    archive.record(case, outcome, after, clerk=CLERK)
    return after


def open_archive(folder: Path, busy_s: float = 0.2) -> Archive:
    return Archive.open(folder, Clock(), zone=UTC, busy_s=busy_s)
