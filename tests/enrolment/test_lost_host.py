"""The device host is killed under the enrolment: the screens live on, and the same citizen goes on with a new host."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hardware.errors import HostLost
from hardware.remote import RemoteDevices
from hardware.settings import DeviceSettings
from hardware.training.citizens import CITIZENS, TrainingCitizen
from hardware.training.fingers import TrainingFingers
from kiosk.cases import Completed
from kiosk.config import Config
from kiosk.desk import Desk
from kiosk.enrolment.interface import Stage
from kiosk.wiring import build_desk
from tests.enrolment.counter import AtStage
from tests.proofs.register import registered
from tests.proofs.station import CITIZEN_OF, Silent, begin_case


@contextmanager
def desk_with_host(folder: Path, citizen: TrainingCitizen) -> Iterator[tuple[Desk, RemoteDevices, TrainingFingers]]:
    reading, writing = os.pipe()
    settings = DeviceSettings(training_citizen=citizen.key, training_state=folder / "cards", pin_fd=reading)
    devices = RemoteDevices(settings)
    desk = build_desk(Config(folder=folder, devices=settings), devices=devices)
    try:
        yield desk, devices, TrainingFingers(writing, CITIZENS[citizen.key])
    finally:
        desk.close()
        os.close(reading)
        os.close(writing)


def kill(devices: RemoteDevices) -> None:
    os.kill(devices.host().pid, signal.SIGKILL)


def at_once(devices: RemoteDevices) -> None:
    kill(devices)


def under_way(devices: RemoteDevices) -> None:
    """Somewhere in the middle of what the stage does."""
    threading.Timer(0.005, kill, [devices]).start()


@pytest.mark.parametrize(
    ("stage", "kill_host"),
    [(Stage.KEYS, at_once), (Stage.WRITE, under_way), (Stage.READ_BACK, at_once), (Stage.TIDY, under_way)],
)
def test_the_enrolment_goes_on_with_a_new_host(
    tmp_path: Path, stage: Stage, kill_host: Callable[[RemoteDevices], None]
) -> None:
    with desk_with_host(tmp_path, CITIZEN_OF["renewal"]) as (desk, devices, fingers):
        case = begin_case(desk, "renewal")
        fingers.enter_pin()
        first = devices.host()
        with pytest.raises(HostLost):
            desk.enrol(case, AtStage(stage, lambda: kill_host(devices)))
        fingers.enter_pin()
        evidence = desk.enrol(case, Silent())
        case = desk.finish_step(case, Completed(evidence))
        assert devices.host() is not first
        reading = desk.read_card()
        serials = sorted((evidence.authentication_serial, evidence.signature_serial))
        assert sorted(one.serial for one in reading.certificates) == sorted(registered(tmp_path)) == serials
        assert reading.pin.tries_left == 3
        assert desk._open_chip().leftovers() == ()
