"""The code exchange with the centre: the clerk reads the question out, and types the answer back."""

from __future__ import annotations

from textual.geometry import Offset

from hardware.interface import SlotState
from kiosk.cases import Case
from kiosk.code_exchange import GROUP, LENGTH, AnswerToAnother, Misread, grouped, read_answer, wrong_groups
from kiosk.texts import N_
from screens.frame import FrameScreen
from screens.parts.ink import Ink
from screens.parts.lines import Line, Lines

IN_A_ROW = 4
GROUPS = LENGTH // GROUP
EMPTY = "·"


class CodeExchangeScreen(FrameScreen[bytes]):
    """Dismisses with the response; with `None` when it was given up or the card left: then the challenge is void.

    Nothing goes to the card before all check digits agree: a slip of the tongue spends no try of its key.
    """

    KEYS = (1, 11)

    def __init__(self, case: Case, question: str) -> None:
        super().__init__()
        self.case = case
        self.question = question
        self.typed = ""
        self._is_void = False
        self._has_ended = False

    # --- what it says -------------------------------------------------------------------------------------------------

    def title_text(self) -> str:
        """The case."""
        return self.t("Предмет {case}", case=self.case.id) + f" · {self.t('ШИФРА ОД ЦЕНТРА')}"

    def body(self, lines: Lines) -> None:
        """Question, then answer, in groups with their numbers."""
        lines.blank()
        lines.text(self.t("1. Прочитајте центру ово питање, групу по групу:"), Ink.STRONG)
        lines.blank()
        for row in _rows(self.question):
            lines.add(*row)
        lines.blank()
        lines.text(self.t("2. Откуцајте одговор центра:"), Ink.STRONG)
        lines.blank()
        for row in _rows(self.typed, wrong_groups(self.typed), asks=True):
            lines.add(*row)
        lines.blank()
        lines.text(self.t("Карта: {number}. Не вадите је: са картом нестаје и питање.", number=self._card()))

    def _card(self) -> str:
        return self.case.citizen.document_number

    def status(self) -> str:
        """Which group is wrong, or how many digits are missing."""
        if wrong := wrong_groups(self.typed):
            return self.t("Погрешна је група {groups}. Проверите је са центром.", groups=", ".join(map(str, wrong)))
        if missing := LENGTH - len(self.typed):
            return self.t("Недостаје цифара: {count}", count=missing)
        return self.t("Све групе се слажу.")

    def hint(self) -> str:
        """The keys."""
        return self.t("Enter = одговор је откуцан · Backspace брише · Esc = одустани, питање пропада")

    def help_topics(self) -> list[tuple[str, str]]:
        """What this is for."""
        return [
            (
                self.t("Шифра од центра"),
                self.t(
                    "Карта поставља питање на које уме да одговори само ко чува њен кључ: центар. Контролне цифре у "
                    "сваком одговору откривају погрешно откуцану групу пре него што ишта стигне до карте."
                ),
            )
        ]

    def caret(self) -> Offset:
        """Where the next digit goes."""
        row, column = divmod(min(len(self.typed) // GROUP, GROUPS - 1), IN_A_ROW)
        first_row = 2 + 3 + GROUPS // IN_A_ROW + 3
        return Offset(2 + 4 + column * 10 + len(self.typed) % GROUP, first_row + row)

    # --- keys ---------------------------------------------------------------------------------------------------------

    def press_digit(self, digit: int) -> None:
        """The next digit of the answer."""
        if len(self.typed) < LENGTH:
            self.typed += str(digit)

    def press_backspace(self) -> None:
        """Take the last digit back."""
        self.typed = self.typed[:-1]

    def press_delete(self) -> None:
        """Take the whole last group back, also a wrong one before it."""
        wrong = wrong_groups(self.typed)
        keep = (wrong[0] - 1) * GROUP if wrong else max(0, len(self.typed) - 1) // GROUP * GROUP
        self.typed = self.typed[:keep]

    def press_enter(self) -> None:
        """On to the citizen, if every check digit agrees."""
        try:
            response = read_answer(self.question, self.typed)
        except AnswerToAnother:
            self.announce(N_("Ово је одговор на неко друго питање. Прочитајте центру ово."))
        except Misread as wrong:
            if not wrong.groups and len(self.typed) == LENGTH:
                self.announce(N_("Групе се не слажу једна са другом. Поновите цео одговор са центром."))
        else:
            self._end(response)

    def press_escape(self) -> None:
        """The question is void; the step before begins it anew."""
        self._end(None)

    def slot_changed(self, state: SlotState) -> None:
        """A challenge ends with the card's power; under the help, the exchange ends when that is closed."""
        if state is not SlotState.CARD:
            self._is_void = True
            self._end_if_void()

    def on_screen_resume(self) -> None:
        """What lay above is gone."""
        self._end_if_void()

    def _end_if_void(self) -> None:
        if self._is_void and self.app.screen is self:
            self._end(None)

    def _end(self, response: bytes | None) -> None:
        """Once: a key and a card may end it in the same moment."""
        if not self._has_ended:
            self._has_ended = True
            self.dismiss(response)


def _rows(digits: str, wrong: tuple[int, ...] = (), *, asks: bool = False) -> list[Line]:
    """Four groups a row, each with its number; a wrong one looks wrong."""
    groups = grouped(digits)
    count = GROUPS if asks else len(groups)
    pieces: list[Line] = []
    for number in range(1, count + 1):
        group = groups[number - 1] if number <= len(groups) else ""
        ink = Ink.DANGER if number in wrong else Ink.HEADING
        pieces.append(((f" {number}. ", Ink.PLAIN), (group.ljust(GROUP, EMPTY), ink), ("  ", Ink.PLAIN)))
    return [sum(pieces[first : first + IN_A_ROW], ()) for first in range(0, count, IN_A_ROW)]
