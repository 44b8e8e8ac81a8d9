"""Why a case is abandoned: a cause by its digit, or typed."""

from __future__ import annotations

from textual.widgets import Input

from kiosk.cases import Case
from kiosk.texts import N_
from screens.frame import BODY_TOP, FrameScreen
from screens.parts.field import field, place
from screens.parts.ink import Ink
from screens.parts.lines import Lines

CAUSES = (
    N_("Корисник је одустао"),
    N_("Лице није власник карте"),
    N_("Документација није потпуна"),
    N_("Карта није исправна"),
    N_("Предмет је отворен грешком"),
)
OTHER = 9
FIELD_COLUMN = 7


class CausesScreen(FrameScreen[str | None]):
    """Dismisses with the cause in Serbian Cyrillic, as the archive keeps it; `None` when nothing is to be ended."""

    KEYS = (1, 10, 11)

    def __init__(self, case: Case) -> None:
        super().__init__()
        self.case = case
        self.other: Input | None = None

    def title_text(self) -> str:
        """The case."""
        return self.t("Предмет {case}", case=self.case.id) + f" · {self.t('ПРЕКИД')}"

    def body(self, lines: Lines) -> None:
        """The causes."""
        lines.blank()
        lines.text(self.t("Зашто се предмет прекида? Разлог се трајно бележи."), Ink.STRONG)
        lines.blank()
        for number, cause in enumerate(CAUSES, start=1):
            lines.choice(str(number), self.t(cause))
        lines.choice(str(OTHER), self.t("Друго - упишите разлог:"))
        if self.other is not None:
            place(self.other, FIELD_COLUMN, BODY_TOP + len(lines.lines))

    def status(self) -> str:
        """What a break means."""
        return self.t("Прекинут предмет се не наставља. Одлагање (F3) га оставља отвореним.")

    def hint(self) -> str:
        """Esc is the way out."""
        return self.t("Цифра = разлог и прекид · Esc = не прекидај")

    def press_digit(self, digit: int) -> None:
        """A cause from the list ends at once; «other» asks for words."""
        if 1 <= digit <= len(CAUSES):
            self.dismiss(CAUSES[digit - 1])
        elif digit == OTHER and self.other is None:
            self.other = field(FIELD_COLUMN, BODY_TOP, 60, max_length=120)
            self.mount(self.other)
            self.other.focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Other words."""
        event.stop()
        if cause := event.value.strip():
            self.dismiss(cause)
        else:
            self.announce(N_("Упишите разлог, па Enter."))

    def press_escape(self) -> None:
        """The case goes on."""
        self.dismiss(None)
