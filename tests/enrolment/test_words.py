"""Every act that an order's journal knows can be read out, and every error of an authority has its own words."""

from __future__ import annotations

import pytest

from kiosk.ca import errors
from kiosk.orders import Act
from screens.fault_words import BASES, words_for
from screens.parts.journal_words import ACTS


def test_every_act_has_words() -> None:
    assert set(ACTS) == {act.value for act in Act}


@pytest.mark.parametrize(
    "error",
    [errors.NotSent, errors.Unknown, errors.ProtocolAlarm, errors.AuthFailed, errors.ClockSkew, errors.DuplicateOrder],
)
def test_what_stops_an_order_has_words_of_its_own(error: type[errors.AuthorityError]) -> None:
    assert words_for(error) != BASES[errors.AuthorityError]
