"""issuance/3: the contract is concluded in two copies, signed before the clerk and stamped."""

from __future__ import annotations

from kiosk.cases import Case
from kiosk.desk import FAULTS
from kiosk.procedures.evidence import AgreementConcluded
from kiosk.texts import N_
from screens.bodies.checklist import ChecklistScreen
from screens.parts.ink import Ink
from screens.parts.lines import Lines

COPIES = 2


class AgreementScreen(ChecklistScreen[AgreementConcluded]):
    """The number is the archive's; it stays the same however often the step is opened."""

    ITEMS = (
        N_("Корисник је ПРЕД ВАМА потписао оба примерка"),
        N_("Подаци у Уговору су исти као на карти"),
        N_("Оба примерка су ОВЕРЕНА печатом Министарства, преко потписа помоћника Министра"),
    )

    def __init__(self, case: Case) -> None:
        super().__init__(case)
        self.number = ""

    def on_mount(self) -> None:
        """Reserve the number."""
        self._reserve()
        super().on_mount()

    def _reserve(self) -> None:
        try:
            self.number = self.desk.contract_number(self.case)
        except FAULTS as fault:
            self.on_fault(fault)

    def body(self, lines: Lines) -> None:
        """Number, then the checks on paper."""
        lines.field(self.t("Уговор бр."), self.number)
        lines.field(self.t("Датум"), f"{self.desk.now():%d.%m.%Y.}")
        lines.field(self.t("Место"), self.desk.config.office.place)
        lines.blank()
        lines.text(self.t("Уговор се закључује у ДВА примерка. Проверите на папиру:"), Ink.STRONG)
        lines.blank()
        self.write_items(lines)

    def press_enter(self) -> None:
        """Without a number there is no contract."""
        if not self.number:
            self._reserve()
        if self.number:
            super().press_enter()

    def evidence(self) -> AgreementConcluded:
        """Signed and stamped, both."""
        return AgreementConcluded(
            agreement_number=self.number, signed_in_presence=True, signed_copies=COPIES, stamped_copies=COPIES
        )


SCREEN = AgreementScreen
