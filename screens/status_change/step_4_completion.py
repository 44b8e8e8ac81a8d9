"""status_change/4: the citizen gets the confirmation; the request is filed."""

from __future__ import annotations

from kiosk.ca.interface import StatusAction
from kiosk.cases import Case
from kiosk.procedures.evidence import StatusChanged
from kiosk.texts import N_
from screens.bodies.completion import CompletionBody
from screens.parts.ink import Ink
from screens.parts.lines import Lines, shortened
from screens.parts.status_words import DONE


class CompletionScreen(CompletionBody):
    """One paper given, one filed; no card changes hands."""

    HANDED_OVER = ("status_confirmation",)
    FILED = ("status_request",)
    PRINTS = N_("F7 штампа потврду за корисника и лист за фасциклу.")

    def __init__(self, case: Case) -> None:
        super().__init__(case)
        self.changed = next(e for e in case.evidence.values() if isinstance(e, StatusChanged))
        self.DONE = DONE[StatusAction(self.changed.action)]

    def write_result(self, lines: Lines) -> None:
        """Which, and which not."""
        for serial in self.changed.changed:
            lines.text(shortened(serial, lines.width))
        for refused in self.changed.refused:
            lines.text(self.t("одбијено: {what}", what=shortened(refused, lines.width * 2 - 12)), Ink.WARNING)
        if not self.changed.in_time:
            lines.text(self.t("Прописани рок је прекорачен; забележено је."), Ink.WARNING)


SCREEN = CompletionScreen
