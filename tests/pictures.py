"""`python -m tests.pictures FOLDER`: the README's pictures, photographed off a console in training.

A real Linux console where there is one, an emulated one elsewhere; both give the same pictures.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from hardware.training.citizens import CITIZENS
from tests.console.console import Console
from tests.console.emulated_terminal import EmulatedTerminal
from tests.console.photograph import photograph
from tests.console.virtual_terminal import VirtualTerminal, console_is_here
from tests.console.walk import KIOSK, Seen, enter_pin, walk_issuance, walk_to_citizen

WANTED = {"opening", "issuance_3", "citizen_pin", "write", "issuance_7"}
TORN_OUT = """
folder = "office"
[devices]
training_citizen = "jovana"
training_fault = "remove@620"
"""
"""The card leaves after the list of leftovers was read, while keys are made."""
JOVANA, MARKO = CITIZENS["jovana"], CITIZENS["marko"]


@contextmanager
def console(command: Sequence[str]) -> Iterator[Console]:
    """The program on the best console this machine has."""
    with tempfile.TemporaryDirectory() as nodes:
        opened = VirtualTerminal(command, Path(nodes), {}) if console_is_here() else EmulatedTerminal(command, {})
        with opened as screen:
            yield screen


def camera(screen: Console, folder: Path) -> Seen:
    """Photographs what is wanted, under its name."""

    def seen(name: str) -> None:
        if name not in WANTED:
            return
        if name == "write":
            with suppress(TimeoutError):
                screen.wait_for("60 %", 3)
        shoot(screen, folder, name)

    return seen


def shoot(screen: Console, folder: Path, name: str) -> None:
    """One photograph, once the screen stands still."""
    before = screen.cells()
    time.sleep(0.1)
    while (now := screen.cells()) != before and name != "write":
        before = now
        time.sleep(0.1)
    photograph(screen.screen(), now, folder / f"{name}.png")
    print(folder / f"{name}.png")


def issuance(folder: Path) -> None:
    """Everything in order."""
    with console([KIOSK, "demo"]) as screen:
        walk_issuance(screen, JOVANA, camera(screen, folder))


def fault(folder: Path) -> None:
    """The card torn out during the write, then the list with the cases that wait."""
    with tempfile.TemporaryDirectory() as office:
        settings = Path(office) / "kiosk.toml"
        settings.write_text(TORN_OUT, encoding="utf-8")
        with console([KIOSK, "run", "--config", str(settings)]) as screen:
            walk_to_citizen(screen, lambda name: None)
            enter_pin(screen, JOVANA, lambda name: None)
            screen.wait_for("К-0214")
            shoot(screen, folder, "fault")
            screen.press("2")
            screen.wait_for("Започети предмети (1)")
            screen.press("f2")
            screen.wait_for(MARKO.document_number)
            screen.press("2")
            screen.wait_for("карта је у читачу")
            screen.press("1")
            screen.wait_for("√ ПИН није блокиран")
            screen.press("1")
            screen.wait_for("Корисник предаје Захтев")
            screen.press("f3")
            screen.wait_for("Започети предмети (2)")
            shoot(screen, folder, "home")


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    issuance(target)
    fault(target)
