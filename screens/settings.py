"""What a clerk may change at the desk, and what only its settings file says."""

from __future__ import annotations

from textual.widgets import Input

from kiosk.authority_facts import AuthorityFacts, ListFacts
from kiosk.desk import FAULTS
from kiosk.texts import N_, Language
from screens.frame import FrameScreen
from screens.parts.field import field
from screens.parts.ink import Ink
from screens.parts.lines import Lines
from screens.parts.words import PIN_METHOD

LABEL = 26
FIELD_COLUMN = LABEL + 7
CLERK_ROW = 5
LONGEST_CLERK = 8

LANGUAGES: dict[Language, str] = {
    Language.CYRILLIC: "ћирилица",
    Language.LATIN: "latinica",
    Language.ENGLISH: "English",
}
"""Each in its own words: it must be found by who reads no other."""


class SettingsScreen(FrameScreen[None]):
    """Changes no open case."""

    KEYS = (1, 10, 11)

    def __init__(self) -> None:
        super().__init__()
        self.box: Input | None = None
        self.readers: tuple[str, ...] = ()
        self.reader = ""
        self.facts: AuthorityFacts | None = None

    def on_mount(self) -> None:
        """Which readers there are; without a service there is nothing to choose."""
        super().on_mount()
        self.in_background(self.desk.authority_facts, self._facts_known)
        if not self.desk.config.devices.reader:
            self.in_background(lambda: (self.desk.readers(), self.desk.reader_name()), self._readers_known)

    def _facts_known(self, facts: AuthorityFacts) -> None:
        self.facts = facts

    def _readers_known(self, found: tuple[tuple[str, ...], str]) -> None:
        readers, self.reader = found
        self.readers = readers if self.reader in readers else ()

    def title_text(self) -> str:
        """Settings."""
        return self.t("Подешавања")

    def body(self, lines: Lines) -> None:
        """What a digit changes, then what is set."""
        lines.blank()
        lines.heading(self.t("Мења се цифром"))
        self._choice(lines, 1, self.t("Писмо и језик"), LANGUAGES[self.station.texts.language])
        self._choice(lines, 2, self.t("Службени број"), self.desk.clerk)
        if len(self.readers) > 1:
            self._choice(lines, 3, self.t("Читач"), self.reader)
        lines.blank()
        lines.heading(self.t("Подешено у датотеци kiosk.toml"))
        config = self.desk.config
        set_up = (
            (self.t("Регистрационо тело"), f"{config.office.number} {config.office.name}"),
            (self.t("Читач"), config.devices.reader or self.t("било који: {reader}", reader=self.reader)),
            (self.t("Кључеви у чипу"), config.devices.key_store),
            (self.t("Унос ПИН-а"), self.t(PIN_METHOD[config.devices.pin_method.value])),
            (self.t("Време за ПИН"), f"{config.rules.pin_timeout_s} s"),
            (self.t("Штампач"), config.printing.queue or self.t("нема, обрасци се чувају као датотеке")),
            (self.t("Архива"), str(config.folder)),
            *self._authority(),
        )
        for label, value in set_up:
            lines.field(f"     {label}", value, label_width=LABEL + 5)

    def _authority(self) -> list[tuple[str, str]]:
        """Who signs, and how old what is known of it is; read only."""
        said = [(self.t("Сертификационо тело"), f"{self.desk.authority_name} ({self.desk.config.authority})")]
        if self.facts is None:
            return said
        if self.facts.address:
            said.append((self.t("Његова адреса"), self.facts.address))
        if self.facts.office_until is not None:
            until = f"{self.facts.office_until.astimezone():%d.%m.%Y. %H:%M}"
            said.append((self.t("Сертификат рег. тела"), self.t("важи до {date}", date=until)))
        return [*said, (self.t("Листа опозваних"), self._list(self.facts.list))]

    def _list(self, known: ListFacts | None) -> str:
        if known is None:
            return self.t("нема на овом рачунару")
        now = self.desk.now()
        hours = int((now - known.issued_at).total_seconds()) // 3600
        said = self.t("од {date}, стара {hours} h", date=f"{known.issued_at.astimezone():%d.%m.%Y. %H:%M}", hours=hours)
        is_late = known.next_by is None or known.next_by < now
        return f"{said} - {self.t('ЗАСТАРЕЛА')}" if is_late else said

    def _choice(self, lines: Lines, digit: int, label: str, value: str) -> None:
        lines.add((f"  {digit}  ", Ink.STRONG), (label.ljust(LABEL), Ink.PLAIN), (value, Ink.STRONG))

    def status(self) -> str:
        """What it does to cases."""
        return self.t("Промене не прекидају предмет. Провера уређаја: kiosk doctor.")

    def hint(self) -> str:
        """How to change, how to leave."""
        if self.box is not None:
            return self.t("Enter = преузми радно место · Esc = одустани")
        return self.t("Цифра мења · Esc = назад")

    def press_digit(self, digit: int) -> None:
        """Language at once; another clerk by number."""
        if digit == 1:
            self.station.switch_language()
        elif digit == 3 and len(self.readers) > 1 and not self.is_busy:
            self._next_reader()
        elif digit == 2 and self.box is None:
            self.box = field(FIELD_COLUMN, CLERK_ROW, LONGEST_CLERK + 2, max_length=LONGEST_CLERK)
            self.mount(self.box)
            self.box.focus()

    def _next_reader(self) -> None:
        following = self.readers[(self.readers.index(self.reader) + 1) % len(self.readers)]

        def chosen(nothing: None) -> None:
            self.reader = following
            self.announce(N_("Од сада се ради са читачем {reader}; памти се."), reader=following)

        self.in_background(lambda: self.desk.choose_reader(following), chosen)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Another clerk takes the desk over; the journal says so."""
        event.stop()
        clerk = event.value.strip()
        if not (clerk.isascii() and clerk.isalnum()):
            self.announce(N_("Службени број су слова и цифре, без размака."))
            return
        try:
            self.desk.change_clerk(clerk)
        except FAULTS as fault:
            self.on_fault(fault)
        self._close_field()

    def _close_field(self) -> None:
        if self.box is not None:
            self.box.remove()
            self.box = None
            self.set_focus(None)
        self.paint()

    def press_escape(self) -> None:
        """Out of the field first."""
        if self.box is not None:
            self._close_field()
        else:
            self.dismiss(None)
