"""A registration desk for the proofs: real archive, authority and enrolment; the clerk and the citizen are played."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from hardware.card_slot import CardSlot
from hardware.interface import PinRequest, PinState
from hardware.local import LocalDevices
from hardware.settings import DeviceSettings
from hardware.training.citizens import CITIZENS, TrainingCitizen
from hardware.training.fingers import TrainingFingers
from kiosk import wiring
from kiosk.ca import lint
from kiosk.ca.interface import Profile
from kiosk.ca.lint import findings
from kiosk.ca.root import load_or_create
from kiosk.cases import Case, Completed
from kiosk.config import Config, Rules
from kiosk.desk import Desk
from kiosk.enrolment.interface import Stage
from kiosk.procedures.evidence import (
    ActivationDataRequired,
    AgreementConcluded,
    Evidence,
    GeneralTermsReceived,
    ProcessStarted,
    ReceiptConfirmed,
    RequestReceived,
    UnblockRequested,
)

CITIZEN_OF = {"issuance": CITIZENS["jovana"], "renewal": CITIZENS["milan"], "unblock": CITIZENS["blokiran"]}
DEFAULT_RULES = Rules()


class Silent:
    """A screen that only watches."""

    def pin_requested(self, request: PinRequest) -> None: ...

    def pin_state(self, state: PinState) -> None: ...

    def dots(self, count: int) -> None: ...

    def stage_begun(self, stage: Stage) -> None: ...

    def stage_finished(self, stage: Stage) -> None: ...


def share_authority(folder: Path) -> None:
    """Let every desk of this process, and of those forked from it, sign with the one TEST authority kept in `folder`.

    Making its keys, reading them, and loading the linters takes longer than a whole enrolment.
    """
    key = load_or_create(folder, datetime.now(UTC))
    vars(wiring)["load_or_create"] = lambda folder, now: key
    for profile in Profile:
        findings(key.chain()[0], profile)


def spare_the_linters() -> None:
    """For some thousand cuts: whether a certificate is clean does not depend on them, and is tested elsewhere."""
    vars(lint)["_findings"] = lambda certificate, kind: ()


class Fingers(TrainingFingers):
    """The citizen's fingers; what was typed and never read can be taken back."""

    def __init__(self, reading: int, writing: int, citizen: TrainingCitizen) -> None:
        super().__init__(writing, citizen)
        self._reading = reading

    def take_back(self) -> None:
        """Forget keys that no entry has read."""
        os.set_blocking(self._reading, False)
        try:
            while os.read(self._reading, 64):
                pass
        except BlockingIOError:
            pass
        finally:
            os.set_blocking(self._reading, True)


@contextmanager
def open_desk(
    folder: Path,
    citizen: TrainingCitizen,
    settings: DeviceSettings,
    slot: CardSlot | None = None,
    rules: Rules = DEFAULT_RULES,
) -> Iterator[tuple[Desk, Fingers]]:
    """The desk whose archive is in `folder`, and that citizen's fingers; `slot` takes the place of its reader."""
    reading, writing = os.pipe()
    settings = replace(settings, pin_fd=reading, training_citizen="" if slot else citizen.key)
    devices = LocalDevices(settings)
    devices._slot = slot or devices._slot
    desk = wiring.build_desk(Config(folder=folder, devices=settings, rules=rules), devices=devices)
    try:
        yield desk, Fingers(reading, writing, citizen)
    finally:
        desk.close()
        os.close(reading)
        os.close(writing)


def paper_steps(procedure: str) -> list[Evidence]:
    """What the clerk recorded before the citizen's step."""
    required = ActivationDataRequired(pin_method="training", tries_left=3, citizen_knows_pin=True)
    if procedure == "unblock":
        asked = UnblockRequested(pin_choice="change", is_signed=True, identity_compared=True)
        return [asked, ReceiptConfirmed(clerk_signed=True, tries_left_before=0), required]
    request = RequestReceived(
        circled_option=1 if procedure == "issuance" else 2, is_signed=True, identity_compared=True, email_wish=None
    )
    middle: list[Evidence] = [
        GeneralTermsReceived(signed_copies=2, terms_edition="1"),
        AgreementConcluded(agreement_number="x", signed_in_presence=True, signed_copies=2, stamped_copies=2),
    ]
    started = ProcessStarted(email_in_certificate=None)
    return [request, *(middle if procedure == "issuance" else []), started, required]


def begin_case(desk: Desk, procedure: str) -> Case:
    """A new case, walked to the citizen's step."""
    case = desk.open_case(procedure, desk.read_card())
    for evidence in paper_steps(procedure):
        case = desk.finish_step(case, Completed(evidence))
    return case


def come_back(desk: Desk, procedure: str) -> Case:
    """The case as a clerk finds it after a start: resumed, and walked to the citizen's step if that is not done."""
    waiting = desk.open_cases()
    if not waiting:
        return begin_case(desk, procedure)
    case = desk.resume_case(waiting[0].case_id)
    while case.step.key not in ("pin_entry", "completion"):
        evidence = next(e for e in paper_steps(procedure) if type(e) is case.step.evidence)
        case = desk.finish_step(case, Completed(evidence))
    return case
