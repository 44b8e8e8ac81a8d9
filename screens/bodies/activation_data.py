"""Before the citizen types: how the PIN will be taken, how many tries are left, and what cannot be undone."""

from __future__ import annotations

from collections.abc import Mapping

from hardware.errors import PinBlocked
from hardware.interface import Feature, Leftover, PinMethod, PinStatus, SlotState, TokenInfo
from kiosk.cases import Case
from kiosk.procedures.evidence import ActivationDataRequired
from kiosk.texts import N_
from screens.background import in_background
from screens.bodies.checklist import ChecklistScreen
from screens.fault import Choice, FaultScreen
from screens.frame import CARD_IS_HELD
from screens.parts.ink import Ink
from screens.parts.lines import Lines
from screens.parts.words import PIN_METHOD
from screens.step_screen import UnblockFirst

FORGOTTEN = 9


class ActivationDataBody(ChecklistScreen[ActivationDataRequired]):
    """The last try, or an unknown number of tries, needs a consent of its own."""

    KEEPS_TICKS = False

    def __init__(self, case: Case) -> None:
        super().__init__(case)
        self.pin: PinStatus | None = None
        self.method = ""
        self.token: TokenInfo | None = None
        self.leftovers: tuple[Leftover, ...] = ()

    def on_mount(self) -> None:
        """Look at the card."""
        super().on_mount()
        self.look()

    def look(self) -> None:
        """Read how many tries are left; costs none."""

        def read() -> tuple[PinStatus, PinMethod, TokenInfo]:
            return self.desk.pin_status(self.case), self.desk.pin_method(), self.desk.token(self.case)

        def show(found: tuple[PinStatus, PinMethod, TokenInfo]) -> None:
            self.pin, self.method, self.token = found[0], found[1].value, found[2]
            self.look_for_leftovers()

        if not self.is_busy:
            self.in_background(read, show, self._no_card, slow=CARD_IS_HELD)

    def look_for_leftovers(self) -> None:
        """After what the citizen waits for: it may take seconds. What cannot be listed is no reason to stop."""

        def show(found: tuple[Leftover, ...]) -> None:
            self.leftovers = found
            self.paint()

        in_background(self, lambda: self.desk.leftovers(self.case), show, self.on_fault)

    def slot_changed(self, state: SlotState) -> None:
        """What was read belongs to the card that was there."""
        self.pin = None
        self.ticked.clear()
        if state is SlotState.CARD:
            self.look()
        super().slot_changed(state)

    def _no_card(self, fault: Exception) -> None:
        if self.station.slot is not SlotState.CARD:
            self.announce(N_("Убаците исту карту у читач."))
            return

        def choose(choice: Choice | None) -> None:
            if choice is Choice.GO_ON:
                self.look()
            elif choice is Choice.ABANDON:
                self.press_f12()
            else:
                self.press_f3()

        self.app.push_screen(FaultScreen(fault, self.case, can_abandon=self.desk.can_cancel(self.case)), choose)

    @property
    def is_risky(self) -> bool:
        """One wrong entry may block the card."""
        return self.pin is not None and (self.pin.is_final_try or self.pin.tries_left in (None, 1))

    def items(self) -> tuple[str, ...]:
        """The consent comes only where it is needed."""
        asked = (N_("Корисник зна свој ПИН и унеће га САМ"),)
        return (*asked, N_("Корисник пристаје: погрешан унос може да блокира ПИН")) if self.is_risky else asked

    def body(self, lines: Lines) -> None:
        """Tries first, then what will happen."""
        lines.text(self.t("За наставак је потребан ПИН, познат само кориснику."), Ink.STRONG)
        lines.blank()
        self.write_tries(lines)
        self.write_method(lines)
        lines.blank()
        if self.pin is not None and self.pin.is_blocked:
            lines.text(
                self.t("ПИН је блокиран. Прво деблокада са променом ПИН-а; она враћа у овај предмет."), Ink.WARNING
            )
            return
        self.write_items(lines)
        lines.choice(str(FORGOTTEN), self.t("Корисник не зна ПИН - прво деблокада"))
        self.write_leftovers(lines)
        lines.blank()
        self.write_warning(lines)

    def write_tries(self, lines: Lines) -> None:
        """Always before the citizen is asked."""
        label = self.t("Покушаја")
        if self.pin is None:
            lines.field(label, self.t("читам карту…") if self.is_busy else self.t("нема карте"))
        elif self.pin.is_blocked:
            lines.field(label, self.t("0 - БЛОКИРАН"), Ink.DANGER)
        elif self.pin.tries_left is None:
            unknown = self.t("ПОСЛЕДЊИ") if self.pin.is_final_try else self.t("карта не каже колико")
            lines.field(label, unknown, Ink.WARNING)
        else:
            left = self.t("преостало {count}", count=self.pin.tries_left)
            lines.field(label, left, Ink.WARNING if self.is_risky else Ink.STRONG)

    def write_method(self, lines: Lines) -> None:
        """How the PIN is taken, and how often where a program asks again for each file it writes."""
        if not self.method or self.token is None:
            return
        lines.field(self.t("Унос"), self.t(PIN_METHOD[self.method]))
        if self.method == PinMethod.PINPAD.value and Feature.PROTECTED_PATH not in self.token.features:
            lines.text(self.t("Овај читач нема тастатуру за ПИН"), Ink.WARNING)
        if (entries := self.pin_entries(self.token)) > 1:
            asked = self.t("Програм за картицу пита за исти ПИН {count} пута: реците то кориснику.", count=entries)
            lines.text(asked, Ink.WARNING)

    def pin_entries(self, token: TokenInfo) -> int:
        """How many times the citizen will be asked in this procedure."""
        return token.renewal_pin_entries if self.case.procedure_key == "renewal" else token.pin_entries

    def write_leftovers(self, lines: Lines) -> None:
        """Only where there are some."""
        if not self.leftovers:
            return
        lines.blank()
        if agreed := self.desk.agreed_to_remove(self.case):
            lines.text(self.t("Уклања се после ПИН-а, уз сагласност: {count}", count=len(agreed)), Ink.DONE)
        else:
            count = len(self.leftovers)
            lines.text(self.t("У чипу има туђих остатака: {count}. F9 = преглед", count=count), Ink.WARNING)

    def key_names(self) -> Mapping[int, str]:
        """F9 only where something was found."""
        names = dict(super().key_names())
        if self.leftovers:
            names[9] = self.t("Остаци")
        return names

    def press_f9(self) -> None:
        """See what other programs left on the chip."""
        if self.leftovers:
            from screens.leftovers import LeftoversScreen

            self.app.push_screen(LeftoversScreen(self.case, self.leftovers))

    def write_warning(self, lines: Lines) -> None:
        """The point of no return."""
        lines.text(
            self.t("После исправног ПИН-а кључеви настају у чипу: предмет се тада само одлаже и довршава, не прекида."),
            Ink.WARNING,
        )

    def status(self) -> str:
        """Blocked, or what is missing."""
        if self.pin is None:
            return self.t("Карта из предмета: {number}", number=self.case.citizen.document_number)
        if self.pin.is_blocked:
            return self.t("Број покушаја је потрошен.")
        return super().status()

    def hint(self) -> str:
        """What Enter does."""
        if self.pin is not None and self.pin.is_blocked:
            return self.t("Enter = деблокада · F3 = одложи")
        return self.t("Enter = предај унос кориснику · Esc = корак назад")

    def press_digit(self, digit: int) -> None:
        """Tick, or say that the PIN is forgotten."""
        if digit == FORGOTTEN and not self.is_busy:
            self.end(UnblockFirst())
        else:
            super().press_digit(digit)

    def press_f2(self) -> None:
        """Look at the card again."""
        self.look()

    def press_enter(self) -> None:
        """Only with a card that was looked at; a blocked one goes to the unblock."""
        if self.is_busy:
            return
        if self.pin is None:
            self.look()
        elif self.pin.is_blocked:
            self.end(UnblockFirst())
        else:
            super().press_enter()

    def evidence(self) -> ActivationDataRequired:
        """How the PIN will be taken."""
        if self.pin is None:
            raise PinBlocked
        return ActivationDataRequired(
            pin_method=self.method, tries_left=self.pin.tries_left, citizen_knows_pin=self.knows_pin
        )

    @property
    def knows_pin(self) -> bool:
        """In an unblock the old PIN is not needed."""
        return True
