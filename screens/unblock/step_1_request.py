"""unblock/1: the citizen hands over Образац 2."""

from __future__ import annotations

from kiosk.procedures.evidence import UnblockRequested
from kiosk.texts import N_
from screens.bodies.checklist import ChecklistScreen
from screens.parts.ink import Ink
from screens.parts.lines import Lines

IDENTITY = 2


class UnblockRequestScreen(ChecklistScreen[UnblockRequested]):
    """With the change of the PIN circled: no published command keeps the old one."""

    ITEMS = (
        N_("Заокружена је ПРОМЕНА ПИН-а"),
        N_("Захтев је својеручно потписан"),
        N_("Лице је упоређено са картом и са фотографијом из чипа"),
    )

    def on_mount(self) -> None:
        """The person was compared just now, if the card is still the one that was compared."""
        if self.station.compared == self.case.citizen.document_number:
            self.ticked.add(IDENTITY)
        super().on_mount()

    def body(self, lines: Lines) -> None:
        """The items."""
        lines.text(self.t("Корисник лично предаје Образац 2 (деблокада):"), Ink.STRONG)
        lines.blank()
        self.write_items(lines)
        if self.case.parent_id is not None:
            lines.blank()
            lines.text(self.t("После деблокаде се наставља предмет {case}.", case=self.case.parent_id))

    def evidence(self) -> UnblockRequested:
        """What the paper says."""
        return UnblockRequested(pin_choice="change", is_signed=True, identity_compared=True)


SCREEN = UnblockRequestScreen
