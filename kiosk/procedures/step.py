"""What a numbered step of a procedure is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from kiosk.procedures.evidence import Evidence


class Actor(Enum):
    """Whose hands are on the kiosk during a step."""

    CLERK = "clerk"
    CITIZEN = "citizen"


class Need(Enum):
    """Who or what must be at the desk for a step to be done or resumed."""

    CITIZEN = "citizen"
    CARD = "card"
    PIN_ENTRY = "pin_entry"


@dataclass(frozen=True, slots=True)
class Step:
    """One numbered paragraph of a procedure."""

    number: int
    key: str
    """Stable name of the step; archive rows and screen modules use it."""
    title: str
    """Short title in Serbian Cyrillic; goes through the catalogue."""
    wording: str
    """The paragraph as published, character for character."""
    evidence: type[Evidence]
    """What finishing the step records."""
    actor: Actor = Actor.CLERK
    needs: frozenset[Need] = frozenset()
    resumes_at: int | None = None
    """Step an interrupted case goes back to; `None` means this one."""

    @property
    def module(self) -> str:
        """The step's screen module: `step_5_activation_data`."""
        return f"step_{self.number}_{self.key}"


@dataclass(frozen=True, slots=True)
class Procedure:
    """A procedure as data: what must hold before it, and its numbered steps."""

    key: str
    edition: str
    """Which publication of the text; a case keeps the one it began under."""
    title: str
    form: str
    """The form the citizen hands over: `obrazac_1`, `obrazac_2` or `obrazac_3`."""
    form_option: int
    """The number circled on that form; 0 where the citizen has a choice."""
    precondition: str
    """The published precondition, as the help shows it."""
    published: bool
    """True where the wording is the ministry's; false where it is our reading (unblock, status change)."""
    steps: tuple[Step, ...]

    def step(self, number: int) -> Step:
        """The step with that number, counted from 1."""
        return self.steps[number - 1]

    def reference(self, number: int) -> str:
        """How logs, rows and tests name a step: `issuance/5`."""
        return f"{self.key}/{number}"

    def is_last(self, step: Step) -> bool:
        """True for the step that closes the case."""
        return step.number == len(self.steps)
