"""Blank forms for citizens who fill them in by hand."""

from __future__ import annotations

from kiosk.documents import FORMS
from kiosk.printing import Printed
from kiosk.texts import N_
from screens.frame import FrameScreen
from screens.parts.ink import Ink
from screens.parts.lines import Lines

BLANK_FORMS = ("obrazac_1", "obrazac_2", "obrazac_3", "general_terms", "agreement")
"""The sheet for the folder is ours, and no citizen fills it in."""


class FormsScreen(FrameScreen[None]):
    """A digit prints one copy."""

    KEYS = (1, 10, 11)

    def title_text(self) -> str:
        """Forms."""
        return self.t("Обрасци")

    def body(self, lines: Lines) -> None:
        """The forms, each with its digit."""
        lines.blank()
        lines.text(self.t("Празан примерак за корисника. Попуњен из чипа се штампа у предмету, са F7."))
        lines.blank()
        for number, key in enumerate(BLANK_FORMS, start=1):
            form = FORMS[key]
            edition = self.t("издање {edition}", edition=form.edition)
            lines.choice(str(number), f"{self.t(form.name)}  ({edition})", Ink.STRONG)
            lines.text(self.t(form.title), indent=5)
        lines.blank()
        lines.text(self.t("Обрасци су наши узорци, а не званични обрасци Министарства."), Ink.WARNING)

    def status(self) -> str:
        """Where the paper comes out."""
        queue = self.desk.config.printing.queue
        if queue:
            return self.t("Штампач: {printer}", printer=queue)
        return self.t("Штампач није подешен: образац се чува као датотека.")

    def hint(self) -> str:
        """Print, or back."""
        return self.t("Цифра = штампај један примерак · Esc = назад")

    def press_digit(self, digit: int) -> None:
        """Print that form."""
        if 1 <= digit <= len(BLANK_FORMS) and not self.is_busy:
            form = BLANK_FORMS[digit - 1]
            self.announce(N_("Штампам…"))
            self.in_background(lambda: self.desk.print_blank(form), self._printed)

    def _printed(self, printed: Printed) -> None:
        if printed.path is not None:
            self.announce(
                N_("Без штампача: сачувано као {file}"), file=f"{printed.path.parent.name}/{printed.path.name}"
            )
        else:
            self.announce(N_("Послато на {printer}."), printer=printed.copy.where)

    def press_escape(self) -> None:
        """Back."""
        self.dismiss(None)
