"""`kiosk rehearse`: the real app and the real screens, headless, walked by keys as clerk and citizen would.

What is rehearsed is what is shipped: no call goes past a screen. The only stand-ins are the clerk's keys and the
citizen's fingers, which type into the device host's own descriptor.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from typing import Any, Protocol, TypeVar

from textual.pilot import Pilot
from textual.screen import Screen

from hardware.interface import PinRequest, SlotState
from kiosk.cases import Case
from kiosk.desk import Desk
from kiosk.procedures.preconditions import Remedy
from kiosk.training_centre import training_answer
from screens.app import KioskApp
from screens.bodies.checklist import ChecklistScreen
from screens.code_exchange import CodeExchangeScreen
from screens.fault import FaultScreen
from screens.home import HomeScreen
from screens.opening import OpeningScreen
from screens.paper_contract import PaperContractScreen
from screens.pin_entry import Phase, PinEntryScreen
from screens.rehearsal_report import Rehearsal, StepReport, report_of
from screens.status_change.step_2_receipt import StatusReceiptScreen
from screens.status_change.who import WhoScreen
from screens.step_screen import StepScreen
from screens.unblock.operator_pin import OperatorPinScreen
from screens.unblock.step_2_receipt import ReceiptScreen
from screens.waits import WaitsScreen

PROCEDURE_KEYS = {"issuance": "1", "renewal": "2", "unblock": "3", "status_change": "8"}
CONTRACT_ON_PAPER = ("7130-2021-900001", "01.10.2021.", "TEST")
"""Number, date and note of the invented contract that a card of an archive without one is renewed on."""
SECOND_CLERK = "TEST2"
LIMIT_S = 120.0
"""How long one step may take; a real chip makes a key pair in half a minute."""
PAUSE_S = 0.02

S = TypeVar("S", bound=Screen[Any])


class Fingers(Protocol):
    """The citizen at the second keypad; writes digits where only the device host reads them."""

    def enter_pin(self) -> None: ...

    def enter_new_pin(self) -> None: ...

    def remember_new_pin(self) -> None: ...


class RehearsalFailed(Exception):
    """The walk did not come to its end; the message names the screen it stopped at and what that said."""


Centre = Callable[[str], str]
"""Answers a question code with an answer code, as the centre does over the telephone."""


def nobody() -> None:
    """Where no HSM is used, nobody has its PIN."""
    raise RehearsalFailed("nobody is here to type the HSM operator's PIN")


def nobody_carries() -> None:
    """Where an authority answers at once, nobody carries a bundle."""
    raise RehearsalFailed("nobody is here to carry a bundle to the authority and back")


async def rehearse(
    desk: Desk,
    procedure: str,
    fingers: Fingers,
    centre: Centre = training_answer,
    operator: Callable[[], None] = nobody,
    courier: Callable[[], None] = nobody_carries,
) -> Rehearsal:
    """Walk one procedure for the card in the reader, from the list and back to it. Raises `RehearsalFailed`.

    `operator` types the HSM's PIN where the device host reads it, `courier` carries a bundle to the authority and
    back; both may block.
    """
    app = KioskApp(desk)
    async with app.run_test(size=(80, 25)) as pilot:
        walk = Walk(app, pilot, fingers, centre, operator, courier)
        case = await walk.open_case(procedure)
        steps = [await walk.step(number) for number in range(1, len(case.procedure.steps) + 1)]
        await walk.until(lambda: isinstance(app.screen, HomeScreen), "the list")
    return report_of(desk, case.id, steps)


class Walk:
    """Presses the keys of clerk and citizen, and waits for what the screens make of them."""

    def __init__(
        self,
        app: KioskApp,
        pilot: Pilot[None],
        fingers: Fingers,
        centre: Centre = training_answer,
        operator: Callable[[], None] = nobody,
        courier: Callable[[], None] = nobody_carries,
    ) -> None:
        self._app = app
        self._pilot = pilot
        self._fingers = fingers
        self._centre = centre
        self._operator = operator
        self._courier = courier

    async def open_case(self, procedure: str) -> Case:
        """From the list to step 1."""
        await self.until(lambda: self._app.slot is SlotState.CARD, "a card in the reader")
        await self.press(PROCEDURE_KEYS[procedure])
        if procedure == "status_change":
            return await self._open_status_change()
        opening = await self.screen(OpeningScreen)
        await self.until(lambda: bool(opening.checks) and not opening.is_busy, "the card to be read")
        if Remedy.ENTER_CONTRACT in opening.remedies:
            await self._enter_contract()
        if opening.refused:
            reasons = "; ".join(opening.t(check.reason, **dict(check.values)) for check in opening.refused)
            raise RehearsalFailed(f"{procedure}: {reasons}")
        await self.press("1")
        return (await self.screen(StepScreen)).case

    async def _open_status_change(self) -> Case:
        who = await self.screen(WhoScreen)
        if not who.answers:
            raise RehearsalFailed("status_change: no certificate of this citizen is known")
        await self.press("1")
        return (await self.screen(StepScreen)).case

    async def _enter_contract(self) -> None:
        await self.press("3")
        paper = await self.screen(PaperContractScreen)
        for typed in CONTRACT_ON_PAPER:
            await self.press(*typed, "enter")
        await self.until(lambda: paper not in self._app.screen_stack, "the contract to be taken")

    async def step(self, number: int) -> StepReport:
        """Do the step the screen shows, and wait for the next."""
        screen = await self._step_screen()
        if screen.case.at != number:
            raise RehearsalFailed(f"step {number} expected, {screen.case.reference} is shown")
        begun = time.monotonic()
        await self._print(screen)
        if isinstance(screen, PinEntryScreen):
            await self._citizen(screen)
            screen = await self._certified(screen)
        else:
            await self._clerk(screen)
        await self.until(lambda: self._has_left(screen), screen.case.reference)
        case = self._app.desk.case(screen.case.id)
        step = case.procedure.step(number)
        return StepReport(
            reference=case.procedure.reference(number),
            title=step.title,
            evidence=case.evidence[number].as_record(),
            seconds=time.monotonic() - begun,
            status=case.status,
        )

    async def _step_screen(self) -> StepScreen[Any]:
        """The step that is shown, or that waits below what its clerk has to do first."""
        await self.until(lambda: isinstance(self._app.screen, StepScreen) or self._clerk_first() is not None, "a step")
        return next(screen for screen in reversed(self._app.screen_stack) if isinstance(screen, StepScreen))

    async def _print(self, screen: StepScreen[Any]) -> None:
        if self._app.desk.papers(screen.case):
            await self.until(lambda: not screen.is_busy, screen.case.reference)
            await self.press("f7")
            await self.until(lambda: not screen.is_busy, f"the papers of {screen.case.reference}")

    async def _citizen(self, screen: PinEntryScreen[Any]) -> None:
        def is_asked() -> bool:
            return screen.phase is not Phase.STARTING or self._has_left(screen) or self._fault() is not None

        await self.until(lambda: is_asked() or self._clerk_first() is not None, "the citizen to be asked")
        if (front := self._clerk_first()) is not None:
            await self.clerk_first(front)
            await self.until(is_asked, "the citizen to be asked")
        if self._fault() is None and screen.view.request is PinRequest.CURRENT:
            self._fingers.enter_pin()
        elif self._fault() is None:
            self._fingers.enter_new_pin()
            self._fingers.remember_new_pin()

    async def _clerk(self, screen: StepScreen[Any]) -> None:
        await self.until(lambda: not screen.is_busy, screen.case.reference)
        await self.press(*clerk_keys(screen))

    async def _certified(self, screen: StepScreen[Any]) -> StepScreen[Any]:
        """Where the certificate comes by a bundle: set aside, carried, and taken up again. The screen that goes on."""
        front = self._app
        await self.until(lambda: self._has_left(screen) or isinstance(front.screen, WaitsScreen), screen.case.reference)
        if not isinstance(waits := front.screen, WaitsScreen):
            return screen
        await self.until(lambda: not waits.is_busy, "the slip")
        await self.press("enter")
        home = await self.screen(HomeScreen)
        await asyncio.to_thread(self._courier)
        home.reload()
        if (
            not home.waiting.get(screen.case.id)
            or home.list.marked is None
            or home.list.marked.case_id != screen.case.id
        ):
            raise RehearsalFailed(f"{screen.case.id}: the certificate has not come")
        await self.press("enter")
        while (again := await self._step_screen()).case.at < screen.case.at:
            await self._clerk(again)
            passed = again
            await self.until(lambda passed=passed: self._has_left(passed), again.case.reference)  # type: ignore[misc]
        if not isinstance(again, PinEntryScreen):
            raise RehearsalFailed(f"{again.case.reference} is shown where the PIN was expected")
        await self._citizen(again)
        return again

    def _clerk_first(self) -> OperatorPinScreen | CodeExchangeScreen | None:
        screen = self._app.screen
        return screen if isinstance(screen, OperatorPinScreen | CodeExchangeScreen) else None

    async def clerk_first(self, front: OperatorPinScreen | CodeExchangeScreen) -> None:
        """What the clerk does before the citizen is asked: unlock the HSM, or ask the centre."""
        if isinstance(front, OperatorPinScreen):
            await asyncio.to_thread(self._operator)
        else:
            await self.press(*self._centre(front.question), "enter")
        await self.until(lambda: front not in self._app.screen_stack, type(front).__name__)

    # --- waiting ------------------------------------------------------------------------------------------------------

    async def press(self, *keys: str) -> None:
        """Press keys, each handled before the next."""
        await self._pilot.press(*keys)

    async def screen(self, kind: type[S]) -> S:
        """The uppermost screen, once it is of that kind."""
        await self.until(lambda: isinstance(self._app.screen, kind), kind.__name__)
        screen = self._app.screen
        assert isinstance(screen, kind)  # noqa: S101  # narrows the type; waited for above
        return screen

    async def until(self, holds: Callable[[], bool], what: str) -> None:
        """Wait until `holds`. Raises `RehearsalFailed` after `LIMIT_S`, or at once when a fault is shown."""
        deadline = time.monotonic() + LIMIT_S
        while not holds():
            if (fault := self._fault()) is not None:
                raise RehearsalFailed(f"{what}: {type(fault).__name__} {getattr(fault, 'code', '')}: {fault}")
            if time.monotonic() > deadline:
                raise RehearsalFailed(f"waited for {what}; {type(self._app.screen).__name__} is shown")
            await asyncio.sleep(PAUSE_S)

    def _fault(self) -> Exception | None:
        screen = self._app.screen
        return screen.fault if isinstance(screen, FaultScreen) else None

    def _has_left(self, screen: StepScreen[Any]) -> bool:
        return screen not in self._app.screen_stack


def clerk_keys(screen: StepScreen[Any]) -> Iterator[str]:
    """What a clerk presses when everything on the paper is as it should be."""
    if isinstance(screen, ChecklistScreen):
        yield from map(str, screen.remaining())
    yield "enter"
    if isinstance(screen, ReceiptScreen) and screen.needs_second_clerk:
        yield from (*SECOND_CLERK, "enter")
    if isinstance(screen, StatusReceiptScreen) and screen.asks_for_reason:
        yield "1"
