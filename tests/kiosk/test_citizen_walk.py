"""Whole procedures through the real screens, with the citizen's fingers on a terminal of their own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from hardware.interface import PinMethod
from hardware.remote import RemoteDevices
from hardware.settings import DeviceSettings
from hardware.training.citizens import CITIZENS, TrainingCitizen
from kiosk.config import Config
from kiosk.desk import Desk
from kiosk.wiring import build_desk
from screens.rehearsal import rehearse
from screens.rehearsal_report import Rehearsal
from tests.hardware.citizen_rig import CitizensTty

JOVANA, BLOCKED = CITIZENS["jovana"], CITIZENS["blokiran"]


class TerminalFingers:
    """A citizen who reads what the terminal asks, and types there; beside the screens, which must not wait for them."""

    def __init__(self, tty: CitizensTty, citizen: TrainingCitizen) -> None:
        self._tty = tty
        self._citizen = citizen
        self.failed: list[Exception] = []

    def enter_pin(self) -> None:
        """The citizen's PIN, when it is asked for."""
        self._beside(lambda: self._tty.enter(self._citizen.pin.decode(), "ENTER YOUR PIN"))

    def enter_new_pin(self) -> None:
        """A weak one, then the new one twice, each when it is asked for."""
        self._beside(self._new_pin)

    def remember_new_pin(self) -> None:
        """Nothing more is asked."""

    def _new_pin(self) -> None:
        self._tty.enter("1234", "ENTER A NEW PIN")
        self._tty.wait_for("То је низ, као 1234")
        self._tty.enter(self._citizen.new_pin.decode(), "ENTER A NEW PIN")
        self._tty.enter(self._citizen.new_pin.decode(), "REPEAT THE NEW PIN")

    def _beside(self, act: Callable[[], None]) -> None:
        def typing() -> None:
            try:
                act()
            except Exception as error:
                self.failed.append(error)

        threading.Thread(target=typing, daemon=True).start()


@pytest.fixture
def socket(tmp_path: Path) -> Path:
    return tmp_path / "citizen.sock"


@pytest.fixture
def desk(tmp_path: Path, socket: Path) -> Iterator[tuple[Desk, Path]]:
    """A desk with a device host whose log is read."""
    config = Config(folder=tmp_path / "kiosk")
    log = tmp_path / "host.log"
    devices = DeviceSettings(pin_method=PinMethod.TERMINAL, citizen_socket=socket)
    with closing(build_desk(replace(config, devices=devices), devices=RemoteDevices(devices, log=log))) as desk:
        yield desk, log


def walked(desk: Desk, tty: CitizensTty, procedure: str, citizen: TrainingCitizen) -> Rehearsal:
    desk.insert_training_card(citizen.key)
    fingers = TerminalFingers(tty, citizen)
    found = asyncio.run(rehearse(desk, procedure, fingers))
    assert not fingers.failed
    return found


def no_digits(tmp_path: Path, tty: CitizensTty, *pins: bytes) -> None:
    """They stand nowhere: neither in a file nor in what the terminal was sent."""
    written = [bytes(tty.written), *(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())]
    assert len(written) > 3
    assert not any(pin in one for pin in pins for one in written)


def test_an_issuance(desk: tuple[Desk, Path], socket: Path, tmp_path: Path) -> None:
    with CitizensTty(socket) as tty:
        found = walked(desk[0], tty, "issuance", JOVANA)
        assert found.passed
        assert len(found.certificates) == 2
        assert found.steps[4].evidence["pin_method"] == "terminal"
        tty.wait_for("ПИН је прихваћен")
        no_digits(tmp_path, tty, JOVANA.pin)
        assert tty.process.poll() is None
    assert "Traceback" not in desk[1].read_text()


def test_an_unblock_with_a_weak_pin_first(desk: tuple[Desk, Path], socket: Path, tmp_path: Path) -> None:
    with CitizensTty(socket) as tty:
        found = walked(desk[0], tty, "unblock", BLOCKED)
        assert found.passed
        tty.until(lambda: tty.rings() == 1 + 3 + 1 + 2, "bells: asked, refused, again, accepted")
        no_digits(tmp_path, tty, BLOCKED.new_pin)
    assert "Traceback" not in desk[1].read_text()
