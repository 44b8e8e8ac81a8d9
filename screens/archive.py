"""Search in the archive: found as one types, in any script and spelling."""

from __future__ import annotations

from textual.geometry import Offset
from textual.widgets import Input

from data.records import CaseSummary
from kiosk.desk import FAULTS
from screens.case_view import CaseView
from screens.fault import FaultScreen
from screens.list_screen import ListScreen
from screens.parts.field import field
from screens.parts.ink import Ink
from screens.parts.lines import Line, Lines, shortened
from screens.parts.words import CASE_STATUS, PROCEDURE_TITLES

FIELD_AT = Offset(13, 3)
LONGEST = 60


class ArchiveScreen(ListScreen[str | None, CaseSummary]):
    """Dismisses with the number of a case to go on with, or with nothing."""

    KEYS = (1, 10, 11)
    ROWS = 12
    LIST_AT = Offset(2, 8)

    def __init__(self) -> None:
        super().__init__()
        self.box = field(FIELD_AT.x, FIELD_AT.y, 50, max_length=LONGEST)

    def on_mount(self) -> None:
        """The latest cases, until something is typed."""
        self.find()
        super().on_mount()
        self.mount(self.box)
        self.box.focus()

    def find(self) -> None:
        """Ask the archive for what is in the field."""
        try:
            self.list.show(self.desk.search(self.box.value))
        except FAULTS as fault:
            self.on_fault(fault)

    def title_text(self) -> str:
        """The archive."""
        return self.t("Архива предмета")

    def body(self, lines: Lines) -> None:
        """The field, and what was found."""
        lines.blank()
        lines.text(self.t("Тражи"), Ink.STRONG)
        lines.blank()
        lines.text(self.t("име у било ком писму, ЈМБГ, број карте, предмета, Уговора или сертификата"))
        lines.blank()
        lines.rule()
        for is_here, case in self.list.seen():
            lines.add(*self._row(case, is_here, lines.width))

    def _row(self, case: CaseSummary, is_here: bool, width: int) -> Line:
        kind = self.t(PROCEDURE_TITLES[case.procedure_key]).capitalize()[:10]
        status = self.t(CASE_STATUS[case.status])[:9]
        left = f"{'►' if is_here else ' '}{case.case_id} {case.full_name}"
        right = f" …{case.personal_number[-4:]} {kind:10} {case.changed_at.astimezone():%d.%m.%Y.} {status:9}"
        room = width - len(right)
        text = shortened(left, room).ljust(room) + right
        return ((text, Ink.SELECTED if is_here else Ink.PLAIN),)

    def status(self) -> str:
        """How many, and what is not shown here."""
        found = self.t("Нађено: {count}.", count=len(self.list.rows))
        return found + " " + self.t("Цео ЈМБГ се види тек у предмету, а увид се бележи.")

    def hint(self) -> str:
        """Open, or back."""
        return self.t("Enter = отвори означени · ↑↓ PgUp PgDn ред · Esc = назад")

    def on_input_changed(self) -> None:
        """As one types."""
        self.list.at = 0
        self.find()
        self.paint()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter in the field opens the marked case."""
        event.stop()
        case = self.list.marked
        if case is None:
            return
        try:
            record = self.desk.show(case.case_id)
        except FAULTS as fault:
            self.app.push_screen(FaultScreen(fault, None, can_abandon=False))
        else:
            self.app.push_screen(CaseView(record), self._seen)

    def _seen(self, case_id: str | None) -> None:
        if case_id is not None:
            self.dismiss(case_id)

    def press_escape(self) -> None:
        """Back."""
        self.dismiss(None)
