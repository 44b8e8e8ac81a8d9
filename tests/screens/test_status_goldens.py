"""The screens of a status change, of what was not delivered and of a refusal, as they look."""

from __future__ import annotations

from pathlib import Path

from kiosk.ca.interface import Rejected
from kiosk.enrolment.interface import Stage
from screens.refused import RefusedScreen
from screens.status_change.opening import StatusOpeningScreen
from screens.status_change.reason import ReasonScreen
from screens.status_change.who import WhoScreen
from screens.undelivered import UndeliveredScreen
from tests.enrolment.authorities import FarAuthority, Line
from tests.screens.issued import take_out_before
from tests.screens.pictures import Album, pictured
from tests.screens.station import Station
from tests.screens.test_goldens import in_all_languages, one_authority, still_place
from tests.screens.test_status_change import behind

__all__ = ["one_authority", "still_place"]


async def issued(at: Station) -> None:
    await at.open("issuance")
    await at.do_steps(1, 5)
    await at.citizen(6)
    at.fingers.enter_pin()
    await at.do_steps(7, 7)
    await at.home()


async def without_card(at: Station) -> None:
    at.devices.eject()
    await at.walk_until(lambda: at.app.slot.value == "empty", "the empty reader")


async def test_status_change(still_place: Path) -> None:
    async with pictured("status_change", still_place) as (at, album):
        await issued(at)
        await at.press("8")
        await at.walk.screen(WhoScreen)
        await in_all_languages(at, album, "who_chip")
        await at.press("escape", "escape")
        await without_card(at)
        await at.press("8")
        await at.walk.screen(StatusOpeningScreen)
        await at.press(*"izmisljenovic")
        await at.shows("сертификата: 2")
        await in_all_languages(at, album, "opening")
        await at.press("enter")
        await at.walk.screen(WhoScreen)
        await in_all_languages(at, album, "who_archive")
        await at.press("1")
        await at.step(1)
        await at.press("1")
        await in_all_languages(at, album, "step_1")
        await at.press("4", "enter")
        await at.step(2)
        await at.press("3")
        await in_all_languages(at, album, "step_2")
        await at.press("enter")
        await at.walk.screen(ReasonScreen)
        await in_all_languages(at, album, "reason")
        await at.press("1")
        await effect(at, album)
        await at.step(4)
        await in_all_languages(at, album, "step_4")
        await at.press("1", "2", "enter", "8", *"izmisljenovic", "enter")
        await at.walk.screen(WhoScreen)
        await album.take(at, "who_revoked")


async def effect(at: Station, album: Album) -> None:
    await at.step(3)
    await in_all_languages(at, album, "step_3")
    behind(at, Rejected(code="badCertId", text="Сертификат није издат овде."))
    await at.press("enter")


async def test_undelivered(still_place: Path) -> None:
    async with pictured("undelivered", still_place) as (at, album):
        await at.open("issuance")
        await at.do_steps(1, 5)
        take_out_before(at, await at.citizen(6), Stage.WRITE)
        at.fingers.enter_pin()
        await at.fault("К-0214")
        await at.press("2")
        await at.home()
        await at.press("5", "2")
        await at.walk.screen(UndeliveredScreen)
        await in_all_languages(at, album, "list")
        await at.press("3", "4")
        await in_all_languages(at, album, "revoke")
        await at.press("escape", "f9")
        await in_all_languages(at, album, "suspend")
        await at.press("1")
        await at.shows("Суспендовано: 2")
        await album.take(at, "suspended")


async def test_refused(still_place: Path) -> None:
    async with pictured("refused", still_place) as (at, album):
        at.desk._enrolment._authority = FarAuthority(at.desk._enrolment._authority, [Line.REFUSED])
        await at.open("issuance")
        await at.do_steps(1, 5)
        await at.citizen(6)
        at.fingers.enter_pin()
        await at.walk_until(lambda: isinstance(at.app.screen, RefusedScreen), "the refusal", 30)
        await in_all_languages(at, album, "refused")
