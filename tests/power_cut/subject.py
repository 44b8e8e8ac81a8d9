"""Issuances at a real desk, to be recorded: `python -m tests.power_cut.subject FOLDER AUTHORITY VARIANT COUNT`.

The desk works in FOLDER/station. FOLDER/world is what no power cut of the desk can touch: the chip, and `told`, a line
for each acknowledgement the clerk saw (ACK, DONE) and for each effect outside the machine (EFFECT).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hardware.settings import DeviceSettings
from hardware.training.citizens import CITIZENS
from kiosk.cases import Case, Completed, advance
from kiosk.desk import Desk
from kiosk.orders import Act, Order
from tests.data.invented import sample
from tests.power_cut.weakened import VARIANTS, Told, Variant, settings_of
from tests.proofs.station import Silent, begin_case, open_desk, share_authority

CITIZENS_SERVED = ("jovana", "marko")
EFFECTS = {"generate_key_pair": Act.GENERATE, "write_certificate": Act.WRITE}


def settings(root: Path) -> DeviceSettings:
    """The devices of the desk in that folder."""
    return DeviceSettings(training_state=root / "world" / "cards")


def watch(desk: Desk, told: Told, variant: Variant) -> None:
    """Tell every acknowledgement and every effect from now on."""
    journal: Any = desk._enrolment._journal
    desk.finish_step = told.acknowledging(  # type: ignore[method-assign]
        desk.finish_step, lambda case, outcome: f"ACK {case.id} {_after(case, outcome)}"
    )
    if variant.acts_first:
        _act_first(journal)
    journal.finish = told.acknowledging(journal.finish, lambda order, act: f"DONE {order.order_id} {order.state.value}")
    authority: Any = desk._authority
    authority.exchange = told.acting(authority.exchange, Act.SEND.value)
    devices: Any = desk._devices
    devices.open_chip = _watched_chips(devices.open_chip, told)


def _after(case: Case, outcome: Completed[Any]) -> str:
    after = advance(case, outcome)
    return f"{after.at} {after.status.value}"


def _watched_chips(open_chip: Callable[[], Any], told: Told) -> Callable[[], Any]:
    def opened() -> Any:
        chip = open_chip()
        for name, act in EFFECTS.items():
            setattr(chip, name, told.acting(getattr(chip, name), act.value))
        return chip

    return opened


def _act_first(journal: Any) -> None:
    """The fault: an intent is written down only together with what came of it."""
    begin, finish = journal.begin, journal.finish
    held: list[tuple[Order, Act]] = []

    def finish_late(order: Order, act: Act) -> None:
        while held:
            begin(*held.pop(0))
        finish(order, act)

    journal.begin = lambda order, act: held.append((order, act))
    journal.finish = finish_late


def issue(desk: Desk, fingers: Any) -> None:
    """One whole case."""
    case = begin_case(desk, "issuance")
    fingers.enter_pin()
    case = desk.finish_step(case, Completed(desk.enrol(case, Silent())))
    desk.finish_step(case, Completed(sample(case.step.evidence)))


def main(root: Path, authority: Path, variant: Variant, count: int) -> None:
    """Serve so many citizens."""
    share_authority(authority)
    (root / "world").mkdir(exist_ok=True)
    log = os.open(root / "world" / "told", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    told = Told(lambda line: void(os.write(log, f"{line}\n".encode())), variant)
    with settings_of(variant):
        for key in CITIZENS_SERVED[:count]:
            with open_desk(root / "station", CITIZENS[key], settings(root)) as (desk, fingers):
                watch(desk, told, variant)
                issue(desk, fingers)


def void(value: object) -> None:
    """Forget a value."""
    del value


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), VARIANTS[sys.argv[3]], int(sys.argv[4]))
