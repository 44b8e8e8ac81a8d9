"""Runs issuance and renewal over the journal, killed with SIGKILL at a chosen event, and started again.

A process of its own: it forks a child for each run, so the heavy imports are paid once. Prints one JSON line a run.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hardware.interface import PinRequest, PinState
from hardware.local import LocalDevices
from hardware.settings import DeviceSettings
from hardware.training.citizens import CITIZENS
from hardware.training.fingers import TrainingFingers
from kiosk.cases import Case, CaseStatus, Completed
from kiosk.config import Config
from kiosk.desk import Desk
from kiosk.enrolment.interface import Stage
from kiosk.orders import Act, Order
from kiosk.procedures.evidence import (
    ActivationDataRequired,
    AgreementConcluded,
    Evidence,
    GeneralTermsReceived,
    ProcessStarted,
    RequestReceived,
)
from kiosk.training_archive import seed
from kiosk.wiring import build_desk, utc_now

CITIZEN_OF = {"issuance": "jovana", "renewal": "milan"}


class Silent:
    """A screen that only watches."""

    def pin_requested(self, request: PinRequest) -> None: ...

    def pin_state(self, state: PinState) -> None: ...

    def dots(self, count: int) -> None: ...

    def stage_begun(self, stage: Stage) -> None: ...

    def stage_finished(self, stage: Stage) -> None: ...


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


@contextmanager
def open_desk(folder: Path, procedure: str) -> Iterator[tuple[Desk, TrainingFingers]]:
    reading, writing = os.pipe()
    citizen = CITIZEN_OF[procedure]
    settings = DeviceSettings(training_citizen=citizen, training_state=folder / "cards", pin_fd=reading)
    desk = build_desk(Config(folder=folder, devices=settings), devices=LocalDevices(settings))
    seed(desk._archive, utc_now().date())
    try:
        yield desk, TrainingFingers(writing, CITIZENS[citizen])
    finally:
        desk.close()
        os.close(reading)
        os.close(writing)


def paper_steps(procedure: str) -> list[Evidence]:
    """What the clerk recorded before the citizen's step."""
    request = RequestReceived(
        circled_option=1 if procedure == "issuance" else 2, is_signed=True, identity_compared=True, email_wish=None
    )
    middle: list[Evidence] = [
        GeneralTermsReceived(signed_copies=2, terms_edition="1"),
        AgreementConcluded(agreement_number="x", signed_in_presence=True, signed_copies=2, stamped_copies=2),
    ]
    return [
        request,
        *(middle if procedure == "issuance" else []),
        ProcessStarted(email_in_certificate=None),
        ActivationDataRequired(pin_method="training", tries_left=3, citizen_knows_pin=True),
    ]


def begin_case(desk: Desk, procedure: str) -> Case:
    case = desk.open_case(procedure, desk.read_card())
    for evidence in paper_steps(procedure):
        case = desk.finish_step(case, Completed(evidence))
    return case


def come_back(desk: Desk, procedure: str) -> Case:
    """The case as a clerk finds it after a start: resumed, and walked to the citizen's step again."""
    waiting = desk.open_cases()
    if not waiting:
        return begin_case(desk, procedure)
    case = desk.resume_case(waiting[0].case_id)
    while case.step.key != "pin_entry":
        evidence = next(e for e in paper_steps(procedure) if type(e) is case.step.evidence)
        case = desk.finish_step(case, Completed(evidence))
    return case


def certify(folder: Path, procedure: str, kill_at: int | None) -> dict[str, Any]:
    with open_desk(folder, procedure) as (desk, fingers):
        fuse = Fuse(kill_at)
        fuse_journal(desk, fuse)
        case = come_back(desk, procedure)
        fingers.enter_pin()
        evidence = desk.enrol(case, Silent())
        case = desk.finish_step(case, Completed(evidence))
        assert case.status is CaseStatus.OPEN
        return {"events": fuse.count, **examine(desk, case, evidence.signature_serial, evidence.authentication_serial)}


def examine(desk: Desk, case: Case, *serials: str) -> dict[str, Any]:
    """What stands on the chip and in the books at the end."""
    reading = desk.read_card()
    chip = desk._open_chip()
    archived = desk._archive.certificates_of(case.citizen.personal_number)
    issued = desk._authority.issued_count()  # type: ignore[attr-defined]  # only the local authority can count
    return {
        "expected": sorted(serials),
        "on_chip": sorted(v.serial for v in reading.certificates),
        "key_pairs": len(chip.key_pairs()),
        "archived": sorted(c.serial for c in archived),
        "issued": issued,
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
    import kiosk.ca.lint  # noqa: F401  # paid here once instead of in every child

    whole = in_child(folder / "whole", procedure, None)
    print(json.dumps({"kill_at": None, "killed": False, "after": whole}), flush=True)
    if not whole or "error" in whole:
        return
    for kill_at in range(1, whole["events"] + 1, stride):
        place = folder / str(kill_at)
        killed = in_child(place, procedure, kill_at) is None
        print(json.dumps({"kill_at": kill_at, "killed": killed, "after": in_child(place, procedure, None)}), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
