"""Before a case: the card is read, the preconditions are shown, and the clerk compares the person."""

from __future__ import annotations

from collections.abc import Mapping

from textual import on
from textual.message import Message

from hardware.interface import Identity, PinStatus, SlotState, UnverifiedIdentity
from hardware.jmbg import has_valid_check_digit
from kiosk.cases import Case
from kiosk.desk import FAULTS, CardReading, PaperContract, PreconditionsNotMet
from kiosk.procedures import PROCEDURES
from kiosk.procedures.preconditions import Check, Remedy, refusals
from kiosk.texts import N_
from screens.fault import Choice, FaultScreen
from screens.frame import BODY_HEIGHT, CARD_IS_HELD, FrameScreen
from screens.parts.ink import Ink
from screens.parts.lines import Line, Lines, padded
from screens.parts.portrait import columns_for, portrait_lines
from screens.parts.words import PROCEDURE_TITLES, SLOT
from screens.step_screen import said_by

PORTRAIT_ROWS = 13
PICTURE_WIDTH = columns_for(PORTRAIT_ROWS) + 3
QUESTION_ROWS = 4
LABEL = 14
NOT_THE_HOLDER = N_("Лице није власник карте")


class WordsRead(Message):
    """The words on the chip are there; portrait and proof are still being read."""

    def __init__(self, words: UnverifiedIdentity) -> None:
        super().__init__()
        self.words = words


class OpeningScreen(FrameScreen[None]):
    """Reads the card as soon as there is one. Opens the case on 1; every refusal says why and what is possible."""

    KEYS = (1, 2, 6, 10, 11)

    def __init__(self, procedure_key: str) -> None:
        super().__init__()
        self.procedure_key = procedure_key
        self.words: UnverifiedIdentity | None = None
        self.reading: CardReading | None = None
        self.checks: tuple[Check, ...] = ()
        self.portrait: bytes = b""
        self.picture: list[Line] = []
        self.citizen_knows_pin = True
        self.paper_contract: PaperContract | None = None

    def on_mount(self) -> None:
        """Begin with the card, if it is there."""
        super().on_mount()
        self.press_f2()

    # --- reading ------------------------------------------------------------------------------------------------------

    def press_f2(self) -> None:
        """Read the card afresh."""
        if self.is_busy:
            return
        self.reading, self.words, self.picture, self.portrait = None, None, [], b""
        if self.desk.slot_state() is SlotState.CARD:
            self.in_background(self._read, self._card_read, self._unreadable, slow=CARD_IS_HELD)

    def _read(self) -> CardReading:
        return self.desk.read_card(self._tell_words)

    def _tell_words(self, words: UnverifiedIdentity) -> None:
        self.post_message(WordsRead(words))

    @on(WordsRead)
    def _words_read(self, message: WordsRead) -> None:
        self.words = message.words
        self.paint()

    def slot_changed(self, state: SlotState) -> None:
        """A new card is read at once; without a card there is nothing to decide about."""
        if state is SlotState.CARD and self.reading is None:
            self.press_f2()
        elif state is not SlotState.CARD:
            self.reading, self.words, self.picture, self.portrait = None, None, [], b""
            self.citizen_knows_pin, self.paper_contract = True, None
        super().slot_changed(state)

    def _card_read(self, reading: CardReading) -> None:
        self.reading = reading
        self.check()
        self.in_background(self.desk.portrait, self._portrait_read, self._no_portrait)

    def _portrait_read(self, jpeg: bytes) -> None:
        self.portrait = jpeg
        try:
            self.picture = portrait_lines(jpeg, PORTRAIT_ROWS)
        except OSError:
            self._no_portrait(None)

    def _no_portrait(self, fault: Exception | None) -> None:
        self.announce(N_("Фотографија из чипа није читљива; упоредите лице са картом."))

    def _unreadable(self, fault: Exception) -> None:
        def choose(choice: Choice | None) -> None:
            if choice is Choice.GO_ON:
                self.press_f2()
            else:
                self.dismiss(None)

        self.app.push_screen(FaultScreen(fault, None, can_abandon=False), choose)

    def check(self) -> None:
        """Look at the preconditions anew."""
        if self.reading is not None:
            self.checks = self.desk.check(
                self.procedure_key,
                self.reading,
                citizen_knows_pin=self.citizen_knows_pin,
                paper_contract=self.paper_contract,
            )

    @property
    def refused(self) -> tuple[Check, ...]:
        """What stands in the way, the PIN apart: the unblock removes that."""
        return tuple(c for c in refusals(self.checks) if c.remedy is not Remedy.UNBLOCK_FIRST)

    @property
    def remedies(self) -> set[Remedy]:
        """What can be done about it."""
        return {c.remedy for c in refusals(self.checks)}

    # --- what it says -------------------------------------------------------------------------------------------------

    def title_text(self) -> str:
        """The procedure."""
        return self.t("Нови предмет") + f" · {self.t(PROCEDURE_TITLES[self.procedure_key])}"

    def help_topics(self) -> list[tuple[str, str]]:
        """The published precondition."""
        return [(self.t("Предуслов"), self.t(PROCEDURES[self.procedure_key].precondition))]

    def help_source(self) -> str:
        """The ministry's words, or ours."""
        return said_by(PROCEDURES[self.procedure_key], self.station.texts)

    def key_names(self) -> Mapping[int, str]:
        """F6 only with a portrait."""
        names = super().key_names()
        return names if self.portrait else {number: name for number, name in names.items() if number != 6}

    @property
    def asks_for_pin(self) -> bool:
        """Whether it makes a difference if the citizen knows the PIN."""
        return self.procedure_key != "unblock" and self.reading is not None and not self.reading.pin.is_blocked

    def body(self, lines: Lines) -> None:
        """Portrait, facts and checks; the question below."""
        lines.blank()
        if self.reading is None:
            self._waiting(lines)
            return
        left = PICTURE_WIDTH
        room = BODY_HEIGHT - QUESTION_ROWS - 2
        facts, checks = Lines(lines.width - left), Lines(lines.width - left)
        self._facts(facts, self.reading.identity)
        self._checks(checks, self.reading.pin)
        # A refusal and its reason are never pushed off the screen; the end of a long residence is.
        facts.shorten(room - len(checks.lines) - 1)
        right = [*facts.lines, (), *checks.lines]
        for number in range(room):
            picture = self.picture[number] if number < len(self.picture) else ()
            lines.add(*padded(picture, left), *(right[number] if number < len(right) else ()))
        lines.blank()
        self._question(lines)

    def _waiting(self, lines: Lines) -> None:
        if self.words is not None:
            facts = Lines(lines.width - PICTURE_WIDTH)
            self._facts(facts, self.words)
            lines.extend(((" " * PICTURE_WIDTH, Ink.PLAIN), *line) for line in facts.lines)
            lines.blank()
            lines.text(self.t("Проверавам потпис података и читам фотографију…"), Ink.HEADING)
            return
        lines.blank(3)
        if self.is_busy:
            lines.heading(self.t("Читам карту…"))
        else:
            lines.heading(self.t("УБАЦИТЕ ЛИЧНУ КАРТУ У ЧИТАЧ"))
            lines.blank()
            lines.text(self.t("Подаци се читају сами, ништа се не прекуцава."))
            lines.blank()
            lines.text(self.t("Читач") + ": " + self.t(SLOT[self.station.slot]))

    def _facts(self, lines: Lines, read: Identity | UnverifiedIdentity) -> None:
        document, holder = read.document, read.holder
        born = f"{holder.date_of_birth:%d.%m.%Y.} " if holder.date_of_birth else ""
        number = holder.personal_number
        sound = self.t("√ контролна цифра") if has_valid_check_digit(number) else self.t("! контролна цифра")
        lines.field(self.t("Презиме"), holder.surname, label_width=LABEL)
        lines.field(self.t("Име"), holder.given_name, label_width=LABEL)
        lines.field(self.t("ЈМБГ"), f"{number}  {sound}", label_width=LABEL)
        lines.field(self.t("Рођење"), born + holder.place_of_birth, label_width=LABEL)
        lines.field(self.t("Карта"), f"{document.document_number}  {document.issuing_authority}", label_width=LABEL)
        lines.field(self.t("Пребивалиште"), read.residence.line(), label_width=LABEL)

    def _checks(self, lines: Lines, pin: PinStatus) -> None:
        for check in self.checks:
            mark, ink = ("√", Ink.DONE) if check.holds else ("!", Ink.WARNING)
            if not check.holds and not check.is_warning:
                ink = Ink.DANGER
            text = self.t(check.reason, **dict(check.values))
            if check.key == "pin_known" and pin.tries_left is not None:
                text += " " + self.t("(преостало покушаја: {count})", count=pin.tries_left)
            lines.add((f"{mark} ", ink), (text[: lines.width - 2], Ink.PLAIN if check.holds else ink))

    def _question(self, lines: Lines) -> None:
        if self.refused:
            lines.text(self.t("Поступак се не може започети: разлог је горе."), Ink.STRONG)
            if Remedy.ENTER_CONTRACT in self.remedies:
                lines.choice("3", self.t("Уговор постоји на папиру - упиши његов број"))
            if self.procedure_key == "renewal" and Remedy.NONE not in {c.remedy for c in self.refused}:
                lines.choice("4", self.t("Уместо обнављања: ИЗДАВАЊЕ"))
            return
        lines.text(self.t("Лице на карти, фотографија из чипа и корисник су иста особа?"), Ink.STRONG)
        yes = self.t("ДА - прво деблокада") if Remedy.UNBLOCK_FIRST in self.remedies else self.t("ДА - отвори предмет")
        no = self.t("НЕ - прекини")
        lines.add(("  1  ", Ink.STRONG), (yes.ljust(28), Ink.PLAIN), (" 2  ", Ink.STRONG), (no, Ink.PLAIN))
        if self.asks_for_pin:
            knows = self.t("Корисник не зна свој ПИН")
            lines.check("9", not self.citizen_knows_pin, knows)

    def status(self) -> str:
        """Where the facts come from."""
        if self.reading is None:
            return self.t("Чекам карту.")
        if self.refused:
            return self.t("Ништа није започето. Enter бележи одбијање.")
        return self.t("Сви подаци су са чипа (наредби: {count}).", count=self.reading.identity.apdu_count)

    def hint(self) -> str:
        """Enter alone does not open a case, on purpose."""
        if self.reading is None:
            return self.t("F2 = читај поново · Esc = назад")
        if self.refused:
            return self.t("Enter = забележи одбијање и назад · Esc = назад")
        return self.t("Упоредите лице, па 1 или 2 · Esc = назад")

    # --- keys ---------------------------------------------------------------------------------------------------------

    def press_digit(self, digit: int) -> None:
        """Answer the question, or mend what stands in the way."""
        if self.reading is None:
            return
        if self.refused:
            self._mend(digit)
        elif digit == 1:
            self._open(self.reading)
        elif digit == 2:
            self._not_the_holder(self.reading)
        elif digit == 9 and self.asks_for_pin:
            self.citizen_knows_pin = not self.citizen_knows_pin
            self.check()

    def _mend(self, digit: int) -> None:
        if digit == 3 and Remedy.ENTER_CONTRACT in self.remedies:
            from screens.paper_contract import PaperContractScreen

            self.app.push_screen(PaperContractScreen(), self._contract_entered)
        elif digit == 4 and self.procedure_key == "renewal":
            self.procedure_key = "issuance"
            self.check()

    def _contract_entered(self, contract: PaperContract | None) -> None:
        self.paper_contract = contract
        self.check()
        self.paint()

    def press_enter(self) -> None:
        """Record a refusal; never opens a case."""
        if self.reading is not None and self.refused:
            self._try_to_open(self.reading)
            self.dismiss(None)

    def press_escape(self) -> None:
        """Back; nothing was begun."""
        self.dismiss(None)

    def press_f6(self) -> None:
        """The portrait over the whole screen."""
        if self.portrait:
            from screens.portrait import PortraitScreen

            self.app.push_screen(PortraitScreen(self.portrait))

    # --- opening ------------------------------------------------------------------------------------------------------

    def _open(self, reading: CardReading) -> None:
        case = self._try_to_open(reading)
        if case is not None:
            self.station.compared = case.citizen.document_number
            self.station.walk(case)

    def _not_the_holder(self, reading: CardReading) -> None:
        """The case is opened and ended at once, so that the attempt and its cause stand in the archive."""
        case = self._try_to_open(reading)
        try:
            if case is not None:
                self.desk.cancel(case, NOT_THE_HOLDER)
        except FAULTS as fault:
            self._tell(fault)
        else:
            self.dismiss(None)

    def _try_to_open(self, reading: CardReading) -> Case | None:
        try:
            return self.desk.open_case(
                self.procedure_key,
                reading,
                citizen_knows_pin=self.citizen_knows_pin,
                paper_contract=self.paper_contract,
            )
        except PreconditionsNotMet as refusal:
            self.checks = refusal.checks
        except FAULTS as fault:
            self._tell(fault)
        return None

    def _tell(self, fault: Exception) -> None:
        self.app.push_screen(FaultScreen(fault, None, can_abandon=False))
