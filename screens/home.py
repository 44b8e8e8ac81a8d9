"""The list: what the clerk can begin, and the cases that were begun."""

from __future__ import annotations

from datetime import datetime

from textual.geometry import Offset

from data.records import CaseSummary
from hardware.interface import SlotState
from kiosk.desk import FAULTS
from kiosk.procedures import PROCEDURES
from kiosk.texts import N_
from screens.fault import FaultScreen
from screens.frame import FrameScreen
from screens.parts.ink import Ink
from screens.parts.lines import Line, Lines, padded
from screens.parts.words import PROCEDURE_TITLES, SLOT

LEFT = 34
GAP = 2
LIST_TOP = 6
ROWS = 9
"""Cases that the list shows at once."""

MENU = (
    N_("ИЗДАВАЊЕ сертификата"),
    N_("ОБНАВЉАЊЕ сертификата"),
    N_("ДЕБЛОКАДА са променом ПИН-а"),
    N_("Архива - тражи предмет"),
    N_("Дневник рада"),
    N_("Подешавања"),
    N_("Обрасци - штампа празних"),
)


class HomeScreen(FrameScreen[None]):
    """The screen under all others."""

    KEYS = (1, 8, 10, 11)

    def __init__(self) -> None:
        super().__init__()
        self.cases: list[CaseSummary] = []
        self.counts: dict[str, int] = {}
        self.at = 0

    def on_mount(self) -> None:
        """Show the cases at once."""
        self.reload()
        super().on_mount()

    def on_screen_resume(self) -> None:
        """Whatever lay above may have changed the cases."""
        self.reload()

    def reload(self) -> None:
        """Ask the archive anew."""
        try:
            self.cases = self.desk.open_cases()
            self.counts = self.desk.counts_today()
        except FAULTS as fault:
            self.on_fault(fault)
        self.at = max(0, min(self.at, len(self.cases) - 1))
        self.paint()

    # --- what it says -------------------------------------------------------------------------------------------------

    def title_text(self) -> str:
        """Which office this is."""
        office = self.desk.config.office
        return self.t("Регистрационо тело {number} {name}", number=office.number, name=office.name)

    def body(self, lines: Lines) -> None:
        """Menu on the left, begun cases on the right."""
        ready = self.station.slot is SlotState.CARD
        lines.blank()
        lines.add(
            (self.t("Читач") + "  ", Ink.PLAIN),
            ("● " if ready else "○ ", Ink.DONE if ready else Ink.WARNING),
            (self.t(SLOT[self.station.slot]), Ink.STRONG),
        )
        lines.blank()
        left, right = Lines(LEFT), Lines(lines.width - LEFT - GAP)
        self._menu(left)
        self._list(right)
        for number in range(max(len(left.lines), len(right.lines))):
            first = left.lines[number] if number < len(left.lines) else ()
            second = right.lines[number] if number < len(right.lines) else ()
            lines.add(*padded(first, LEFT + GAP), *second)
        while len(lines.lines) < 18:
            lines.blank()
        lines.text(self._today())

    def _menu(self, lines: Lines) -> None:
        lines.heading(self.t("Шта је заокружено на Обрасцу 1?"))
        lines.blank()
        for number, item in enumerate(MENU, start=1):
            lines.choice(str(number), self.t(item), Ink.STRONG if number <= 3 else Ink.PLAIN)
            if number == 3:
                lines.blank()

    def _list(self, lines: Lines) -> None:
        lines.heading(self.t("Започети предмети ({count})", count=len(self.cases)))
        lines.rule()
        if not self.cases:
            lines.text(self.t("нема"))
        first = max(0, min(self.at - ROWS + 1, len(self.cases) - ROWS)) if self.at >= ROWS else 0
        for number, case in enumerate(self.cases[first : first + ROWS], start=first):
            lines.add(*self._row(case, number == self.at, lines.width))

    def _row(self, case: CaseSummary, is_here: bool, width: int) -> Line:
        ink = Ink.SELECTED if is_here else Ink.PLAIN
        steps = PROCEDURES[case.procedure_key].steps
        number = case.case_id.rpartition("-")[2].lstrip("0").rjust(4)
        kind = self.t(PROCEDURE_TITLES[case.procedure_key])[:5].capitalize()
        right = f" {kind} {case.at}/{len(steps)} {self._when(case.changed_at):>6}"
        name = case.full_name.title()[: width - len(number) - len(right) - 2]
        text = f"{'►' if is_here else ' '}{number} {name}"
        return ((text.ljust(width - len(right)) + right, ink),)

    def _when(self, at: datetime) -> str:
        local, now = at.astimezone(), self.desk.now()
        return f"{local:%H:%M}" if local.date() == now.date() else f"{local:%d.%m.}"

    def _today(self) -> str:
        return self.t(
            "Данас: издато {issuance} · обновљено {renewal} · деблокирано {unblock} · прекинуто {abandoned}",
            **{key: self.counts.get(key, 0) for key in ("issuance", "renewal", "unblock", "abandoned")},
        )

    def status(self) -> str:
        """What the desk waits for."""
        if self.station.slot is SlotState.CARD:
            return self.t("Карта је у читачу. Чекам избор 1-3.")
        return self.t("Спремно. Чекам карту или избор 1-7.")

    def hint(self) -> str:
        """Enter belongs to the list."""
        if self.cases:
            return self.t("Цифра бира · ↑↓ предмет · Enter наставља означени предмет")
        return self.t("Цифра бира · 1 и 2 су бројеви са Обрасца 1")

    def caret(self) -> Offset:
        """At the marked case, or at the menu."""
        return Offset(LEFT + GAP + 2, LIST_TOP + 1 + min(self.at, ROWS - 1)) if self.cases else Offset(3, LIST_TOP + 1)

    # --- keys ---------------------------------------------------------------------------------------------------------

    def press_up(self) -> None:
        """The case above."""
        self.at = max(0, self.at - 1)

    def press_down(self) -> None:
        """The case below."""
        self.at = max(0, min(self.at + 1, len(self.cases) - 1))

    def press_enter(self) -> None:
        """Take the marked case up where it can honestly go on."""
        if self.cases:
            self._resume(self.cases[self.at].case_id)

    def _resume(self, case_id: str) -> None:
        try:
            case = self.desk.resume_case(case_id)
        except FAULTS as fault:
            self.app.push_screen(FaultScreen(fault, None, can_abandon=False))
        else:
            self.station.walk(case)

    def press_digit(self, digit: int) -> None:
        """Begin a procedure, or open one of the other screens."""
        match digit:
            case 1 | 2 | 3:
                from screens.opening import OpeningScreen

                self.app.push_screen(OpeningScreen(tuple(PROCEDURES)[digit - 1]))
            case 4:
                self.press_f8()
            case 5:
                from screens.day_book import DayBookScreen

                self.app.push_screen(DayBookScreen())
            case 6:
                from screens.settings import SettingsScreen

                self.app.push_screen(SettingsScreen())
            case 7:
                from screens.forms import FormsScreen

                self.app.push_screen(FormsScreen())
