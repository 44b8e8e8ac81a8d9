"""A station under test: the real app, headless, on a desk with the training card; clerk and citizen press keys."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from hardware.local import LocalDevices
from hardware.settings import DeviceSettings
from hardware.training.citizens import CITIZENS
from hardware.training.fingers import TrainingFingers
from kiosk.cases import Case
from kiosk.config import Config, Cues, KeyServiceSettings, Rules
from kiosk.desk import Desk
from kiosk.key_services import with_hsm
from kiosk.wiring import build_desk, utc_now
from screens.app import KioskApp
from screens.fault import FaultScreen
from screens.home import HomeScreen
from screens.opening import OpeningScreen
from screens.pin_entry import Phase, PinEntryScreen
from screens.rehearsal import PROCEDURE_KEYS, Walk, clerk_keys
from screens.step_screen import StepScreen


class Station:
    """Hands on one station."""

    def __init__(self, app: KioskApp, pilot: Pilot[None], devices: LocalDevices, fingers: TrainingFingers) -> None:
        self.app = app
        self.desk: Desk = app.desk
        self.devices = devices
        self.fingers = fingers
        self.walk = Walk(app, pilot, fingers)

    @property
    def text(self) -> str:
        """What the screen shows, 25 lines."""
        strips = self.app.screen._compositor.render_strips()
        return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in strips)

    async def press(self, *keys: str) -> None:
        await self.walk.press(*keys)

    async def shows(self, text: str) -> None:
        """Wait until the screen shows it; whatever screen that is, a fault too."""
        await self.walk_until(lambda: text in self.text, f"«{text}» on the screen")

    async def walk_until(self, holds: Any, what: str, seconds: float = 15.0) -> None:
        """Like `Walk.until`, but a fault on the screen is no failure."""
        import asyncio

        for _ in range(int(seconds / 0.02)):
            if holds():
                return
            await asyncio.sleep(0.02)
        raise AssertionError(f"waited for {what}; the screen shows:\n{self.text}")

    async def insert(self, citizen: str) -> None:
        """Put that citizen's card in; the citizen's fingers are that citizen's."""
        self.devices.insert(citizen)
        self.fingers.__init__(self.fingers._fd, CITIZENS[citizen])  # type: ignore[misc]  # other hands, same keypad

    async def opening(self, procedure: str) -> OpeningScreen:
        """Press the procedure's digit and wait until the card is read."""
        await self.walk.until(lambda: isinstance(self.app.screen, HomeScreen), "the list")
        await self.press(PROCEDURE_KEYS[procedure])
        opening = await self.walk.screen(OpeningScreen)
        await self.walk_until(lambda: bool(opening.checks) and not opening.is_busy, "the card to be read")
        return opening

    async def open(self, procedure: str) -> Case:
        """Open a case with everything in order."""
        await self.opening(procedure)
        await self.press("1")
        return (await self.step(1)).case

    async def step(self, number: int) -> StepScreen[Any]:
        """The screen of that step, once it is shown."""
        await self.walk_until(
            lambda: isinstance(self.app.screen, StepScreen) and self.app.screen.case.at == number, f"step {number}"
        )
        screen = self.app.screen
        assert isinstance(screen, StepScreen)
        await self.walk_until(lambda: not screen.is_busy or isinstance(screen, PinEntryScreen), f"step {number} ready")
        return screen

    async def do_steps(self, first: int, last: int) -> None:
        """Do steps as clerk, everything being in order."""
        for number in range(first, last + 1):
            await self.press(*clerk_keys(await self.step(number)))

    async def citizen(self, number: int) -> PinEntryScreen[Any]:
        """The citizen's step, once the citizen is asked."""
        screen = await self.step(number)
        assert isinstance(screen, PinEntryScreen)
        await self.walk_until(lambda: screen.phase is Phase.CITIZEN, "the citizen to be asked")
        return screen

    async def fault(self, code: str) -> FaultScreen:
        """The fault screen, once it shows that code."""
        await self.walk_until(
            lambda: isinstance(self.app.screen, FaultScreen) and self.app.screen.code == code, f"fault {code}"
        )
        screen = self.app.screen
        assert isinstance(screen, FaultScreen)
        await self.shows(code)
        assert "Сигурно је" in self.text and "Шта даље" in self.text
        return screen

    async def home(self) -> HomeScreen:
        """The list, once it is shown."""
        await self.walk_until(lambda: isinstance(self.app.screen, HomeScreen), "the list")
        screen = self.app.screen
        assert isinstance(screen, HomeScreen)
        return screen


@asynccontextmanager
async def station(
    folder: Path,
    citizen: str = "jovana",
    *,
    rules: Rules | None = None,
    cues: Cues | None = None,
    clock: Callable[[], datetime] = utc_now,
    key_service: KeyServiceSettings | None = None,
    **devices: Any,
) -> AsyncIterator[Station]:
    """A station in `folder`, where archive and cards stay from one station to the next."""
    reading, writing = os.pipe()
    keys = key_service or KeyServiceSettings()
    settings = DeviceSettings(training_citizen=citizen, training_state=folder / "cards", pin_fd=reading, **devices)
    config = replace(Config(), folder=folder, devices=settings, rules=rules or Rules(), cues=cues or Cues())
    config, settings = replace(config, key_service=keys), with_hsm(settings, keys)
    local = LocalDevices(settings)
    desk = build_desk(config, devices=local, clock=clock)
    app = KioskApp(desk)
    try:
        async with app.run_test(size=(80, 25)) as pilot:
            yield Station(app, pilot, local, TrainingFingers(writing, CITIZENS[citizen or "jovana"]))
    finally:
        desk.close()
        os.close(reading)
        os.close(writing)
