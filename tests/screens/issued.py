"""An office that has issued to a citizen already, and what its authority then says of the certificates."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from typing import Any

from cryptography import x509

from data.authority_register import AuthorityRegister
from kiosk.ca.status import Standing
from kiosk.enrolment.interface import Stage
from kiosk.local_authority import REVOCATION_LIST
from screens.pin_entry import PinEntryScreen
from tests.screens.station import Station, station


def issue(folder: Path, *, cut_before: Stage | None = None) -> None:
    """Walk an issuance for Jovana, to its end or until the card is taken out as an act begins; then it is set aside."""

    async def walk() -> None:
        async with station(folder) as at:
            await at.open("issuance")
            await at.do_steps(1, 5)
            screen = await at.citizen(6)
            if cut_before is not None:
                take_out_before(at, screen, cut_before)
            at.fingers.enter_pin()
            if cut_before is None:
                await at.do_steps(7, 7)
            else:
                await at.fault("К-0214")
                await at.press("2")
            await at.home()

    folder.mkdir(mode=0o700)
    asyncio.run(walk())


def copied(office: Path, folder: Path) -> Path:
    """That office, to be changed."""
    return Path(shutil.copytree(office, folder / "office"))


def standings(folder: Path) -> list[Standing]:
    """What the authority's register says of each certificate it has issued, oldest first."""
    register = AuthorityRegister.open(folder)
    try:
        return [status.standing for _, _, status in register.listed()]
    finally:
        register.close()


def changes(folder: Path) -> int:
    """How often the authority has changed a status, whatever was asked and however often."""
    register = AuthorityRegister.open(folder)
    try:
        with register._store.read() as db:
            return int(db.execute("SELECT count(*) FROM status_changes").fetchone()[0])
    finally:
        register.close()


def on_list(folder: Path) -> set[str]:
    """Serial numbers on the revocation list that is out."""
    crl = x509.load_der_x509_crl((folder / REVOCATION_LIST).read_bytes())
    return {f"{entry.serial_number:x}" for entry in crl}


def take_out_before(at: Station, screen: PinEntryScreen[Any], stage: Stage) -> None:
    """The card is taken out as that act begins."""
    begun = screen.stage_begun

    def taken_out(now: Stage) -> None:
        begun(now)
        if now is stage:
            at.devices.eject()

    vars(screen)["stage_begun"] = taken_out
