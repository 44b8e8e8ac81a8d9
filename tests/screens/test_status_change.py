"""Образац 3 at the counter: with the card, without it, refused, over time, and after a cut."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from kiosk.ca.interface import AuthFailed, NotSent, Rejected, StatusChange, Unknown, Wire
from kiosk.ca.status import Standing
from kiosk.cases import CaseStatus
from kiosk.config import Rules
from kiosk.procedures.evidence import StatusChangeAccepted, StatusChanged, StatusChangeRequested
from screens.status_change.opening import StatusOpeningScreen
from screens.status_change.reason import ReasonScreen
from screens.status_change.step_3_effect import EffectScreen
from screens.status_change.who import WhoScreen
from tests.ca.delegate import DelegatingAuthority
from tests.screens.issued import changes, copied, on_list, standings
from tests.screens.station import Station, station

SURNAME = "izmisljenovic"


class Slow(DelegatingAuthority):
    """Raises, or refuses, as long as `faults` last."""

    def __init__(self, inner: Any, *faults: Exception | Rejected) -> None:
        super().__init__(inner)
        self.faults = list(faults)
        self.bodies: list[bytes] = []

    def exchange(self, wire: Wire) -> bytes:
        if self.faults and isinstance(fault := self.faults[0], NotSent):
            raise self.faults.pop(0)  # type: ignore[misc]  # an exception, just checked
        self.bodies.append(wire.body)
        answer = self.inner.exchange(wire)
        if self.faults and isinstance(fault := self.faults[0], Unknown):
            self.faults.pop(0)
            raise fault
        return answer

    def accept_status(self, change: StatusChange, wire: Wire, answer: bytes) -> Any:
        if self.faults and isinstance(fault := self.faults[0], AuthFailed):
            self.faults.pop(0)
            raise fault
        if self.faults and isinstance(self.faults[0], Rejected):
            return self.faults.pop(0)
        return self.inner.accept_status(change, wire, answer)


def behind(at: Station, *faults: Exception | Rejected) -> Slow:
    """Put the faults between the desk and its authority."""
    asking = at.desk.status_changes._asking
    slow = Slow(asking._authority, *faults)
    asking._authority = slow
    return slow


async def found_by_name(at: Station) -> WhoScreen:
    """With an empty reader: the citizen is found in the archive."""
    await at.home()
    await at.press("8")
    await at.walk.screen(StatusOpeningScreen)
    await at.press(*SURNAME)
    await at.shows("…")
    await at.press("enter")
    return await at.walk.screen(WhoScreen)


async def to_effect(at: Station, number: int, *, reason: str = "1") -> EffectScreen:
    """From the question about the person to step 3, everything being in order."""
    await at.press("1")
    await at.step(1)
    await at.press(str(number), "4", "enter")
    await at.step(2)
    await at.press("3", "enter")
    if number == 1:
        await at.walk.screen(ReasonScreen)
        await at.press(reason)
    screen = await at.step(3)
    assert isinstance(screen, EffectScreen)
    return screen


async def test_a_lost_card_is_revoked_without_a_card(tmp_path: Path, issued_office: Path) -> None:
    folder = copied(issued_office, tmp_path)
    async with station(folder, "") as at:
        await found_by_name(at)
        await at.shows("идентитет утврђујете ви")
        effect = await to_effect(at, 1)
        await at.shows("23 h 59 min")
        assert standings(folder) == [Standing.ACTIVE] * 2
        await at.press("enter")
        await at.step(4)
        await at.shows("СЕРТИФИКАТИ СУ ОПОЗВАНИ")
        await at.press("f7")
        await at.shows("сачувано као")
        await at.press("1", "2", "enter")
        await at.home()
        case = at.desk.case(effect.case.id)
        assert case.status is CaseStatus.COMPLETED
        requested, accepted, changed = (case.evidence[number] for number in (1, 2, 3))
        assert isinstance(requested, StatusChangeRequested) and requested.action == "revoke"
        assert isinstance(accepted, StatusChangeAccepted) and accepted.revocation_reason == "lost"
        assert isinstance(changed, StatusChanged) and changed.in_time and not changed.refused
        assert set(changed.changed) == on_list(folder)
        assert {paper.form for paper in at.desk.show(case.id).papers} == {"status_confirmation", "dossier_sheet"}
        opened = next(row for row in at.desk.journal_rows() if row.kind == "case_opened")
        assert opened.body["facts"]["document_type"] == "id_card"
        assert at.desk.verify_archive().ok
        await at.press("4", *SURNAME, "down", "enter", "pagedown", "pagedown")
        await at.shows("опозван")
    assert standings(folder) == [Standing.REVOKED] * 2


async def test_with_the_card_in_the_reader_the_chip_says_who_it_is(tmp_path: Path, issued_office: Path) -> None:
    folder = copied(issued_office, tmp_path)
    async with station(folder) as at:
        await at.shows("карта је у читачу")
        await at.press("8")
        who = await at.walk.screen(WhoScreen)
        assert who.person.proof is not None
        await at.shows("Подаци су са чипа и проверени су.")
        assert [one.profile for one in who.person.certificates] == ["authentication", "signature"]
        await to_effect(at, 2)
        await at.press("enter")
        await at.step(4)
        await at.press("1", "2", "enter")
        await at.home()
        assert standings(folder) == [Standing.SUSPENDED] * 2
        await at.press("8")
        await at.walk.screen(WhoScreen)
        await at.shows("суспендован")
        await to_effect(at, 3)
        await at.press("enter")
        await at.step(4)
        await at.shows("ПОНОВО АКТИВНИ")
    assert standings(folder) == [Standing.ACTIVE] * 2
    assert not on_list(folder)


async def test_who_is_not_the_holder_opens_nothing_and_it_is_recorded(tmp_path: Path, issued_office: Path) -> None:
    folder = copied(issued_office, tmp_path)
    async with station(folder, "") as at:
        await found_by_name(at)
        await at.press("3")
        await at.home()
        assert at.desk.open_cases() == []
        assert at.desk.journal_rows(1)[0].body["reasons"] == ["identity"]


async def test_a_revoked_certificate_is_not_offered_again(tmp_path: Path, issued_office: Path) -> None:
    folder = copied(issued_office, tmp_path)
    async with station(folder, "") as at:
        await found_by_name(at)
        await to_effect(at, 1)
        await at.press("enter")
        await at.step(4)
        await at.press("1", "2", "enter")
        await found_by_name(at)
        await at.shows("опозван")
        await at.press("2")
        await at.step(1)
        await at.press("3", "4", "enter")
        await at.step(2)
        await at.shows("Нема сертификата коме се тај статус може дати")
        await at.press("f12", "5")
        await at.home()


@pytest.mark.parametrize("fault", [NotSent("no line"), Unknown("no answer"), AuthFailed("ra")], ids=lambda f: f.code)
async def test_what_was_not_answered_is_asked_again_and_changes_once(
    tmp_path: Path, issued_office: Path, fault: Exception
) -> None:
    folder = copied(issued_office, tmp_path)
    async with station(folder, "") as at:
        await found_by_name(at)
        effect = await to_effect(at, 2)
        slow = behind(at, fault)
        await at.press("enter")
        await at.fault(getattr(fault, "code", ""))
        if isinstance(fault, Unknown):
            await at.press("2")
            await at.home()
            await at.press("enter")
            await at.step(3)
            await at.shows("послато, одговор се не зна")
            await at.press("escape", "f12")
            await at.shows("предмет се довршава")
            await at.press("enter")
        else:
            await at.press("1")
        await at.step(4)
        assert at.desk.case(effect.case.id).evidence[3].as_record()["refused"] == ()
        assert len(set(slow.bodies)) == 2
    assert standings(folder) == [Standing.SUSPENDED] * 2
    assert changes(folder) == 2


async def test_what_the_authority_refuses_is_shown_in_its_words_and_may_be_abandoned(
    tmp_path: Path, issued_office: Path
) -> None:
    folder = copied(issued_office, tmp_path)
    refusal = Rejected(code="badCertId", text="Није наш сертификат.")
    async with station(folder, "") as at:
        await found_by_name(at)
        effect = await to_effect(at, 2)
        behind(at, refusal, refusal)
        await at.press("enter")
        await at.shows("Није наш сертификат.")
        await at.press("enter")
        await at.press("f12", "5")
        await at.home()
        assert at.desk.case(effect.case.id).status is CaseStatus.ABANDONED


async def test_after_the_time_limit_it_is_still_done_and_said_so(tmp_path: Path, issued_office: Path) -> None:
    folder = copied(issued_office, tmp_path)
    ahead = timedelta()

    def clock() -> datetime:
        return datetime.now(UTC) + ahead

    async with station(folder, "", clock=clock, rules=Rules(status_change_hours=1)) as at:
        await found_by_name(at)
        effect = await to_effect(at, 2)
        await at.shows("0 h 59 min")
        ahead = timedelta(hours=2)
        effect.paint()
        await at.shows("РОК ЈЕ ПРОШАО")
        await at.press("enter")
        await at.step(4)
        await at.shows("рок је прекорачен")
        changed = at.desk.case(effect.case.id).evidence[3]
        assert isinstance(changed, StatusChanged) and not changed.in_time


async def test_the_wish_can_be_corrected_until_something_was_sent(tmp_path: Path, issued_office: Path) -> None:
    folder = copied(issued_office, tmp_path)
    async with station(folder, "") as at:
        await found_by_name(at)
        effect = await to_effect(at, 1)
        received = at.desk.status_changes.received_at(effect.case)
        await at.press("escape")
        await at.step(2)
        await at.press("escape")
        await at.step(1)
        await at.press("2", "enter")
        await at.step(2)
        await at.press("1", "3", "enter")
        effect = await at.step(3)  # type: ignore[assignment]  # the screen of step 3
        assert at.desk.status_changes.received_at(effect.case) == received
        await at.press("enter")
        await at.step(4)
    assert sorted(one.value for one in standings(folder)) == ["active", "suspended"]


async def test_from_a_case_in_the_archive(tmp_path: Path, issued_office: Path) -> None:
    folder = copied(issued_office, tmp_path)
    async with station(folder, "") as at:
        await at.home()
        await at.press("4", *SURNAME, "enter")
        await at.shows("8 = промена статуса")
        await at.press("8")
        await at.walk.screen(WhoScreen)
        await at.press("3")
        await at.shows("8 = промена статуса")
        assert at.desk.journal_rows(1)[0].kind == "refused"
        await at.press("8")
        await at.walk.screen(WhoScreen)
        await to_effect(at, 2)
        await at.press("enter")
        await at.step(4)
        await at.press("1", "2", "enter")
        await at.home()
    assert standings(folder) == [Standing.SUSPENDED] * 2
