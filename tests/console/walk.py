"""A whole issuance on a console, by keys alone, as clerk and citizen press them."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

from hardware.training.citizens import TrainingCitizen
from tests.console.console import Console

KIOSK = str(Path(sys.executable).with_name("kiosk"))
DOT = "▄██▄"

Seen = Callable[[str], None]
"""Is told the name of what the console shows now."""


def walk_issuance(console: Console, citizen: TrainingCitizen, seen: Seen) -> None:
    """From the list and back to it. Raises `TimeoutError` with the screen where it stopped."""
    walk_to_citizen(console, seen)
    enter_pin(console, citizen, seen)
    console.wait_for("НЕ ВАДИТЕ КАРТУ")
    seen("write")
    console.wait_for("СЕРТИФИКАТ ЈЕ УПИСАН У ЧИП")
    seen("issuance_7")
    tick(console, "123456")
    console.press("enter")
    console.wait_for("издато 1")


def walk_to_citizen(console: Console, seen: Seen) -> None:
    """The clerk's steps, up to the citizen's."""
    walk_to_step_5(console, seen)
    console.press("enter")
    console.wait_for("Чекам унос")


def walk_to_step_5(console: Console, seen: Seen) -> None:
    """The clerk's steps but the last key, which hands the entry over."""
    console.wait_for("карта је у читачу")
    console.wait_for("Чекам избор")
    seen("home")
    console.press("1")
    console.wait_for("√ ПИН није блокиран")
    seen("opening")
    console.press("1")
    console.wait_for("Корисник предаје Захтев")
    tick(console, "12")
    console.press("enter")
    console.wait_for("ДВА потписана примерка")
    tick(console, "12")
    console.press("enter")
    console.wait_for("Уговор се закључује")
    tick(console, "12")
    seen("issuance_3")
    tick(console, "3")
    console.press("enter")
    console.wait_for("Започиње издавање")
    console.press("enter")
    console.wait_for("преостало 3")
    tick(console, "1")


def tick(console: Console, digits: str) -> None:
    """Tick items, each shown before the next."""
    for digit in digits:
        console.press(digit)
        console.wait_for(f"{digit} [x]")


def enter_pin(console: Console, citizen: TrainingCitizen, seen: Seen) -> None:
    """The citizen's fingers, digit by digit, then Enter."""
    for count, digit in enumerate(citizen.pin.decode(), start=1):
        console.press(digit)
        wait_for_dots(console, count)
        if count == 4:
            seen("citizen_pin")
    console.press("enter")


def wait_for_dots(console: Console, count: int, seconds: float = 10.0) -> None:
    """Until that many dots are shown. Raises `TimeoutError`."""
    deadline = time.monotonic() + seconds
    while not any(line.count(DOT) == count for line in console.screen()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"no {count} dots:\n" + "\n".join(console.screen()))
        time.sleep(0.01)
