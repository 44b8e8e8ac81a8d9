"""An answer never came, and nobody can ask for it: a person at the authority says that nothing was issued."""

from __future__ import annotations

from textual.widgets import Input

from kiosk.cases import Case
from kiosk.desk import FAULTS
from kiosk.texts import N_
from screens.fault_words import words_of
from screens.frame import BODY_TOP, FrameScreen
from screens.parts.field import field, place
from screens.parts.ink import Ink
from screens.parts.lines import Lines

LEFT = 2
LONGEST = 40
GAP = 3


class NotIssuedScreen(FrameScreen[None]):
    """Whose word it is, is recorded. Without it the order waits: asked anew, it might be issued twice."""

    KEYS = (1, 10, 11)

    def __init__(self, case: Case) -> None:
        super().__init__()
        self.case = case
        self.box: Input | None = None

    def on_mount(self) -> None:
        """The cursor is in the field."""
        super().on_mount()
        self.box = field(LEFT, BODY_TOP, LONGEST + 2, max_length=LONGEST)
        self.mount(self.box)
        self.box.focus()
        self.paint()

    def title_text(self) -> str:
        """The case."""
        return self.t("Предмет {case}", case=self.case.id) + f" · {self.t('ОДГОВОР НИЈЕ СТИГАО')}"

    def body(self, lines: Lines) -> None:
        """What is asked, and why a word of a person is needed."""
        lines.blank()
        lines.text(self.t("Позовите сертификационо тело и питајте да ли је по овом предмету ишта издато."), Ink.STRONG)
        lines.blank()
        lines.text(self.t("Ако јесте: Esc. Исти захтев се понавља док одговор не стигне."))
        lines.text(self.t("Ако није: упишите ко је то рекао. Исти захтев се шаље у новој поруци, са истим кључем."))
        lines.blank()
        said = self.t("Ко је рекао да ништа није издато")
        lines.text(said, Ink.STRONG)
        if self.box is not None:
            place(self.box, LEFT + len(said) + GAP, BODY_TOP + len(lines.lines) - 1)

    def status(self) -> str:
        """What is kept."""
        return self.t("Реч, ко ју је дао и ко ју је примио уписују се у дневник.")

    def hint(self) -> str:
        """Record, or leave."""
        return self.t("Enter = забележи · Esc = ништа се не мења")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Record the word; it may still be too early for it."""
        event.stop()
        who = event.value.strip()
        if not who:
            self.announce(N_("Без имена се не бележи."))
            return
        try:
            is_settled = self.desk.not_issued(self.case, who)
        except FAULTS as fault:
            self.announce(words_of(fault).cause)
            return
        if is_settled:
            self.dismiss(None)
        else:
            self.announce(N_("Порука још може да стигне. Покушајте поново за неколико минута."))

    def press_escape(self) -> None:
        """Nothing is changed."""
        self.dismiss(None)
