"""The list: what the clerk can begin, and the cases that were begun."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from textual.geometry import Offset

from data.outbox import ExchangeState, Level
from data.receipt_book import Verdict
from data.records import CaseSummary
from hardware.interface import SlotState, TrainingCardInfo
from kiosk.desk import FAULTS
from kiosk.procedures import PROCEDURES
from kiosk.texts import N_
from screens.frame import KEY_NAMES
from screens.list_screen import ListScreen
from screens.parts.ink import Ink
from screens.parts.lines import Line, Lines, Piece, padded, shortened
from screens.parts.words import SHORT_TITLES, SLOT

LEFT = 34
GAP = 2
FIRST_ITEM = Offset(3, 7)

MENU = (
    N_("ИЗДАВАЊЕ сертификата"),
    N_("ОБНАВЉАЊЕ сертификата"),
    N_("ДЕБЛОКАДА са променом ПИН-а"),
    N_("Архива - тражи предмет"),
    N_("Дневник рада"),
    N_("Подешавања"),
    N_("Обрасци - штампа празних"),
    N_("ПРОМЕНА СТАТУСА - Образац 3"),
)

STILL_WAITS, HAS_COME = N_("чека сертификат"), N_("сертификат је стигао")
"""What the list says of a case whose certificate comes by a bundle."""


class HomeScreen(ListScreen[None, CaseSummary]):
    """The screen under all others."""

    KEYS = (1, 8, 10, 11)
    ROWS = 9
    LIST_AT = Offset(LEFT + GAP + 2, 7)

    def __init__(self) -> None:
        super().__init__()
        self.counts: dict[str, int] = {}
        self.waiting: dict[str, bool] = {}
        self.exchange: ExchangeState | None = None
        self.training_cards: tuple[TrainingCardInfo, ...] = ()

    def on_mount(self) -> None:
        """Show the cases at once; the device host may still be starting."""
        self.reload()
        super().on_mount()
        self.in_background(self.desk.training_cards, self._cards_known)

    def _cards_known(self, cards: tuple[TrainingCardInfo, ...]) -> None:
        self.training_cards = cards

    def on_screen_resume(self) -> None:
        """Whatever lay above may have changed the cases."""
        self.reload()

    def reload(self) -> None:
        """Ask the archive anew."""
        try:
            self.list.show(self.desk.open_cases())
            self.counts = self.desk.counts_today()
            self.waiting = self.desk.waiting_cases.found()
            if self.desk.waiting_cases.untaken() and not self.is_busy:
                self.in_background(self.desk.waiting_cases.take, lambda _: None)
            self.exchange = self.desk.office_states.exchange()
        except FAULTS as fault:
            self.on_fault(fault)
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
            (self.t(SLOT[self.station.slot]).ljust(LEFT + GAP - len(self.t("Читач")) - 4), Ink.STRONG),
            self._centre(),
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

    def _centre(self) -> Piece:
        """How long there was no news from the centre, where the settings name one."""
        if self.exchange is None:
            return ("", Ink.PLAIN)
        if self.exchange.verdict in (Verdict.FORKED, Verdict.BEHIND):
            return (self.t("Центар се не слаже са дневником!"), Ink.DANGER)
        ink = {Level.FRESH: Ink.PLAIN, Level.SOFT: Ink.WARNING, Level.HARD: Ink.DANGER}[self.exchange.level]
        return (
            self.t("Центар: пре {days} дана, чека {rows}", days=self.exchange.days, rows=self.exchange.waiting),
            ink,
        )

    def _menu(self, lines: Lines) -> None:
        lines.heading(self.t("Шта је заокружено на Обрасцу 1?"))
        lines.blank()
        for number, item in enumerate(MENU, start=1):
            lines.choice(str(number), self.t(item), Ink.STRONG if number <= 3 else Ink.PLAIN)
            if number == 3:
                lines.blank()

    def _list(self, lines: Lines) -> None:
        lines.heading(self.t("Започети предмети ({count})", count=len(self.list.rows)))
        lines.rule()
        if not self.list.rows:
            lines.text(self.t("нема"))
        for is_here, case in self.list.seen():
            lines.add(*self._row(case, is_here, lines.width))

    def _row(self, case: CaseSummary, is_here: bool, width: int) -> Line:
        has_come = self.waiting.get(case.case_id)
        ink = Ink.SELECTED if is_here else Ink.DONE if has_come else Ink.PLAIN
        number = case.case_id.rpartition("-")[2].lstrip("0").rjust(4)
        right = " " + (self._how_far(case) if has_come is None else self.t(HAS_COME if has_come else STILL_WAITS))
        name = shortened(case.full_name.title(), width - len(number) - len(right) - 2)
        text = f"{'►' if is_here else ' '}{number} {name}"
        return ((text.ljust(width - len(right)) + right, ink),)

    def _how_far(self, case: CaseSummary) -> str:
        kind, steps = self.t(SHORT_TITLES[case.procedure_key]), PROCEDURES[case.procedure_key].steps
        return f"{kind:5} {case.at}/{len(steps)} {self._when(case.changed_at):>6}"

    def _when(self, at: datetime) -> str:
        local, now = at.astimezone(), self.desk.now()
        return f"{local:%H:%M}" if local.date() == now.date() else f"{local:%d.%m.}"

    def _today(self) -> str:
        return self.t(
            "Данас: издато {issuance} · обновљено {renewal} · деблокирано {unblock} · статус {status_change}"
            " · прекинуто {abandoned}",
            **{key: self.counts.get(key, 0) for key in (*PROCEDURES, "abandoned")},
        )

    def status(self) -> str:
        """What the desk waits for; before it, that the journal's head could not be signed."""
        if self.desk.office_states.is_head_unsigned():
            return self.t("Врх дневника није потписан: кључ канцеларије не ради. Рад се наставља; позовите подршку.")
        if self.station.slot is SlotState.CARD:
            return self.t("Карта је у читачу. Чекам избор 1-3.")
        return self.t("Спремно. Чекам карту или избор 1-8.")

    def hint(self) -> str:
        """Enter belongs to the list."""
        if self.list.rows:
            return self.t("Цифра бира · ↑↓ предмет · Enter наставља означени предмет")
        return self.t("Цифра бира · 1 и 2 су бројеви са Обрасца 1")

    def caret(self) -> Offset:
        """At the marked case, or at the menu."""
        return super().caret() if self.list.rows else FIRST_ITEM

    def key_names(self) -> Mapping[int, str]:
        """F2 only where there is a training reader."""
        names = dict(super().key_names())
        if self.training_cards:
            names[2] = self.t(KEY_NAMES[2])
        return names

    # --- keys ---------------------------------------------------------------------------------------------------------

    def press_enter(self) -> None:
        """Take the marked case up where it can honestly go on."""
        if self.list.marked is not None:
            self.station.go_on_with(self.list.marked.case_id)

    def press_f2(self) -> None:
        """In training: another card into the training reader."""
        if self.training_cards:
            from screens.training_reader import TrainingReaderScreen

            self.app.push_screen(TrainingReaderScreen(self.training_cards))

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
            case 8:
                from screens.status_change.opening import StatusOpeningScreen

                self.app.push_screen(StatusOpeningScreen())
