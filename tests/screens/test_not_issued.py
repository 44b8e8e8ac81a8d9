"""Where no message tells whether something was issued, a person is asked; the word is recorded, never too early."""

from __future__ import annotations

from pathlib import Path

import pytest

from screens.fault import FaultScreen
from screens.not_issued import NotIssuedScreen
from tests.enrolment.authorities import FarAuthority, Line
from tests.screens.station import station
from tests.screens.test_undelivered import refusing


async def test_the_word_of_a_person_lets_the_same_request_go_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with station(tmp_path) as at:
        case = await at.open("issuance")
        await at.do_steps(1, 5)
        refusing(at, *[Line.ANSWER_LOST] * 3)
        await at.citizen(6)
        at.fingers.enter_pin()
        await at.fault("К-0502")
        await at.press("4")
        await at.walk.screen(NotIssuedScreen)
        await at.press("enter")
        await at.shows("Без имена се не бележи.")
        await at.press(*"Mira", "enter")
        await at.shows("Порука још може да стигне.")
        monkeypatch.setattr(FarAuthority, "is_fresh", lambda self, wire: False, raising=False)
        await at.press("enter")
        await at.walk.screen(FaultScreen)
        words = [row for row in at.desk.journal_rows() if row.kind == "said_not_issued"]
        assert [row.body["by"] for row in words] == ["Mira", "Mira"]
        monkeypatch.undo()
        await at.press("1")
        await at.citizen(6)
        at.fingers.enter_pin()
        await at.do_steps(7, 7)
        await at.home()
        assert at.desk.case(case.id).status.value == "completed"
