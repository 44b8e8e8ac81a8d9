"""A whole issuance on a console, as it is installed: `kiosk demo`, driven by keys and read back from the screen."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

import pytest

from hardware.training.citizens import CITIZENS
from tests.console.emulated_terminal import EmulatedTerminal
from tests.console.virtual_terminal import NUMBER, VirtualTerminal, console_is_here
from tests.console.walk import KIOSK, walk_issuance

JOVANA = CITIZENS["jovana"]
PIN = JOVANA.pin.decode()
EVERY_S = 0.005
DEMO = [KIOSK, "demo"]
WALKED = ["home", "opening", "issuance_3", "citizen_pin", "write", "issuance_7"]


@contextmanager
def onlooker(console: VirtualTerminal) -> Iterator[set[str]]:
    """Reads the screen as fast as it can, as somebody behind the citizen's back would; yields every line seen."""
    lines: set[str] = set()
    enough = Event()

    def look() -> None:
        while not enough.is_set():
            lines.update(console.screen())
            time.sleep(EVERY_S)

    watching = Thread(target=look, name="onlooker")
    watching.start()
    try:
        yield lines
    finally:
        enough.set()
        watching.join()


def digits_shown(lines: set[str]) -> set[str]:
    """Runs of three digits of the PIN that stood on the screen."""
    runs = {PIN[at : at + 3] for at in range(len(PIN) - 2)}
    return {run for run in runs for line in lines if run in line}


def test_an_issuance_on_the_linux_console(tmp_path: Path) -> None:
    if not console_is_here():
        pytest.skip(f"this machine lacks a Linux console: /dev/tty{NUMBER}, root, and keys that may be pushed into it")
    walked: list[str] = []
    asked: set[str] = set()
    with VirtualTerminal(DEMO, tmp_path, {}) as console, onlooker(console) as lines:

        def seen(name: str) -> None:
            walked.append(name)
            if name == "write":
                asked.update(lines)

        walk_issuance(console, JOVANA, seen)
        assert console.process.poll() is None
    assert walked == WALKED
    assert any("▀██▀" in line for line in asked), "the onlooker saw no dots"
    assert not digits_shown(asked)
    assert not any(PIN in line for line in lines)


def test_an_issuance_on_a_terminal_and_what_was_sent_to_it() -> None:
    walked: list[str] = []
    with EmulatedTerminal(DEMO, {}) as terminal:
        before = 0

        def seen(name: str) -> None:
            nonlocal before
            walked.append(name)
            if name == "citizen_pin":
                assert not terminal.echoes
                assert not digits_shown(set(terminal.screen()))
            if name == "issuance_3":
                before = len(terminal.written)
            if name == "write":
                sent = terminal.written[before:].decode()
                assert "▄██▄" in sent
                assert PIN not in sent

        walk_issuance(terminal, JOVANA, seen)
        terminal.press("f10")
        terminal.wait_for("РАДНО МЕСТО ЈЕ ЗАКЉУЧАНО")
        terminal.press("f10")
        assert terminal.process.wait(10) == 0
    assert walked == WALKED
    assert PIN.encode() not in terminal.written
