"""A fault: what happened, what is safe now, and the next key."""

from __future__ import annotations

from enum import Enum

from textual.geometry import Offset

from hardware.errors import PinBlocked
from kiosk.ca.interface import Unknown
from kiosk.cases import Case
from kiosk.desk import FAULTS
from kiosk.texts import N_
from screens.fault_words import words_of
from screens.frame import FrameScreen
from screens.parts.box import boxed
from screens.parts.ink import Ink
from screens.parts.lines import Lines

LABEL = 16


class Choice(Enum):
    """What the clerk chose."""

    GO_ON = 1
    SET_ASIDE = 2
    ABANDON = 3


class FaultScreen(FrameScreen[Choice]):
    """Nothing happens by itself: the clerk chooses."""

    KEYS = (10, 11)

    def __init__(self, fault: Exception, case: Case | None, *, can_abandon: bool) -> None:
        super().__init__()
        self.fault = fault
        self.case = case
        self.can_abandon = can_abandon
        self.code: str = getattr(fault, "code", "")

    def on_mount(self) -> None:
        """Faults are journalled, if the archive is not what failed."""
        try:
            self.desk.record_fault(self.case, self.fault)
        except FAULTS as second:
            if type(second) is not type(self.fault):
                self.announce(words_of(second).cause)
        super().on_mount()

    def title_text(self) -> str:
        """The case, if there is one."""
        return self.t("Предмет {case}", case=self.case.id) if self.case else self.t("Грешка")

    def body(self, lines: Lines) -> None:
        """The box with the three sentences, and the choices below."""
        words = words_of(self.fault)
        inside = Lines(lines.width - 4)
        cause, safe, after = (self.t(said, **words.values) for said in (words.cause, words.safe, words.next))
        inside.field("! " + self.code, cause.upper(), Ink.DANGER, label_width=LABEL)
        inside.rule()
        inside.field(self.t("Сигурно је"), safe, label_width=LABEL)
        inside.field(self.t("Шта даље"), after, label_width=LABEL)
        lines.blank()
        lines.extend(boxed(inside, lines.width))
        lines.blank()
        is_blocked = isinstance(self.fault, PinBlocked)
        again = (
            N_("ДЕБЛОКАДА, па назад у предмет")
            if is_blocked
            else N_("НАСТАВИ  - покушај поново оданде докле се стигло")
        )
        lines.choice("1", self.t(again), Ink.STRONG)
        if self.case is not None:
            lines.choice("2", self.t("ОДЛОЖИ   - предмет остаје на листи"), Ink.STRONG)
        else:
            lines.choice("2", self.t("НАЗАД    - ништа није започето"), Ink.STRONG)
        if self.can_abandon:
            lines.choice("3", self.t("ПРЕКИНИ  - предмет се закључује (тражи разлог)"), Ink.STRONG)
        if self.may_be_settled:
            lines.choice("4", self.t("ПИТАЈ    - сертификационо тело каже да ништа није издато"), Ink.STRONG)

    @property
    def may_be_settled(self) -> bool:
        """Whether a person at the authority can say what no message tells."""
        return isinstance(self.fault, Unknown) and self.case is not None

    def status(self) -> str:
        """Nothing was lost."""
        return self.t("Ништа није изгубљено. Код за подршку: {code}", code=self.code)

    def hint(self) -> str:
        """The choices."""
        return self.t("Изаберите цифром. Ништа се не дешава само од себе.")

    def caret(self) -> Offset:
        """At the cause."""
        return Offset(4, 4)

    def press_digit(self, digit: int) -> None:
        """Choose."""
        if digit == 1:
            self.dismiss(Choice.GO_ON)
        elif digit == 2:
            self.dismiss(Choice.SET_ASIDE)
        elif digit == 3 and self.can_abandon:
            self.dismiss(Choice.ABANDON)
        elif digit == 4 and self.case is not None and self.may_be_settled:
            from screens.not_issued import NotIssuedScreen

            self.app.push_screen(NotIssuedScreen(self.case))

    def press_escape(self) -> None:
        """Never destroys: the same as setting aside."""
        self.dismiss(Choice.SET_ASIDE)
