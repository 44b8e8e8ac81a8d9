"""From somebody whose certificates are known to an open case: the question who it is, and its answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kiosk.desk import FAULTS
from kiosk.status_people import Person, Proof
from screens.fault import FaultScreen
from screens.frame import FrameScreen
from screens.status_change.who import NOBODY, WhoScreen


def ask_who(screen: FrameScreen[Any], person: Person, refused: Callable[[], object]) -> None:
    """Ask, and walk the new case in the place of `screen`; `refused` is called after a refusal was recorded."""

    def answered(proof: Proof | str | None) -> None:
        try:
            if proof == NOBODY:
                screen.desk.status_changes.refuse(person)
                refused()
            elif isinstance(proof, Proof):
                _open(screen, person, proof)
        except FAULTS as fault:
            screen.app.push_screen(FaultScreen(fault, None, can_abandon=False))

    screen.app.push_screen(WhoScreen(person), answered)


def _open(screen: FrameScreen[Any], person: Person, proof: Proof) -> None:
    case = screen.desk.status_changes.open_case(person, proof)
    screen.station.compared = case.citizen.document_number
    screen.station.walk(case)
