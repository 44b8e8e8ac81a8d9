"""The citizen circled «keep the PIN»: the honest answer, and what the citizen can do."""

from __future__ import annotations

from textual.geometry import Offset

from kiosk.cases import Case
from kiosk.texts import N_
from screens.frame import FrameScreen
from screens.parts.ink import Ink
from screens.parts.lines import Lines

CHANGE = "change"
CAUSE = N_("Корисник жели да задржи ПИН, а промену не прихвата")


class KeepPinScreen(FrameScreen[str]):
    """Dismisses with `CHANGE` or with the cause the case ends with, as the archive keeps it; `None` to go back."""

    KEYS = (1, 10, 11)

    def __init__(self, case: Case) -> None:
        super().__init__()
        self.case = case

    def title_text(self) -> str:
        """The case."""
        return self.t("Предмет {case}", case=self.case.id) + f" · {self.t('ЗАДРЖАВАЊЕ ПИН-а')}"

    def body(self, lines: Lines) -> None:
        """Why not, then the two ways on."""
        lines.blank()
        lines.text(self.t("Овај програм не може да деблокира карту уз задржавање ПИН-а."), Ink.WARNING)
        lines.blank()
        lines.text(
            self.t(
                "Образац 2 даје тај избор, али није објављена наредба карте која враћа покушаје без новог ПИН-а. "
                "Реците то кориснику: стари ПИН не може да остане."
            )
        )
        lines.blank()
        lines.choice("1", self.t("Корисник прихвата промену: на Захтеву заокружује број 2"), Ink.STRONG)
        lines.choice("2", self.t("Корисник не прихвата: предмет се прекида, разлог се бележи"), Ink.STRONG)

    def status(self) -> str:
        """Nothing was done to the card."""
        return self.t("Карта није дирана.")

    def hint(self) -> str:
        """The ways on."""
        return self.t("Цифра бира · Esc = назад на захтев")

    def caret(self) -> Offset:
        """At the answer."""
        return Offset(2, 3)

    def press_digit(self, digit: int) -> None:
        """Choose."""
        if digit in (1, 2):
            self.dismiss(CHANGE if digit == 1 else CAUSE)

    def press_escape(self) -> None:
        """The clerk pressed the wrong digit."""
        self.dismiss(None)
