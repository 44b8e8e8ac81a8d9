"""Runs issuance and renewal over the journal, killed with SIGKILL at a chosen event, and started again.

A process of its own: it forks a child for each run, so the heavy imports and the authority's keys are paid once. Prints
one JSON line a run.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from hardware.settings import DeviceSettings
from kiosk.cases import Case, CaseStatus, Completed
from kiosk.desk import Desk
from kiosk.orders import Act, Order
from tests.proofs.register import registered
from tests.proofs.station import CITIZEN_OF, Silent, come_back, open_desk, share_authority


class Fuse:
    """Counts events and burns through at the chosen one: no clean-up, no goodbye."""

    def __init__(self, at: int | None) -> None:
        self._at = at
        self.count = 0

    def event(self) -> None:
        self.count += 1
        if self.count == self._at:
            os.kill(os.getpid(), signal.SIGKILL)


def fuse_journal(desk: Desk, fuse: Fuse) -> None:
    """Let the fuse see every durable act: before it is stored and after."""
    journal = desk._enrolment._journal
    for name in ("begin", "finish"):
        setattr(journal, name, _fused(getattr(journal, name), fuse))


def _fused(call: Any, fuse: Fuse) -> Any:
    def fused(order: Order, act: Act) -> None:
        fuse.event()
        call(order, act)
        fuse.event()

    return fused


def certify(folder: Path, procedure: str, kill_at: int | None) -> dict[str, Any]:
    """Walk the procedure to its certificates, or to the chosen event."""
    settings = DeviceSettings(training_state=folder / "cards")
    with open_desk(folder, CITIZEN_OF[procedure], settings) as (desk, fingers):
        fuse = Fuse(kill_at)
        fuse_journal(desk, fuse)
        case = come_back(desk, procedure)
        fingers.enter_pin()
        evidence = desk.enrol(case, Silent())
        case = desk.finish_step(case, Completed(evidence))
        assert case.status is CaseStatus.OPEN
        serials = (evidence.signature_serial, evidence.authentication_serial)
        return {"events": fuse.count, "issued": sorted(registered(folder)), **examine(desk, case, *serials)}


def examine(desk: Desk, case: Case, *serials: str) -> dict[str, Any]:
    """What stands on the chip and in the books at the end."""
    reading = desk.read_card()
    chip = desk._open_chip()
    archived = desk._archive.certificates_of(case.citizen.personal_number)
    return {
        "expected": sorted(serials),
        "on_chip": sorted(v.serial for v in reading.certificates),
        "key_pairs": len(chip.key_pairs()),
        "archived": sorted(c.serial for c in archived),
        "journal_ok": desk.verify_archive().ok,
        "tries_left": reading.pin.tries_left,
    }


def in_child(folder: Path, procedure: str, kill_at: int | None) -> dict[str, Any] | None:
    """Run in a forked child; `None` if it was killed."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        try:
            result: dict[str, Any] = certify(folder, procedure, kill_at)
        except Exception as error:  # the parent must hear of any failure, whatever it is
            result = {"error": f"{type(error).__name__}: {error}"}
        os.write(writing, json.dumps(result).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as answer:
        found = answer.read()
    _, status = os.waitpid(pid, 0)
    return None if os.WIFSIGNALED(status) else json.loads(found)


def main(folder: Path, procedure: str, stride: int) -> None:
    """The whole run first, then one that is killed at each `stride`-th event and one that goes on from there."""
    share_authority(folder / "authority")
    # In this process, not in a child, so that what it imports is there for all of them.
    whole = certify(folder / "whole", procedure, None)
    print(json.dumps({"kill_at": None, "killed": False, "after": whole}), flush=True)
    for kill_at in range(1, whole["events"] + 1, stride):
        place = folder / str(kill_at)
        killed = in_child(place, procedure, kill_at) is None
        print(json.dumps({"kill_at": kill_at, "killed": killed, "after": in_child(place, procedure, None)}), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
