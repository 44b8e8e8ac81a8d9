"""A case whose certificate comes by a bundle: set aside with a slip, marked on the list, taken up at the PIN."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pytest

from data.authority_register import AuthorityRegister
from data.batch_store import BatchStore
from kiosk.ca.local import LocalAuthority
from kiosk.cases import CaseStatus
from kiosk.config import BatchSettings, Config
from kiosk.orders import OrderState
from kiosk.texts import Language
from kiosk.wiring import build_desk
from screens.frame import HEIGHT, FrameScreen
from screens.home import HomeScreen
from screens.waits import WaitsScreen
from tests.screens.pictures import assert_nothing_cut, assert_sound
from tests.screens.station import Station, station
from tests.services.batch import BatchOffice, answer_all, centre_of, utc_now
from tests.services.cmp.pki import Pki, make_pki


@dataclass
class Road:
    """Settings of an office without a network, and who carries its stick."""

    pki: Pki
    folder: Path

    def settings(self, config: Config) -> Config:
        files = BatchSettings(
            chain=self.folder / "chain.pem",
            centre=self.folder / "responder.pem",
            certificate=self.folder / "office.pem",
            private_key=self.folder / "office.key",
            is_test=True,
        )
        return replace(config, authority="batch", batch=files)

    def carry(self, office_folder: Path, *, back: bool = True) -> None:
        stick = self.folder / "stick"
        stick.mkdir(exist_ok=True)
        register, store = AuthorityRegister.open(self.folder / "centre"), BatchStore.open(office_folder)
        try:
            office = BatchOffice(self.pki, store)
            office.export(stick)
            answer_all(centre_of(self.pki, LocalAuthority(register, self.pki.ca, utc_now)), stick)
            if back:
                assert office.take(stick).bad == []
        finally:
            store.close()
            register.close()


@pytest.fixture
def road(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Road]:
    """Every station built here orders by files."""
    pki = make_pki(tmp_path / "pki")
    pki.write(tmp_path / "pki")
    made = Road(pki, tmp_path / "pki")
    monkeypatch.setattr("tests.screens.station.build_desk", partial(_build, made))
    yield made


def _build(road: Road, config: Config, **parts: object) -> object:
    return build_desk(road.settings(config), **parts)  # type: ignore[arg-type]  # handed on as it came


async def waits(at: Station) -> WaitsScreen:
    await at.walk_until(lambda: isinstance(at.app.screen, WaitsScreen), "the screen of a case that waits", 60)
    screen = at.app.screen
    assert isinstance(screen, WaitsScreen)
    await at.walk_until(lambda: not screen.is_busy, "the slip")
    await at.shows("ЧЕКА СЕРТИФИКАТ")
    await sound(at)
    return screen


async def sound(at: Station) -> None:
    """Every word is there, in all three languages, in the console's font."""
    screen = at.app.screen
    assert isinstance(screen, FrameScreen)
    await at.walk_until(lambda: len(at.text.splitlines()) == HEIGHT, "the whole screen")
    assert_sound(at.text)
    for language in Language:
        assert_nothing_cut(at.app, screen, language)


async def test_set_aside_with_a_slip_and_taken_up_when_the_certificate_has_come(tmp_path: Path, road: Road) -> None:
    place = tmp_path / "office"
    async with station(place) as at:
        case = await at.open("issuance")
        await at.do_steps(1, 5)
        await at.citizen(6)
        at.fingers.enter_pin()
        assert (await waits(at)).is_new
        await at.shows("Захтев иде сертификационом телу са следећим пакетом")
        await at.shows("сачувано као")
        await at.press("enter")
        await at.home()
        await at.shows("чека сертификат")
        await sound(at)
        aside = at.desk.case(case.id)
        assert (aside.status, aside.reason) == (CaseStatus.SUSPENDED, "awaits_certificate")
        assert [paper.form for paper in at.desk.show(case.id).papers][-1] == "waiting_slip"

        # Not back yet: the citizen is not asked for a PIN to no purpose.
        road.carry(place, back=False)
        await at.press("enter")
        await at.do_steps(5, 5)
        assert not (await waits(at)).is_new
        await at.shows("СЕРТИФИКАТ ЈОШ НИЈЕ СТИГАО")
        await at.press("enter")
        await at.home()
    orders = _states(place)
    assert orders == [OrderState.PENDING, OrderState.PENDING]

    road.carry(place)
    async with station(place) as at:
        home = await at.home()
        await at.shows("сертификат је стигао")
        # Issued, and not on its card: the day's list knows of it before the citizen comes.
        await at.walk_until(lambda: len(at.desk.undelivered.found()) == 2, "both certificates among the undelivered")
        home.reload()
        await at.shows("сертификат је стигао")
        assert isinstance(home, HomeScreen)
        await at.press("enter")
        await at.do_steps(5, 5)
        await at.citizen(6)
        at.fingers.enter_pin()
        await at.step(7)
        assert len(at.desk.read_card().certificates) == 2
    assert _states(place) == [OrderState.CLOSED, OrderState.CLOSED]


def _states(place: Path) -> list[OrderState]:
    from data.archive import Archive
    from data.orders import OrderJournal

    archive = Archive.open(place, utc_now)
    try:
        [case] = archive.open_cases()
        return [order.state for order in OrderJournal(archive, "0042").orders(case.case_id)]
    finally:
        archive.close()
