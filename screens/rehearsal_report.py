"""What a rehearsal found: each step as it was walked, and what stands on the chip and in the archive afterwards."""

from __future__ import annotations

import base64
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from data.records import CaseRecord
from kiosk.cases import CaseStatus
from kiosk.desk import CardReading, Desk
from kiosk.procedures.evidence import DossierFiled, PinChanged, StatusChanged

FULL_TRIES = (3, None)
"""Tries after a new PIN; `None` where the token does not count them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepReport:
    """One numbered step as it was walked."""

    reference: str
    title: str
    evidence: dict[str, Any]
    seconds: float
    status: CaseStatus
    """How the case stood after it."""

    def as_record(self) -> dict[str, Any]:
        """The step as JSON values."""
        return {
            "reference": self.reference,
            "title": self.title,
            "evidence": self.evidence,
            "seconds": round(self.seconds, 3),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """A procedure walked to its end."""

    procedure: str
    case_id: str
    reader: str
    steps: tuple[StepReport, ...]
    certificates: tuple[dict[str, str], ...]
    """Profile, serial number, subject and PEM of each certificate, as read from the chip."""
    chain: tuple[str, ...]
    """PEM, issuing CA first."""
    read_back: bool
    """The chip holds, byte for byte, what the archive says was issued."""
    apdu_count: int
    dossier: dict[str, Any]
    passed: bool

    def as_record(self) -> dict[str, Any]:
        """The whole report as JSON values."""
        return {
            "procedure": self.procedure,
            "case": self.case_id,
            "reader": self.reader,
            "steps": [step.as_record() for step in self.steps],
            "certificates": list(self.certificates),
            "chain": list(self.chain),
            "read_back": self.read_back,
            "apdu_count": self.apdu_count,
            "dossier": self.dossier,
            "passed": self.passed,
        }


def report_of(desk: Desk, case_id: str, steps: Sequence[StepReport]) -> Rehearsal:
    """Read the card afresh and hold it against the archive. Raises any of `FAULTS`."""
    apdu_count = desk.apdu_count()
    reading = desk.read_card()
    record = desk.show(case_id)
    certificates = _on_chip(record, reading)
    read_back = bool(record.certificates) and len(certificates) == len(record.certificates)
    is_closed = record.case.status is CaseStatus.COMPLETED and steps[-1].status is CaseStatus.COMPLETED
    proved = _proved(record, reading, read_back)
    return Rehearsal(
        procedure=record.case.procedure_key,
        case_id=case_id,
        reader=desk.reader_name(),
        steps=tuple(steps),
        certificates=certificates,
        chain=tuple(pem(der) for der in desk.authority_chain()),
        read_back=read_back,
        apdu_count=apdu_count,
        dossier=_dossier(record),
        passed=is_closed and proved and desk.verify_archive().ok,
    )


def _on_chip(record: CaseRecord, reading: CardReading) -> tuple[dict[str, str], ...]:
    stored = {certificate.der: certificate for certificate in reading.certificates}
    return tuple(
        {
            "profile": issued.profile.value,
            "serial": issued.serial,
            "subject": stored[issued.certificate].subject,
            "pem": pem(issued.certificate),
        }
        for issued in sorted(record.certificates, key=lambda one: one.profile.value)
        if issued.certificate in stored
    )


def _proved(record: CaseRecord, reading: CardReading, read_back: bool) -> bool:
    match record.case.procedure_key:
        case "unblock":
            return _pin_is_new(record, reading)
        case "status_change":
            return any(isinstance(e, StatusChanged) and not e.refused for e in record.case.evidence.values())
    return read_back


def _pin_is_new(record: CaseRecord, reading: CardReading) -> bool:
    changed = any(isinstance(evidence, PinChanged) for evidence in record.case.evidence.values())
    return changed and not reading.pin.is_blocked and reading.pin.tries_left in FULL_TRIES


def _dossier(record: CaseRecord) -> dict[str, Any]:
    filed = [evidence for evidence in record.case.evidence.values() if isinstance(evidence, DossierFiled)]
    papers = [{"form": p.form, "copies": p.copies, "sha256": p.sha256, "where": p.where} for p in record.papers]
    return {**(filed[-1].as_record() if filed else {}), "papers": papers}


def pem(der: bytes) -> str:
    """A certificate as text (RFC 7468)."""
    lines = textwrap.wrap(base64.b64encode(der).decode(), 64)
    return "\n".join(["-----BEGIN CERTIFICATE-----", *lines, "-----END CERTIFICATE-----", ""])
