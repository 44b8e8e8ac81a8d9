"""A citizen at a pin pad goes through whole procedures: the real screens, the device host, pcscd, the reader's keys."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from hardware.interface import PinMethod
from hardware.settings import TRAINING, DeviceSettings
from hardware.training.citizens import CITIZENS
from kiosk.config import Config
from kiosk.desk import Desk
from kiosk.wiring import build_desk
from screens.rehearsal import rehearse
from tests.services import pkcs15_card
from tests.services.fixtures import READER_C
from tests.services.pcscd import PrivatePcscd
from tests.services.pinpad.reader import DIRECT, STEPWISE, pin_pad
from tests.services.requirement import ServiceMissing, skip_or_fail

BOTH = {"direct": DIRECT, "stepwise": STEPWISE}
"""The two models of a pad."""


def models(quick: str) -> pytest.MarkDecorator:
    """Each model; all but one run long with what else takes long."""
    marks = {name: () if name == quick else pytest.mark.soak for name in BOTH}
    return pytest.mark.parametrize(
        "features", [pytest.param(features, id=name, marks=marks[name]) for name, features in BOTH.items()]
    )


@contextmanager
def desk(folder: Path, devices: DeviceSettings) -> Iterator[Desk]:
    made = build_desk(replace(Config(), folder=folder, devices=devices))
    try:
        yield made
    finally:
        made.close()


def digits_passed(pcscd: PrivatePcscd, digits: bytes) -> bool:
    return any(digits in message for _, message in pcscd.recorded(READER_C))


@models("direct")
async def test_an_issuance_asks_once(pcscd: PrivatePcscd, tmp_path: Path, features: bytes) -> None:
    citizen = CITIZENS["jovana"]
    devices = DeviceSettings(reader=READER_C, pin_method=PinMethod.PINPAD)
    with pin_pad(pcscd, READER_C, features, "training", citizen.key, "", citizen=citizen) as fingers:
        with desk(tmp_path, devices) as at:
            found = await rehearse(at, "issuance", fingers)
        assert fingers.asked == 1
        assert not digits_passed(pcscd, citizen.pin)
    assert found.passed
    assert found.read_back
    assert [step.evidence.get("pin_method") for step in found.steps if "pin_method" in step.evidence] == ["pinpad"] * 2


@models("stepwise")
async def test_an_unblock_with_a_new_pin(pcscd: PrivatePcscd, tmp_path: Path, features: bytes) -> None:
    citizen = CITIZENS["blokiran"]
    devices = DeviceSettings(reader=READER_C, pin_method=PinMethod.PINPAD)
    with pin_pad(pcscd, READER_C, features, "training", citizen.key, "", citizen=citizen) as fingers:
        with desk(tmp_path, devices) as at:
            found = await rehearse(at, "unblock", fingers)
        assert fingers.asked == 2
        assert not digits_passed(pcscd, citizen.new_pin)
    assert found.passed


async def test_an_issuance_through_a_module_asks_as_often_as_was_told(pcscd: PrivatePcscd, tmp_path: Path) -> None:
    """OpenSC keeps no PIN that it never had: the reader asks anew for each file, and the clerk can say so before."""
    citizen = CITIZENS["jovana"]
    devices = DeviceSettings(
        reader=TRAINING,
        pin_method=PinMethod.PINPAD,
        key_store="pkcs11",
        pkcs11_module=pkcs15_card.MODULE,
        token_label=pkcs15_card.LABEL,
    )
    with pin_pad(pcscd, READER_C, b"", "pkcs15", citizen=citizen) as fingers:
        try:
            pkcs15_card.initialise(pcscd, READER_C, pin=citizen.pin)
        except ServiceMissing as error:
            skip_or_fail(error)
        pcscd.give_keys(READER_C, DIRECT)
        pcscd.record(READER_C)  # anew: whoever made the card had to tell it its PIN
        fingers.ask(habit=citizen.pin.decode() + "E")
        with desk(tmp_path, devices) as at:
            told = at.read_card().token.pin_entries
            found = await rehearse(at, "issuance", NoFingers())
        assert fingers.asked == told
        assert not digits_passed(pcscd, citizen.pin)
    assert found.passed
    assert found.read_back


class NoFingers:
    """This citizen types by habit, whenever the pad asks."""

    def enter_pin(self) -> None: ...

    def enter_new_pin(self) -> None: ...

    def remember_new_pin(self) -> None: ...
