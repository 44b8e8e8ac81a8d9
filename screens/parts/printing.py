"""F7: the papers of a step, one after another, and what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kiosk.printing import Printed

if TYPE_CHECKING:
    from screens.step_screen import StepScreen


def print_papers(screen: StepScreen[Any]) -> None:
    """Print beside the screen, then say where the sheets are."""
    desk, case = screen.desk, screen.case

    def work() -> list[Printed]:
        return [desk.print_paper(case, paper) for paper in desk.papers(case)]

    screen.announce("Штампам…")
    screen.in_background(work, lambda printed: _tell(screen, printed))


def _tell(screen: StepScreen[Any], printed: list[Printed]) -> None:
    copies = sum(one.copy.copies for one in printed)
    saved = [one.path.name for one in printed if one.path is not None]
    if saved:
        screen.announce("Без штампача: сачувано као {file} (примерака: {copies})", file=", ".join(saved), copies=copies)
    else:
        where = printed[0].copy.where
        screen.announce("Послато на {printer}. Примерака у руци: {copies}?", printer=where, copies=copies)
