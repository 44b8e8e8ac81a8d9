"""What a training archive holds before the first case: the contract of the citizen who comes to renew."""

from __future__ import annotations

from datetime import date

from data.archive import Archive
from data.records import Contract
from hardware.training.citizens import CITIZENS

RENEWING_CITIZEN = "milan"
CONTRACT_NUMBER = "7130-2021-000114"


def seed(archive: Archive, today: date) -> None:
    """Enter the invented contract of the training citizen whose certificate has run out, once."""
    citizen = CITIZENS[RENEWING_CITIZEN]
    if archive.contracts_of(citizen.personal_number):
        return
    contract = Contract(
        number=CONTRACT_NUMBER,
        personal_number=citizen.personal_number,
        concluded_on=today.replace(year=today.year - 5, day=min(today.day, 28)),
        case_id=None,
        seen_by="0000",
        note="ОБУКА: измишљен уговор",
    )
    archive.add_contract(contract, clerk="0000")
