"""unblock/3: new activation data is needed, known to the citizen alone."""

from __future__ import annotations

from hardware.interface import TokenInfo
from kiosk.texts import N_
from screens.bodies.activation_data import ActivationDataBody
from screens.parts.ink import Ink
from screens.parts.lines import Lines


class NewActivationDataScreen(ActivationDataBody):
    """The rules of a new PIN, before the citizen thinks of one."""

    def items(self) -> tuple[str, ...]:
        """No try is spent here, so there is nothing to consent to but the change."""
        return (N_("Корисник ће нови ПИН унети САМ, два пута"),)

    def body(self, lines: Lines) -> None:
        """State, rules, and the one item."""
        lines.text(self.t("Корисник бира нови ПИН, познат само њему."), Ink.STRONG)
        lines.blank()
        self.write_tries(lines)
        self.write_method(lines)
        lines.blank()
        lines.heading(self.t("Правила новог ПИН-а"))
        lines.text(self.t("· 4 до 8 цифара"), indent=1)
        lines.text(self.t("· није низ ни понављање, као 1234 или 1111"), indent=1)
        lines.text(self.t("· није датум рођења, део ЈМБГ ни део броја карте"), indent=1)
        lines.text(self.t("· два уноса морају бити једнака"), indent=1)
        lines.blank()
        self.write_items(lines)
        lines.blank()
        lines.text(self.t("После исправног уноса стари ПИН више не важи."), Ink.WARNING)

    def status(self) -> str:
        """What is missing."""
        return super(ActivationDataBody, self).status() if self.pin else super().status()

    def hint(self) -> str:
        """What Enter does."""
        return self.t("Enter = предај унос кориснику · Esc = корак назад")

    def press_digit(self, digit: int) -> None:
        """The one item; forgetting the old PIN is why we are here."""
        if digit == 1:
            super().press_digit(digit)

    def press_enter(self) -> None:
        """A blocked PIN does not stop its own unblock."""
        if self.pin is None:
            self.look()
        else:
            super(ActivationDataBody, self).press_enter()

    def pin_entries(self, token: TokenInfo) -> int:
        """Twice, always."""
        return 1

    @property
    def knows_pin(self) -> bool:
        """Not needed."""
        return False


SCREEN = NewActivationDataScreen
