"""The authority has refused: its own words, and what may become of the case."""

from __future__ import annotations

from kiosk.cases import Abandoned, Case
from kiosk.procedures.evidence import Evidence
from kiosk.refused_cases import Refusal
from kiosk.texts import N_
from screens.fault import Choice
from screens.frame import FrameScreen
from screens.parts.box import boxed
from screens.parts.ink import Ink
from screens.parts.lines import Lines
from screens.pin_entry import PinEntryScreen

LABEL = 16
CAUSE = N_("Сертификационо тело је одбило захтев")


class RefusedScreen(FrameScreen[Choice]):
    """Dismisses with `ABANDON` or `SET_ASIDE`; the refused request is never sent again."""

    KEYS = (1, 10, 11)

    def __init__(self, case: Case, refusal: Refusal) -> None:
        super().__init__()
        self.case = case
        self.refusal = refusal

    def title_text(self) -> str:
        """The case."""
        return self.t("Предмет {case}", case=self.case.id) + f" · {self.t('ОДБИЈЕНО')}"

    def body(self, lines: Lines) -> None:
        """The refusal in its words; the choices."""
        inside = Lines(lines.width - 4)
        inside.text(self.t(CAUSE).upper(), Ink.DANGER)
        inside.rule()
        inside.field(self.t("Његове речи"), self.refusal.text or "-", label_width=LABEL)
        inside.field(self.t("Ознака"), self.refusal.code or "-", label_width=LABEL)
        inside.field(self.t("Сигурно је"), self.t("Стари кључеви и сертификати су у чипу какви су били."))
        lines.blank()
        lines.extend(boxed(inside, lines.width))
        lines.blank()
        if self.refusal.keys_on_chip:
            lines.choice("1", self.t("ЗАКЉУЧИ - корисник уноси ПИН, нови кључеви се уклањају из чипа"), Ink.STRONG)
        else:
            lines.choice("1", self.t("ЗАКЉУЧИ - у чипу нема ничега од овог предмета"), Ink.STRONG)
        lines.choice("2", self.t("ОДЛОЖИ   - предмет остаје на листи"), Ink.STRONG)
        lines.blank()
        lines.text(self.t("Нови захтев се подноси тек у новом предмету, када се отклони разлог одбијања."))

    def status(self) -> str:
        """Never again by itself."""
        return self.t("Одбијен захтев се не шаље поново.")

    def hint(self) -> str:
        """The choices."""
        return self.t("Карта у читачу, па 1 · 2 или Esc = одложи")

    def press_digit(self, digit: int) -> None:
        """Choose."""
        if digit == 1:
            self.dismiss(Choice.ABANDON)
        elif digit == 2:
            self.dismiss(Choice.SET_ASIDE)

    def press_escape(self) -> None:
        """Never destroys: the same as setting aside."""
        self.dismiss(Choice.SET_ASIDE)


class TakingBackScreen(PinEntryScreen[Evidence]):
    """The citizen enters the PIN once more, and the chip is as it was before the case; then the case is closed."""

    def run(self) -> Evidence:
        """The desk does it all; the case records its end, not a step."""
        self.desk.take_back(self.case, self)
        return Evidence()

    def _finished(self, evidence: Evidence) -> None:
        self._take_back()
        self.end(Abandoned(CAUSE))
