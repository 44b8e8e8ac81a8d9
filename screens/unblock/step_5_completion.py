"""unblock/5: the citizen gets the card back; the unblock request is filed."""

from __future__ import annotations

from kiosk.texts import N_
from screens.bodies.completion import CompletionBody
from screens.parts.lines import Lines


class CompletionScreen(CompletionBody):
    """One thing given, one filed; or straight on with the case that waited."""

    HANDED_OVER = ("id_card",)
    FILED = ("unblock_request",)
    DONE = N_("НОВИ ПИН ЈЕ ПОСТАВЉЕН")

    def write_result(self, lines: Lines) -> None:
        """Where it goes on."""
        if self.case.parent_id is not None:
            lines.text(self.t("После овога се наставља предмет {case}.", case=self.case.parent_id))


SCREEN = CompletionScreen
