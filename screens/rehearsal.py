"""`kiosk rehearse`: the real app and the real screens, headless, walked by keys as clerk and citizen would.

What is rehearsed is what is shipped: no call goes past a screen. The only stand-ins are the clerk's keys and the
citizen's fingers, which type into the device host's own descriptor.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

PROCEDURE_KEYS = {"issuance": "1", "renewal": "2", "unblock": "3"}
STEP_LIMIT_S = 120.0


class Fingers(Protocol):
    """The citizen at the second keypad; writes digits where only the device host reads them."""

    def enter_pin(self) -> None: ...

    def enter_new_pin(self) -> None: ...


class RehearsalFailed(Exception):
    """The walk did not come to its end; the message names the screen it stopped at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepReport:
    """One numbered step as it was walked."""

    reference: str
    title: str
    evidence: dict[str, Any]
    seconds: float

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
    """A procedure walked to its end, and what stands on the chip and in the archive afterwards."""

    procedure: str
    case_id: str
    steps: tuple[StepReport, ...]
    certificates: tuple[dict[str, str], ...]
    chain: tuple[str, ...]
    read_back: bool
    apdu_count: int
    dossier: dict[str, Any]
    passed: bool
    notes: tuple[str, ...] = field(default=())

    def as_record(self) -> dict[str, Any]:
        """The whole report as JSON values."""
        return {
            "procedure": self.procedure,
            "case": self.case_id,
            "steps": [step.as_record() for step in self.steps],
            "certificates": list(self.certificates),
            "chain": list(self.chain),
            "read_back": self.read_back,
            "apdu_count": self.apdu_count,
            "dossier": self.dossier,
            "notes": list(self.notes),
            "passed": self.passed,
        }
