"""The frame that every screen shares: title, body, announcement, what Enter does, function keys."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeVar, cast

from textual import events, on
from textual.app import ComposeResult
from textual.geometry import Offset
from textual.screen import Screen
from textual.timer import Timer
from textual.widgets import Input

from hardware.interface import SlotState
from kiosk.desk import Desk
from kiosk.texts import N_
from screens.background import Done, in_background
from screens.parts.ink import Ink
from screens.parts.key_bar import key_bar
from screens.parts.lines import Line, Lines, padded
from screens.parts.page import Page

if TYPE_CHECKING:
    from screens.app import KioskApp

T = TypeVar("T")
R = TypeVar("R")

WIDTH = 80
HEIGHT = 25
BODY_HEIGHT = HEIGHT - 5
"""Lines of a body: title, its rule, announcement, hint and key bar are the other five."""
BODY_TOP = 2
"""Row of the body's first line."""
CLOCK_EVERY_S = 10.0
SLOW_S = 2.0
"""After how long a clerk wants to know what the screen waits for."""
CARD_IS_HELD = N_("Читач још не одговара: други програм можда држи карту. Чекам…")

KEY_NAMES: dict[int, str] = {
    1: N_("Помоћ"),
    2: N_("Карта"),
    3: N_("Листа"),
    6: N_("Фото"),
    7: N_("Штампа"),
    8: N_("Архива"),
    9: N_("Суспендуј"),
    10: N_("Закључај"),
    11: N_("Писмо"),
    12: N_("Прекини"),
}


class FrameScreen(Screen[R]):
    """A screen of 80 by 25 cells. Keys arrive as calls of `press_<key>`; digits as `press_digit`."""

    AUTO_FOCUS = ""
    KEYS: tuple[int, ...] = (1, 10, 11)
    """Function keys that do something here."""

    def __init__(self) -> None:
        super().__init__()
        self.page = Page()
        self._announcement: Callable[[], str] | None = None
        self._soon: Timer | None = None
        self.is_busy = False

    # --- what a screen says -------------------------------------------------------------------------------------------

    def title_text(self) -> str:
        """The left end of the first line."""
        return ""

    def body(self, lines: Lines) -> None:
        """Write the body: at most `BODY_HEIGHT` lines of `lines.width` cells."""

    def status(self) -> str:
        """The announcement line while nothing else was announced."""
        return ""

    def hint(self) -> str:
        """What Enter and Esc do."""
        return ""

    def help_topics(self) -> list[tuple[str, str]]:
        """Headings and paragraphs that F1 shows besides the keys."""
        return []

    def help_source(self) -> str:
        """Whose words the topics are."""
        return ""

    # --- painting -----------------------------------------------------------------------------------------------------

    def compose(self) -> ComposeResult:
        yield self.page

    def on_mount(self) -> None:
        self.set_interval(CLOCK_EVERY_S, self.paint)
        self.paint()

    def paint(self) -> None:
        """Lay the screen out anew from its state, in the language of the moment."""
        self.page.show(self.layout_lines())

    def layout_lines(self) -> list[Line]:
        """All 25 lines."""
        lines = self._body_lines()
        lines = lines[:BODY_HEIGHT] + [()] * (BODY_HEIGHT - len(lines))
        announcement = self._announcement() if self._announcement else self.status()
        return [
            self._title(),
            (("─" * WIDTH, Ink.RULE),),
            *lines,
            ((f"─ {announcement}"[:WIDTH], Ink.ANNOUNCEMENT),) if announcement else (),
            ((self.hint()[:WIDTH], Ink.HINT),),
            key_bar(self.key_names()),
        ]

    def _body_lines(self) -> list[Line]:
        lines = Lines(WIDTH - 4)
        self.body(lines)
        return [(("  ", Ink.PLAIN), *line) for line in lines.lines]

    def key_names(self) -> Mapping[int, str]:
        """Names of the function keys that do something here."""
        return {number: self.t(KEY_NAMES[number]) for number in self.KEYS}

    def _title(self) -> Line:
        now = self.desk.now()
        right = self.t("Сл. {clerk}", clerk=self.desk.clerk) + f"  {now:%H:%M} "
        training = f" {self.t('ОБУКА')} " if self.desk.is_training else ""
        room = WIDTH - len(right) - len(training) - 1
        left = padded((((" " + self.title_text())[:room], Ink.TITLE),), room, Ink.TITLE)
        return (*left, (training, Ink.TRAINING), (" ", Ink.TITLE), (right, Ink.TITLE))

    def announce(self, message: str, **values: object) -> None:
        """Say something on the announcement line until the next key; it follows the language."""
        self._announcement = lambda: self.t(message, **values)
        self.paint()

    def caret(self) -> Offset:
        """Where the terminal's cursor stands: screen readers read from there."""
        return Offset(0, HEIGHT - 3)

    # --- what it stands on --------------------------------------------------------------------------------------------

    @property
    def station(self) -> KioskApp:
        """The app, as what it is."""
        return cast("KioskApp", self.app)

    @property
    def desk(self) -> Desk:
        """The desk this screen asks."""
        return self.station.desk

    def t(self, message: str, **values: object) -> str:
        """The message in the language of the moment."""
        return self.station.texts(message, **values)

    def in_background(
        self,
        call: Callable[[], T],
        then: Callable[[T], None],
        on_fault: Callable[[Exception], None] | None = None,
        *,
        slow: str = "",
    ) -> None:
        """Run a blocking call beside the screen; until it ends the screen counts as busy.

        `slow` is announced when it takes long: what it may be waiting for.
        """
        self.is_busy = True
        if slow:
            self._soon = self.set_timer(SLOW_S, lambda: self.announce(slow))

        def finish(value: T) -> None:
            self._is_done()
            then(value)
            self.paint()

        def fail(fault: Exception) -> None:
            self._is_done()
            (on_fault or self.on_fault)(fault)
            self.paint()

        in_background(self, call, finish, fail)

    def _is_done(self) -> None:
        self.is_busy = False
        if self._soon is not None:
            self._soon.stop()
            self._soon = self._announcement = None

    @on(Done)
    def _proceed(self, message: Done) -> None:
        message.stop()
        message.proceed()

    def on_fault(self, fault: Exception) -> None:
        """A background call has failed: say so on the announcement line."""
        from screens.fault_words import words_of

        words = words_of(fault)
        self.announce(words.cause, **words.values)

    def slot_changed(self, state: SlotState) -> None:
        """A card came or went."""
        self.paint()

    # --- keys ---------------------------------------------------------------------------------------------------------

    def on_key(self, event: events.Key) -> None:
        """Hand the key to its method; keys without one do nothing."""
        digit = event.key if event.key.isdecimal() and len(event.key) == 1 else ""
        handler = None if digit else getattr(self, f"press_{event.key}", None)
        if not digit and handler is None:
            return
        if event.key == "enter" and isinstance(self.focused, Input):
            # Textual asks a field's own bindings last: stopped here, the field would never submit.
            return
        event.stop()
        event.prevent_default()
        if event.key != "f11":
            self._announcement = None
        if digit:
            self.press_digit(int(digit))
        elif handler is not None:
            handler()
        self.paint()

    def press_digit(self, digit: int) -> None:
        """A digit outside of a field."""

    def press_f1(self) -> None:
        """Help."""
        from screens.help import HelpScreen

        if 1 in self.KEYS:
            self.app.push_screen(HelpScreen(self.help_topics, self.help_source))

    def press_f8(self) -> None:
        """Search the archive."""
        from screens.archive import ArchiveScreen

        if 8 in self.KEYS:
            self.app.push_screen(ArchiveScreen(), self.station.go_on_with)

    def press_f10(self) -> None:
        """Lock the desk."""
        if 10 in self.KEYS:
            self.station.lock()

    def press_f11(self) -> None:
        """Go on to the next script or language."""
        self.station.switch_language()

    @on(Input.Changed)
    def _field_changed(self) -> None:
        self._announcement = None
        self.paint()
