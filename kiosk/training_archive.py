"""What a training archive holds before the first case: the contract of the citizen who comes to renew."""

from __future__ import annotations

from datetime import date

from data.archive import Archive
from data.records import Contract

RENEWING_CITIZEN = "milan"
PERSONAL_NUMBER = "1706982700888"
"""Milan's. The invented citizens themselves are known to the device host only: their PINs stand beside their names."""
CONTRACT_NUMBER = "7130-2021-000114"


def seed(archive: Archive, today: date) -> None:
    """Enter the invented contract of the training citizen whose certificate has run out, once."""
    if archive.contracts_of(PERSONAL_NUMBER):
        return
    contract = Contract(
        number=CONTRACT_NUMBER,
        personal_number=PERSONAL_NUMBER,
        concluded_on=today.replace(year=today.year - 5, day=min(today.day, 28)),
        case_id=None,
        seen_by="0000",
        note="ОБУКА: измишљен уговор",
    )
    archive.add_contract(contract, clerk="0000")
