"""Training only: whose invented card lies in the training reader."""

from __future__ import annotations

from collections.abc import Sequence

from hardware.errors import HardwareError
from hardware.interface import TrainingCardInfo
from screens.frame import FrameScreen
from screens.parts.ink import Ink
from screens.parts.lines import Lines


class TrainingReaderScreen(FrameScreen[None]):
    """F2 on the list, in training: whose invented card is in the training reader."""

    KEYS = (11,)

    def __init__(self, cards: Sequence[TrainingCardInfo]) -> None:
        super().__init__()
        self.cards = cards

    def title_text(self) -> str:
        """The training reader."""
        return self.t("Читач за обуку")

    def body(self, lines: Lines) -> None:
        """The invented citizens."""
        lines.blank()
        lines.text(self.t("Чију карту ставити у читач? Сви су измишљени, а карте нису праве."), Ink.STRONG)
        lines.blank()
        for number, card in enumerate(self.cards, start=1):
            lines.choice(str(number), f"{card.full_name}  ({card.document_number})")
        lines.blank()
        lines.choice("0", self.t("извади карту"))

    def status(self) -> str:
        """Where their PINs stand: no screen of the kiosk ever shows one."""
        return self.t("ПИН-ови карата за обуку су у документу README.")

    def hint(self) -> str:
        """Choose, or back."""
        return self.t("Цифра = карта · Esc = назад")

    def press_digit(self, digit: int) -> None:
        """Put that card in; 0 takes out what is there."""
        try:
            if digit == 0:
                self.desk.eject_training_card()
            elif digit <= len(self.cards):
                self.desk.insert_training_card(self.cards[digit - 1].key)
            else:
                return
        except HardwareError as fault:
            self.on_fault(fault)
        else:
            self.dismiss(None)

    def press_escape(self) -> None:
        """Back."""
        self.dismiss(None)
