"""Hand-over and filing: what is given and what is filed, counted and ticked one by one."""

from __future__ import annotations

from kiosk.procedures.evidence import DossierFiled
from kiosk.texts import N_
from screens.bodies.checklist import ChecklistScreen
from screens.parts.ink import Ink
from screens.parts.lines import Lines
from screens.parts.words import HELD_ITEMS


class CompletionBody(ChecklistScreen[DossierFiled]):
    """The case ends when every item was ticked."""

    HANDED_OVER: tuple[str, ...]
    FILED: tuple[str, ...]
    DONE = N_("СЕРТИФИКАТ ЈЕ УПИСАН У ЧИП")
    PRINTS = N_("F7 штампа лист за фасциклу.")

    def items(self) -> tuple[str, ...]:
        """First what is given, then what is filed."""
        return tuple(HELD_ITEMS[key] for key in (*self.HANDED_OVER, *self.FILED))

    @property
    def dossier(self) -> str:
        """The folder on the shelf is numbered as the case."""
        return f"{self.desk.now():%Y-%m}/{self.case.id}"

    def body(self, lines: Lines) -> None:
        """Two lists, one below the other."""
        given = len(self.HANDED_OVER)
        lines.text(self.t(self.DONE), Ink.DONE)
        self.write_result(lines)
        lines.blank()
        lines.heading(self.t("КОРИСНИКУ ПРЕДАЈТЕ ({count})", count=given))
        self.write_items(lines, 0, given)
        lines.blank()
        lines.heading(self.t("ОДЛОЖИТЕ НА ЧУВАЊЕ, СПОЈЕНО ({count})", count=len(self.FILED)))
        self.write_items(lines, given)
        lines.blank()
        lines.field(self.t("Фасцикла"), self.dossier, label_width=10)
        lines.text(self.t(self.PRINTS))

    def write_result(self, lines: Lines) -> None:
        """What stands on the chip now."""

    def hint(self) -> str:
        """The end."""
        return self.t("Enter = све предато и одложено, предмет је ЗАВРШЕН")

    def evidence(self) -> DossierFiled:
        """What was filed where, and what was given."""
        return DossierFiled(filed=self.FILED, handed_over=self.HANDED_OVER, dossier=self.dossier)
