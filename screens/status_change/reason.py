"""Why a certificate is revoked: by a digit, in the citizen's words."""

from __future__ import annotations

from kiosk.cases import Case
from kiosk.status_reasons import REASONS
from screens.frame import FrameScreen
from screens.parts.ink import Ink
from screens.parts.lines import Lines


class ReasonScreen(FrameScreen[str | None]):
    """Dismisses with a key of `kiosk.status_reasons`, or with nothing."""

    KEYS = (1, 10, 11)

    def __init__(self, case: Case) -> None:
        super().__init__()
        self.case = case

    def title_text(self) -> str:
        """The case."""
        return self.t("Предмет {case}", case=self.case.id) + f" · {self.t('РАЗЛОГ ОПОЗИВА')}"

    def body(self, lines: Lines) -> None:
        """The reasons."""
        lines.blank()
        lines.text(self.t("Зашто корисник тражи опозив?"), Ink.STRONG)
        lines.blank()
        for number, (said, _) in enumerate(REASONS.values(), start=1):
            lines.choice(str(number), self.t(said))
        lines.blank()
        lines.text(self.t("Разлог се објављује на листи опозваних сертификата, без имена."))
        lines.text(self.t("Опозван сертификат се више никада не активира."), Ink.WARNING)

    def status(self) -> str:
        """What comes of it."""
        return self.t("Ништа се још не шаље: следећи корак тражи Enter.")

    def hint(self) -> str:
        """A digit, or back."""
        return self.t("Цифра = разлог, даље · Esc = назад на избор")

    def press_digit(self, digit: int) -> None:
        """That reason."""
        if 1 <= digit <= len(REASONS):
            self.dismiss(tuple(REASONS)[digit - 1])

    def press_escape(self) -> None:
        """Back to the choice."""
        self.dismiss(None)
