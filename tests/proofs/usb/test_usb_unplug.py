"""The reader is pulled out of its USB socket under way, put back, and at last has no driver: all of it told."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from hardware.training.card import TrainingCard
from hardware.training.citizens import CITIZENS
from tests.hardware.t0_card import T0_ATR
from tests.proofs.usb.card_link import CardLink
from tests.proofs.usb.machine import running
from tests.proofs.usb.machine_image import build
from tests.services.requirement import ServiceMissing, skip_or_fail

UNDER_WAY_S = 1.0
LOST = {"LOST CardRemoved", "LOST ReaderUnavailable", "LOST NoReader"}


class CardForQemu(TrainingCard):
    """A training card with the ATR of one that offers T=0: QEMU's reader knows no other protocol."""

    @property
    def atr(self) -> bytes:
        return T0_ATR


@pytest.mark.soak
def test_a_reader_pulled_out_of_usb(tmp_path: Path) -> None:
    try:
        kernel, root = build(tmp_path)
        with running(tmp_path, kernel, root) as machine:
            card = CardForQemu(CITIZENS["jovana"])
            link = CardLink(machine.card_port, card)
            machine.wait_for("STATE EMPTY")
            for round_number in (1, 2):
                link.insert()
                machine.wait_for("STATE CARD", round_number)
                machine.wait_for(f"READ {CITIZENS['jovana'].document_number}", round_number)
                time.sleep(UNDER_WAY_S)
                link.fall_silent()
                machine.unplug()
                machine.wait_for("STATE NO_READER", round_number)
                machine.plug_in()
                link = CardLink(machine.card_port, card)
                machine.wait_for("STATE EMPTY", round_number + 1)
            machine.wait_for("DONE")
            said = machine.lines()
    except ServiceMissing as error:
        skip_or_fail(error)
    assert len([line for line in said if line in LOST]) == 2
    assert not [line for line in said if line.startswith("LOST") and line not in LOST]
    assert said.count("STATE NO_DRIVER") == 1, "a reader just plugged in is not called driverless"
    assert said.index("STATE NO_SERVICE") < said.index("STATE NO_DRIVER")
    [refused] = [line for line in said if line.startswith("REFUSED")]
    assert refused == "REFUSED NoDriver QEMU USB CCID"
