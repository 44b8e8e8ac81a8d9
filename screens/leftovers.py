"""What other programs, or a cut, left on a chip: listed, and removed only with a second clerk's consent."""

from __future__ import annotations

from textual.geometry import Offset
from textual.widgets import Input

from hardware.interface import Leftover, LeftoverKind
from kiosk.cases import Case
from kiosk.desk import FAULTS
from kiosk.texts import N_
from screens.fault import FaultScreen
from screens.list_screen import ListScreen
from screens.parts.ink import Ink
from screens.parts.lines import Lines
from screens.parts.second_clerk import SecondClerk

KINDS: dict[LeftoverKind, str] = {
    LeftoverKind.KEY_PAIR: N_("пар кључева без сертификата"),
    LeftoverKind.PART: N_("део пара кључева"),
    LeftoverKind.CERTIFICATE: N_("сертификат без кључа"),
    LeftoverKind.NAME: N_("име које не води никуд"),
}
LEFT = 2


class LeftoversScreen(ListScreen[None, Leftover]):
    """All are left alone until they are marked; marked ones go in the citizen's own PIN session."""

    KEYS = (1, 10, 11)
    ROWS = 9
    LIST_AT = Offset(2, 6)

    def __init__(self, case: Case, found: tuple[Leftover, ...]) -> None:
        super().__init__()
        self.case = case
        self.list.show(found)
        self.chosen: set[int] = set()
        self.second = SecondClerk(self, LEFT)

    def title_text(self) -> str:
        """The case."""
        return self.t("Предмет {case}", case=self.case.id) + f" · {self.t('ОСТАЦИ У ЧИПУ')}"

    def body(self, lines: Lines) -> None:
        """The list; below it the second clerk."""
        lines.blank()
        lines.text(self.t("Ово је у чипу оставио други програм или прекид. Не смета, али заузима место."))
        lines.blank(2)
        for number, (is_here, one) in enumerate(self.list.seen(), start=self.list.first):
            mark = "[x]" if number in self.chosen else "[ ]"
            said = f"{'►' if is_here else ' '}{mark} {self.t(KINDS[one.kind])} · {one.name} · {one.size} B"
            lines.add((said[: lines.width], Ink.SELECTED if is_here else Ink.PLAIN))
        lines.blank()
        self.second.write(lines)

    def status(self) -> str:
        """What a consent means."""
        return self.t("Уклања се тек после ПИН-а корисника, и само означено. Бележи се.")

    def hint(self) -> str:
        """Mark, consent, leave."""
        if self.second.is_asked:
            return self.t("Enter = други службеник је сагласан · Esc = одустани")
        return self.t("Размак означава · Enter = даље, на сагласност · Esc = ништа се не дира")

    def press_space(self) -> None:
        """Mark, or take the mark back."""
        self.chosen ^= {self.list.at}

    def press_enter(self) -> None:
        """To the second clerk, when something is marked."""
        if not self.chosen:
            self.announce(N_("Ништа није означено."))
        elif not self.second.is_asked:
            self.second.ask()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Another clerk than the one at the desk."""
        second = self.second.number(event)
        if second is None:
            return
        chosen = tuple(self.list.rows[number] for number in sorted(self.chosen))
        try:
            self.desk.agree_to_remove(self.case, chosen, second)
        except FAULTS as fault:
            self.app.push_screen(FaultScreen(fault, self.case, can_abandon=False))
        else:
            self.dismiss(None)

    def press_escape(self) -> None:
        """Nothing is touched."""
        self.dismiss(None)
