"""The same cuts through real pcscd: the card leaves the reader at a command, is put back, and the case goes on."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from hardware.errors import HardwareError
from hardware.settings import DeviceSettings
from hardware.training.citizens import CITIZENS, TrainingCitizen
from kiosk.cases import Case, Completed
from kiosk.desk import Desk
from kiosk.procedures.evidence import CertificateWritten
from kiosk.training_archive import seed
from tests.proofs.register import registered
from tests.proofs.station import Fingers, Silent, begin_case, come_back, open_desk
from tests.services.card_process import training_card
from tests.services.fixtures import READER_A
from tests.services.pcscd import PrivatePcscd
from tests.services.ports import wait_until

CITIZEN_OF = {"issuance": "jovana", "renewal": "milan"}
CUTS = 12
KINDS = ("remove", "cut")
SETTINGS = DeviceSettings(reader=READER_A)


def certify(desk: Desk, fingers: Fingers, case: Case) -> tuple[Case, CertificateWritten]:
    """The citizen's step, from the PIN to the proof."""
    fingers.enter_pin()
    try:
        evidence = desk.enrol(case, Silent())
    except BaseException:
        fingers.take_back()
        raise
    return desk.finish_step(case, Completed(evidence)), evidence


def card_is_there(desk: Desk) -> None:
    wait_until(lambda: desk.slot_state().value == "card", "the training card in the reader")


def begin(desk: Desk, procedure: str) -> Case:
    """A new case at the citizen's step; behind a reader, too, the training citizen's contract is in the archive."""
    seed(desk._archive, date.today())
    return begin_case(desk, procedure)


def commands_of(folder: Path, procedure: str, citizen: TrainingCitizen, port: int) -> tuple[int, int]:
    """Commands before the citizen's step, and to the end of it, when nothing goes wrong."""
    with (
        training_card(citizen.key, port, state=folder / "card.json"),
        open_desk(folder / "desk", citizen, SETTINGS) as (desk, fingers),
    ):
        card_is_there(desk)
        case = begin(desk, procedure)
        before = desk.apdu_count()
        certify(desk, fingers, case)
        return before, desk.apdu_count()


def whole_after(desk: Desk, folder: Path, case: Case, evidence: CertificateWritten) -> bool:
    """One live pair of certificates, archived, read back; none issued besides; the PIN as the citizen knows it."""
    reading = desk.read_card()
    expected = {evidence.authentication_serial, evidence.signature_serial}
    return (
        {certificate.serial for certificate in reading.certificates} == expected
        and {certificate.serial for certificate in desk.show(case.id).certificates} == expected
        and set(registered(folder)) == expected
        and desk.leftovers(case) == ()
        and reading.pin.tries_left == 3
        and desk.verify_archive().ok
    )


def cut_and_go_on(folder: Path, procedure: str, citizen: TrainingCitizen, port: int, fault: str) -> bool:
    """One trial. The desk that was interrupted is closed; another one, started anew, finishes the case."""
    with (
        training_card(citizen.key, port, state=folder / "card.json", fault=fault),
        open_desk(folder / "desk", citizen, SETTINGS) as (desk, fingers),
    ):
        card_is_there(desk)
        case = begin(desk, procedure)
        with pytest.raises(HardwareError):
            certify(desk, fingers, case)
    with (
        training_card(citizen.key, port, state=folder / "card.json"),
        open_desk(folder / "desk", citizen, SETTINGS) as (desk, fingers),
    ):
        card_is_there(desk)
        case, evidence = certify(desk, fingers, come_back(desk, procedure))
        return whole_after(desk, folder / "desk", case, evidence)


@pytest.mark.parametrize("procedure", list(CITIZEN_OF))
def test_a_sample_of_cuts_behind_pcscd(
    procedure: str, pcscd: PrivatePcscd, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    citizen, port = CITIZENS[CITIZEN_OF[procedure]], pcscd.ports[READER_A]
    before, after = commands_of(tmp_path / "whole", procedure, citizen, port)
    step = (after - before) / CUTS
    faults = [f"{KINDS[number % 2]}@{before + 1 + round(number * step)}" for number in range(CUTS)]
    held = [cut_and_go_on(tmp_path / fault.replace("@", "-"), procedure, citizen, port, fault) for fault in faults]
    with capsys.disabled():
        print(f"\ntear/{procedure}/pcscd: {sum(held)} of {len(held)}")
    assert all(held), dict(zip(faults, held, strict=True))
