"""A citizen at a pin pad goes through whole procedures: the real screens, the device host, pcscd, the reader's keys."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hardware.errors import PinEntryCancelled
from hardware.interface import PinMethod, PinPolicy, PinRequest, PinState, SlotState
from hardware.remote import RemoteDevices
from hardware.settings import DeviceSettings
from hardware.training.citizens import CITIZENS
from kiosk.config import load
from kiosk.desk import Desk
from kiosk.wiring import build_desk
from screens.rehearsal import rehearse
from tests.hardware.pinpad_rig import Screen
from tests.services import pkcs15_card
from tests.services.fixtures import READER_C
from tests.services.pcscd import PrivatePcscd
from tests.services.pinpad.reader import DIRECT, STEPWISE, pin_pad
from tests.services.ports import wait_until
from tests.services.requirement import ServiceMissing, skip_or_fail

BOTH = {"direct": DIRECT, "stepwise": STEPWISE}
"""The two models of a pad."""


def models(quick: str) -> pytest.MarkDecorator:
    """Each model; all but one run long with what else takes long."""
    marks = {name: () if name == quick else pytest.mark.soak for name in BOTH}
    return pytest.mark.parametrize(
        "features", [pytest.param(features, id=name, marks=marks[name]) for name, features in BOTH.items()]
    )


SETTINGS = f"""
folder = "{{folder}}"
[devices]
reader = "{READER_C}"
pin_method = "pinpad"
"""
MODULE_SETTINGS = f"""
folder = "{{folder}}"
[devices]
pin_method = "pinpad"
key_store = "pkcs11"
pkcs11_module = "{pkcs15_card.MODULE}"
token_label = "{pkcs15_card.LABEL}"
[rules]
renewal_days_before_end = 3000
"""
"""The identity is a training card's, in process; its keys are on the card in the reader."""


@contextmanager
def desk(folder: Path, settings: str = SETTINGS) -> Iterator[Desk]:
    """As `kiosk run` makes it from its settings."""
    (folder / "kiosk.toml").write_text(settings.format(folder=folder))
    made = build_desk(load(folder / "kiosk.toml"))
    try:
        yield made
    finally:
        made.close()


def digits_passed(pcscd: PrivatePcscd, digits: bytes) -> bool:
    return any(digits in message for _, message in pcscd.recorded(READER_C))


@models("direct")
async def test_an_issuance_asks_once(pcscd: PrivatePcscd, tmp_path: Path, features: bytes) -> None:
    citizen = CITIZENS["jovana"]
    with pin_pad(pcscd, READER_C, features, "training", citizen.key, "", citizen=citizen) as fingers:
        with desk(tmp_path) as at:
            found = await rehearse(at, "issuance", fingers)
        assert fingers.asked == 1
        assert not digits_passed(pcscd, citizen.pin)
    assert found.passed
    assert found.read_back
    assert [step.evidence.get("pin_method") for step in found.steps if "pin_method" in step.evidence] == ["pinpad"] * 2


@models("stepwise")
async def test_an_unblock_with_a_new_pin(pcscd: PrivatePcscd, tmp_path: Path, features: bytes) -> None:
    citizen = CITIZENS["blokiran"]
    with pin_pad(pcscd, READER_C, features, "training", citizen.key, "", citizen=citizen) as fingers:
        with desk(tmp_path) as at:
            found = await rehearse(at, "unblock", fingers)
        assert fingers.asked == 2
        assert not digits_passed(pcscd, citizen.new_pin)
    assert found.passed


@pytest.mark.parametrize(
    "procedures", [("issuance",), pytest.param(("issuance", "renewal"), marks=pytest.mark.soak)], ids="-".join
)
async def test_a_module_asks_as_often_as_was_told(
    pcscd: PrivatePcscd, tmp_path: Path, procedures: tuple[str, ...]
) -> None:
    """OpenSC keeps no PIN that it never had: the reader asks anew for each file, and the clerk can say so before."""
    citizen = CITIZENS["jovana"]
    with pin_pad(pcscd, READER_C, b"", "pkcs15", citizen=citizen) as fingers:
        try:
            pkcs15_card.initialise(pcscd, READER_C, pin=citizen.pin)
        except ServiceMissing as error:
            skip_or_fail(error)
        pcscd.give_keys(READER_C, DIRECT)
        pcscd.record(READER_C)  # anew: whoever made the card had to tell it its PIN
        fingers.ask(habit=citizen.pin.decode() + "E")
        with desk(tmp_path, MODULE_SETTINGS) as at:
            token, before = at.read_card().token, 0
            told = {"issuance": token.pin_entries, "renewal": token.renewal_pin_entries}
            for procedure in procedures:
                found = await rehearse(at, procedure, NoFingers())
                assert found.passed and found.read_back
                assert fingers.asked - before == told[procedure]
                before = fingers.asked
        assert not digits_passed(pcscd, citizen.pin)


class NoFingers:
    """This citizen types by habit, whenever the pad asks."""

    def enter_pin(self) -> None: ...

    def enter_new_pin(self) -> None: ...

    def remember_new_pin(self) -> None: ...


def test_the_clerks_cancel_crosses_to_the_host_and_back(pcscd: PrivatePcscd) -> None:
    """While the device host waits for the reader it still takes the cancel, and says that only the pad can."""
    devices = RemoteDevices(DeviceSettings(reader=READER_C, pin_method=PinMethod.PINPAD))
    with pin_pad(pcscd, READER_C, DIRECT, "training", "jovana", "") as fingers:

        def cancel() -> None:
            fingers.wait_until_asked()
            devices.cancel_pin_entry()
            wait_until(lambda: PinState.CANCEL_ON_PAD in screen.events, "the screen to be told")
            fingers.press("C")

        screen = Screen(cancel)
        wait_until(lambda: devices.slot_state() is SlotState.CARD, "the card")
        with pytest.raises(PinEntryCancelled):
            devices.open_chip().unlock(screen, PinPolicy(timeout_s=20))
        devices.close()
    assert screen.events == [PinRequest.CURRENT, PinState.WAITING, PinState.CANCEL_ON_PAD]
