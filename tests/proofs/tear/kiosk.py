"""What runs in the process that may be killed: the clerk takes the waiting case up, the citizen types, it goes on."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from hardware.errors import CardRemoved, HsmLocked, WrongPin
from hardware.interface import PinPolicy
from hardware.local import LocalDevices
from hardware.settings import DeviceSettings
from hardware.training.citizens import TrainingCitizen
from hardware.training.fingers import ENTER
from kiosk.cases import Case, Completed
from kiosk.code_exchange import read_answer
from kiosk.desk import Desk
from kiosk.enrolment.interface import Stage
from kiosk.key_services import CodeExchangeNeeded, KeyService
from kiosk.procedures.evidence import Evidence
from kiosk.training_centre import training_answer
from tests.proofs.station import CITIZEN_OF, Fingers, Silent, come_back, open_desk
from tests.proofs.tear.line import Frame, Line, LineSlot

E = TypeVar("E", bound=Evidence)
ATTEMPTS = 4
"""How often the clerk puts the card back before giving up; each cut costs one."""

Kiosk = Callable[[Path, Line, DeviceSettings], None]
"""Goes on with whatever waits in the folder, on the card at the line."""


class Telling(Silent):
    """Tells the proof which stages are finished."""

    def __init__(self, line: Line) -> None:
        self._line = line

    def stage_finished(self, stage: Stage) -> None:
        self._line.tell(Frame.STAGE, stage.value.encode())


def is_done(case: Case) -> bool:
    """Whether the cut came after all: when the devices were being closed."""
    return case.step.key == "completion"


def put_back(step: Callable[[], E], noted: Callable[[CardRemoved], None]) -> E:
    """Do the step; when the card leaves, note it, put the card back and do it again. Any other fault ends the run."""
    for _ in range(ATTEMPTS - 1):
        try:
            return step()
        except CardRemoved as fault:
            noted(fault)
    return step()


def enrolment_of(procedure: str) -> Kiosk:
    """The kiosk that brings issuance or renewal to its end."""

    def run(folder: Path, line: Line, settings: DeviceSettings) -> None:
        with open_desk(folder, CITIZEN_OF[procedure], settings, LineSlot(line)) as (desk, fingers):
            case = come_back(desk, procedure)
            if is_done(case):
                return

            def step() -> Evidence:
                fingers.take_back()
                fingers.enter_pin()
                return desk.enrol(case, Telling(line))

            evidence = put_back(step, lambda fault: desk.record_fault(case, fault))
            desk.finish_step(case, Completed(evidence))

    return run


def unblock_with(key_service: Callable[[Desk], KeyService], operator_pin: bytes = b"") -> Kiosk:
    """The kiosk that brings the unblock to its end; the clerk does what the key service asks for first."""

    def run(folder: Path, line: Line, settings: DeviceSettings) -> None:
        with open_desk(folder, CITIZEN_OF["unblock"], settings, LineSlot(line)) as (desk, fingers):
            desk._key_service = key_service(desk)
            _unblock(desk, fingers, operator_pin)

    return run


def _unblock(desk: Desk, fingers: Fingers, operator_pin: bytes) -> None:
    case = come_back(desk, "unblock")
    if is_done(case):
        return

    def step() -> Evidence:
        for _ in range(3):
            fingers.take_back()
            fingers.enter_new_pin()
            try:
                return desk.unblock(case, Silent())
            except HsmLocked:
                fingers.take_back()
                os.write(fingers._fd, operator_pin + ENTER)
                desk.open_key_session(Silent())
            except CodeExchangeNeeded as asked:
                desk.answer_challenge(case, read_answer(asked.question, training_answer(asked.question)))
        raise AssertionError("the clerk did what was asked, and is asked again")

    evidence = put_back(step, lambda fault: desk.record_fault(case, fault))
    desk.finish_step(case, Completed(evidence))


class PinChange:
    """The citizen changes the PIN; once the card has refused the old one, the citizen knows the new one is in force."""

    def __init__(self, citizen: TrainingCitizen) -> None:
        self._citizen = citizen
        self.knows_new = False

    def __call__(self, folder: Path, line: Line, settings: DeviceSettings) -> None:
        reading, writing = os.pipe()
        devices = LocalDevices(replace(settings, training_citizen="", pin_fd=reading))
        devices._slot = LineSlot(line)
        fingers = Fingers(reading, writing, self._citizen)
        for _ in range(ATTEMPTS):
            fingers.take_back()
            try:
                self._change(devices, fingers)
                return
            except CardRemoved:
                continue
            except WrongPin:
                self.knows_new = True
                line.tell(Frame.WRONG_PIN)

    def _change(self, devices: LocalDevices, fingers: Fingers) -> None:
        with closing(devices.open_chip()) as chip:
            if self.knows_new:
                fingers.remember_new_pin()
                fingers.enter_pin()
                chip.unlock(Silent(), PinPolicy())
            else:
                fingers.enter_pin()
                fingers.enter_new_pin()
                chip.change_pin(Silent(), PinPolicy())
            chip.lock()
