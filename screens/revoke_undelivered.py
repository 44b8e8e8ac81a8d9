"""A certificate that will never come onto its card is revoked: a cause, and then a second look."""

from __future__ import annotations

from kiosk.status_reasons import UNDELIVERED
from kiosk.texts import N_
from kiosk.undelivered import Undelivered
from screens.frame import FrameScreen
from screens.parts.ink import Ink
from screens.parts.lines import Lines, shortened


class RevokeUndeliveredScreen(FrameScreen[str | None]):
    """Dismisses with a key of `kiosk.status_reasons.UNDELIVERED`, after F5; or with nothing."""

    KEYS = (1, 10, 11)

    def __init__(self, one: Undelivered) -> None:
        super().__init__()
        self.one = one
        self.cause = ""

    def title_text(self) -> str:
        """The case."""
        return self.t("Предмет {case}", case=self.one.case.case_id) + f" · {self.t('ОПОЗИВ')}"

    def body(self, lines: Lines) -> None:
        """Whose it is; the causes; then the question."""
        case, order = self.one.case, self.one.order
        lines.blank()
        lines.field(self.t("Корисник"), case.full_name)
        lines.field(self.t("Карта"), case.document_number)
        lines.field(self.t("Сертификат"), shortened(order.serial, lines.width - 16))
        lines.blank()
        lines.text(self.t("Зашто сертификат никада неће бити на карти? Разлог се трајно бележи."), Ink.STRONG)
        lines.blank()
        for number, (key, (said, _)) in enumerate(UNDELIVERED.items(), start=1):
            lines.choice(str(number), ("► " if key == self.cause else "  ") + self.t(said))
        if self.cause:
            lines.blank()
            lines.text(self.t("ПОГЛЕДАЈТЕ ЈОШ ЈЕДНОМ: опозив се не може повратити."), Ink.DANGER)
            lines.text(self.t("Опозивају се сви сертификати овог предмета, и предмет се закључује."))
            lines.text(self.t("F5 = ОПОЗОВИ"), Ink.STRONG)

    def status(self) -> str:
        """When not to."""
        return self.t("Ако је карта ту и кључ у њој, не опозива се: уписује се исти сертификат.")

    def hint(self) -> str:
        """The keys."""
        if self.cause:
            return self.t("F5 = опозови и закључи предмет · цифра = други разлог · Esc = одустани")
        return self.t("Цифра = разлог · Esc = одустани")

    def press_digit(self, digit: int) -> None:
        """That cause; nothing happens yet."""
        if 1 <= digit <= len(UNDELIVERED):
            self.cause = tuple(UNDELIVERED)[digit - 1]

    def press_f5(self) -> None:
        """With open eyes."""
        if self.cause:
            self.dismiss(self.cause)
        else:
            self.announce(N_("Прво разлог."))

    def press_escape(self) -> None:
        """Nothing is revoked."""
        self.dismiss(None)
