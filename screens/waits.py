"""The request is made and the certificate comes with a bundle: the citizen gets a slip, the case is set aside."""

from __future__ import annotations

from kiosk.cases import Case
from kiosk.documents import WAITING_SLIP
from kiosk.printing import Printed
from kiosk.texts import N_
from screens.frame import FrameScreen
from screens.parts.box import boxed
from screens.parts.ink import Ink
from screens.parts.lines import Lines

LABEL = 16
AWAITS_CERTIFICATE = "awaits_certificate"
"""Reason of a case that waits for a bundle to the authority and back."""


class WaitsScreen(FrameScreen[None]):
    """Dismisses when the clerk has handed the slip over. `is_new`: the slip is printed at once."""

    KEYS = (1, 7, 10, 11)

    def __init__(self, case: Case, *, is_new: bool) -> None:
        super().__init__()
        self.case = case
        self.is_new = is_new

    def on_mount(self) -> None:
        """The citizen does not leave without paper."""
        super().on_mount()
        if self.is_new:
            self.press_f7()

    def title_text(self) -> str:
        """The case."""
        return self.t("Предмет {case}", case=self.case.id) + f" · {self.t('ЧЕКА СЕРТИФИКАТ')}"

    def body(self, lines: Lines) -> None:
        """What was done, what is safe, and how it goes on."""
        said = N_("Захтев је потписан у чипу и одобрен") if self.is_new else N_("Сертификат још није стигао")
        inside = Lines(lines.width - 4)
        inside.text(self.t(said).upper(), Ink.STRONG)
        inside.rule()
        going = self.t("Захтев иде сертификационом телу са следећим пакетом.")
        inside.field(self.t("Сада"), going, label_width=LABEL)
        safe = self.t("Кључеви су у чипу, захтев је сачуван; нови се не прави.")
        inside.field(self.t("Сигурно је"), safe, label_width=LABEL)
        after = self.t("Када на листи стоји: сертификат је стигао - корисник поново уноси ПИН и сертификат се уписује.")
        inside.field(self.t("Шта даље"), after, label_width=LABEL)
        lines.blank()
        lines.extend(boxed(inside, lines.width))
        lines.blank()
        lines.text(self.t("Кориснику предајте потврду и личну карту: на потврди пише шта да понесе и где да пита."))
        lines.blank()
        lines.text(self.t("Пакет: kiosk bundle export НА-СТИК, па kiosk bundle import СА-СТИКА"))

    def status(self) -> str:
        """Nothing is lost."""
        return self.t("Предмет се одлаже. Ништа се не губи ако се програм угаси.")

    def hint(self) -> str:
        """The way on."""
        return self.t("F7 = штампај потврду поново · Enter = потврда је предата, предмет се одлаже")

    def press_f7(self) -> None:
        """Print the slip."""
        if not self.is_busy:
            self.announce(N_("Штампам…"))
            self.in_background(lambda: self.desk.print_paper(self.case, WAITING_SLIP), self._printed)

    def _printed(self, printed: Printed) -> None:
        if printed.path is not None:
            self.announce(N_("Без штампача: сачувано као {file}"), file=printed.path.name)
        else:
            self.announce(N_("Послато на {printer}. Примерака у руци: {copies}?"), printer=printed.copy.where, copies=1)

    def press_enter(self) -> None:
        """Set the case aside."""
        if not self.is_busy:
            self.dismiss(None)

    def press_escape(self) -> None:
        """The same."""
        self.press_enter()
