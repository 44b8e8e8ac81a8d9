"""issuance/2: two hand-signed copies of the General Terms."""

from __future__ import annotations

from kiosk.documents import FORMS
from kiosk.procedures.evidence import GeneralTermsReceived
from kiosk.texts import N_
from screens.bodies.checklist import ChecklistScreen
from screens.parts.ink import Ink
from screens.parts.lines import Lines

COPIES = 2


class GeneralTermsScreen(ChecklistScreen[GeneralTermsReceived]):
    """Each copy is ticked by itself: one is filed, one goes with the citizen."""

    ITEMS = (N_("Први примерак је својеручно потписан"), N_("Други примерак је својеручно потписан"))

    def body(self, lines: Lines) -> None:
        """The two copies."""
        lines.text(self.t("Уз Захтев: ДВА потписана примерка Општих услова."), Ink.STRONG)
        lines.blank()
        self.write_items(lines)
        lines.blank()
        lines.field(self.t("Издање"), FORMS["general_terms"].edition)
        lines.blank()
        lines.text(self.t("Један примерак се одлаже, други се на крају предаје кориснику."))

    def evidence(self) -> GeneralTermsReceived:
        """Two copies of this edition."""
        return GeneralTermsReceived(signed_copies=COPIES, terms_edition=FORMS["general_terms"].edition)


SCREEN = GeneralTermsScreen
