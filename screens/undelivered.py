"""Issued, not delivered: each certificate that is not on its card, and what to do with it. For the end of a day."""

from __future__ import annotations

from textual.geometry import Offset

from kiosk.desk import FAULTS
from kiosk.texts import N_
from kiosk.undelivered import Suspension, ToDo, Undelivered
from screens.fault import FaultScreen
from screens.list_screen import ListScreen
from screens.parts.ink import Ink
from screens.parts.lines import Line, Lines, shortened
from screens.parts.words import PROFILES
from screens.revoke_undelivered import RevokeUndeliveredScreen

STANDING: dict[ToDo, str] = {
    ToDo.WRITE: N_("чека упис"),
    ToDo.WAIT: N_("суспендован"),
    ToDo.FINISH: N_("уписан"),
    ToDo.REVOKE: N_("за опозив"),
    ToDo.CLOSE: N_("опозван"),
}
ADVICE: dict[ToDo, str] = {
    ToDo.WRITE: N_(
        "Карта је ту: Enter наставља предмет и уписује исти сертификат. Корисник је отишао: F9 суспендује све на крају "
        "дана."
    ),
    ToDo.WAIT: N_("Чека карту. Кад се предмет настави и упис провери, сертификат се сам поново активира."),
    ToDo.FINISH: N_("Сертификат је на карти и проверен: Enter довршава предмет."),
    ToDo.REVOKE: N_("Предмет је одбијен, а овај сертификат је издат: Enter узима кључеве назад, или 3 га опозива."),
    ToDo.CLOSE: N_("Сертификат је опозван: 3 закључује предмет."),
}


class UndeliveredScreen(ListScreen[None, Undelivered]):
    """Nothing is suspended or revoked without a second look."""

    KEYS = (1, 9, 10, 11)
    ROWS = 9
    LIST_AT = Offset(2, 5)

    def __init__(self) -> None:
        super().__init__()
        self.is_asked = False

    def on_mount(self) -> None:
        """What there is now."""
        self.reload()
        super().on_mount()

    def on_screen_resume(self) -> None:
        """What lay above may have changed it."""
        self.reload()

    def reload(self) -> None:
        """Ask the archive anew."""
        try:
            self.list.show(self.desk.undelivered.found())
        except FAULTS as fault:
            self.on_fault(fault)
        self.paint()

    @property
    def waiting(self) -> int:
        """How many are alive without a card."""
        return sum(one.to_do is ToDo.WRITE for one in self.list.rows)

    # --- what it says -------------------------------------------------------------------------------------------------

    def title_text(self) -> str:
        """The list."""
        return self.t("Издато, није предато")

    def help_topics(self) -> list[tuple[str, str]]:
        """What each word in the last column asks for."""
        return [(self.t(STANDING[to_do]), self.t(ADVICE[to_do])) for to_do in ToDo]

    def body(self, lines: Lines) -> None:
        """The list; below it what to do with the marked one, or the question."""
        lines.blank()
        lines.heading(self.t("Сертификати који нису на карти ({count})", count=len(self.list.rows)))
        lines.rule()
        if not self.list.rows:
            lines.text(self.t("нема"))
        for is_here, one in self.list.seen():
            lines.add(*self._row(one, is_here, lines.width))
        lines.blank()
        if self.is_asked:
            lines.text(self.t("Суспендовати све који чекају упис ({count})?", count=self.waiting), Ink.WARNING)
            lines.text(self.t("Суспендован сертификат не важи док се не упише на карту и провери."))
            lines.choice("1", self.t("ДА - суспендуј"))
        elif self.list.marked is not None:
            lines.text(self.t(ADVICE[self.list.marked.to_do]), Ink.STRONG)

    def _row(self, one: Undelivered, is_here: bool, width: int) -> Line:
        changed = one.case.changed_at.astimezone()
        right = (
            f" {self.t(PROFILES[one.order.profile.value]):11} {changed:%d.%m. %H:%M} {self.t(STANDING[one.to_do]):12}"
        )
        room = width - len(right)
        text = shortened(f"{'►' if is_here else ' '}{one.case.case_id} {one.case.full_name}", room).ljust(room) + right
        return ((text, Ink.SELECTED if is_here else Ink.PLAIN),)

    def status(self) -> str:
        """What goes on."""
        if self.is_busy:
            return self.t("Шаљем сертификационом телу…")
        return self.t("Никад нови захтев док је један отворен: уписује се исти сертификат.")

    def hint(self) -> str:
        """The ways on."""
        if self.is_asked:
            return self.t("1 = ДА · Esc = НЕ")
        if not self.list.rows:
            return self.t("Esc = назад")
        return self.t("Enter = настави предмет · 3 = опозив · F9 = суспендуј све · Esc = назад")

    # --- keys ---------------------------------------------------------------------------------------------------------

    def press_enter(self) -> None:
        """Take the marked case up."""
        if self.list.marked is not None and not self.is_busy and not self.is_asked:
            self.station.go_on_with(self.list.marked.case.case_id)

    def press_f9(self) -> None:
        """Ask before all are suspended."""
        if self.is_busy:
            return
        if self.waiting:
            self.is_asked = True
        else:
            self.announce(N_("Ниједан не чека упис: нема шта да се суспендује."))

    def press_digit(self, digit: int) -> None:
        """Yes to the question; or the revocation of the marked one."""
        if self.is_busy:
            return
        if self.is_asked:
            if digit == 1:
                self.is_asked = False
                self.in_background(self.desk.undelivered.suspend_all, self._suspended)
        elif digit == 3 and self.list.marked is not None:
            marked = self.list.marked
            self.app.push_screen(RevokeUndeliveredScreen(marked), lambda cause: self._revoke(marked, cause))

    def _suspended(self, result: Suspension) -> None:
        self.reload()
        self.announce(
            N_("Суспендовано: {count}. Чека одговор: {pending}."), count=result.suspended, pending=result.pending
        )
        if result.fault is not None:
            self.app.push_screen(FaultScreen(result.fault, None, can_abandon=False))

    def _revoke(self, one: Undelivered, cause: str | None) -> None:
        if cause is not None:
            case_id = one.case.case_id
            self.in_background(
                lambda: self.desk.undelivered.revoke(case_id, cause), lambda case: self._revoked(case.id), self._failed
            )

    def _revoked(self, case_id: str) -> None:
        self.reload()
        self.announce(N_("Опозвано, предмет {case} је закључен."), case=case_id)

    def _failed(self, fault: Exception) -> None:
        self.reload()
        self.app.push_screen(FaultScreen(fault, None, can_abandon=False))

    def press_escape(self) -> None:
        """Out of the question first."""
        if self.is_asked:
            self.is_asked = False
        elif not self.is_busy:
            self.dismiss(None)
