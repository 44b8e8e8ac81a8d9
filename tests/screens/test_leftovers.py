"""What another program left on the chip is found, shown, and removed only with a second clerk's consent."""

from __future__ import annotations

from pathlib import Path

from hardware.cardedge.layout import GENERAL, PRIVATE_KEY, Pair, Place
from hardware.interface import Leftover
from kiosk.cases import Case
from kiosk.procedures.evidence import CertificateWritten
from tests.screens.station import Station, station


def strew(at: Station) -> None:
    """Parts of key pairs in containers that this issuance does not use."""
    system = at.devices._slot._card._state.system  # type: ignore[attr-defined]  # the very card in the reader
    system.put(Place(5, Pair.SIGNATURE).private, bytes(655), PRIVATE_KEY)
    system.put(Place(7, Pair.EXCHANGE).pin_link, bytes(4), GENERAL)


async def to_activation_data(at: Station) -> Case:
    strew(at)
    case = await at.open("issuance")
    await at.do_steps(1, 4)
    await at.step(5)
    await at.shows("У чипу има туђих остатака")
    return case


def left(at: Station, case: Case) -> tuple[Leftover, ...]:
    return at.desk._chip_of(case).leftovers()


async def finish(at: Station) -> None:
    await at.press("1", "enter")
    await at.citizen(6)
    at.fingers.enter_pin()
    await at.step(7)


async def test_without_a_consent_nothing_is_touched(tmp_path: Path) -> None:
    async with station(tmp_path) as at:
        case = await to_activation_data(at)
        before = left(at, case)
        await at.press("f9")
        await at.shows("ОСТАЦИ У ЧИПУ")
        await at.press("enter")
        await at.shows("Ништа није означено")
        await at.press("escape")
        await finish(at)
        assert left(at, case) == before


async def test_what_a_second_clerk_consented_to_is_removed_in_the_citizens_pin_session(tmp_path: Path) -> None:
    async with station(tmp_path) as at:
        case = await to_activation_data(at)
        before = left(at, case)
        assert len(before) > 1
        await at.press("f9", "space", "enter", *"0042", "enter")
        await at.shows("ДРУГОГ службеника")
        await at.press(*["backspace"] * 4, *"0077", "enter")
        await at.shows("уз сагласност: 1")
        assert left(at, case) == before
        await finish(at)
        assert set(left(at, case)) == set(before[1:])
        kinds = [row.kind for row in at.desk.journal_rows()]
        assert kinds.index("leftovers_removed") < kinds.index("leftovers_consented")
        consented = next(row for row in at.desk.journal_rows() if row.kind == "leftovers_consented")
        assert (consented.clerk, consented.body["second_clerk"]) == ("0042", "0077")
        written = at.desk.case(case.id).evidence[6]
        assert isinstance(written, CertificateWritten)
        serials = {certificate.serial for certificate in at.desk.read_card().certificates}
        assert {written.signature_serial, written.authentication_serial} <= serials
