"""Citizen mode at 80 by 25: what matters is never left out, whatever is asked and in all three languages at once."""

from __future__ import annotations

from itertools import product

import pytest

from hardware.citizen_phrases import ASKED, STATES, Phrase
from hardware.citizen_screen import DOT
from hardware.interface import PinPolicy, PinRequest, PinState
from kiosk.citizen_words import in_every_language
from screens.citizen_view import CitizenView, citizen_lines
from screens.parts.ink import Ink
from screens.parts.lines import width_of

REFUSALS = (PinState.DIFFERENT, PinState.RUN, PinState.BIRTH_DATE, PinState.PERSONAL_NUMBER, PinState.OLD_PIN)


def view(
    request: PinRequest, state: PinState = PinState.WAITING, *, tries: int | None = 3, seconds: int = 60
) -> CitizenView:
    shown = CitizenView(tries_left=tries, is_training=True, policy=PinPolicy())
    shown.ask_for(request)
    shown.state, shown.seconds = state, seconds
    return shown


def text_of(shown: CitizenView) -> str:
    lines = citizen_lines(shown)
    assert len(lines) == 25
    assert all(width_of(line) == 80 for line in lines)
    return "\n".join("".join(text for text, _ in line) for line in lines)


@pytest.mark.parametrize("asked", PinRequest)
def test_nothing_that_matters_is_left_out(asked: PinRequest) -> None:
    states = (PinState.WAITING, PinState.UNDER_WAY, PinState.TOO_SHORT, *REFUSALS)
    for state, seconds, tries in product(states, (60, 20, 1), (None, 3, 1)):
        text = text_of(view(asked, state, tries=tries, seconds=seconds))
        missing = [one for one in that_matters(asked, state, seconds, tries) if one.split()[-1] not in text]
        assert not missing, f"{state}, {seconds} s, {tries} tries: {missing}"


def that_matters(asked: PinRequest, state: PinState, seconds: int, tries: int | None) -> list[str]:
    """What to do, how it goes, the time, the keys, and what a mistake costs."""
    said = [*in_every_language(ASKED[asked]), *in_every_language(STATES[state], fewest=4)]
    said += [*in_every_language(Phrase.SECONDS_LEFT, seconds=seconds), *in_every_language(Phrase.TRAINING)]
    said += ["Enter", "Backspace", "Esc"]
    is_late = seconds <= PinPolicy().warn_s
    said += in_every_language(Phrase.HURRY) if is_late else ()
    if asked is not PinRequest.CURRENT:
        return [*said, *in_every_language(Phrase.LENGTH, fewest=4, most=8)]
    said += [*in_every_language(Phrase.WHICH_CURRENT), *_tries(tries)]
    # In the last seconds the warning takes its place, unless this is the last try.
    return [*said, *(() if is_late and tries == 3 else in_every_language(Phrase.AFTER_LAST))]


def _tries(tries: int | None) -> tuple[str, ...]:
    if tries is None:
        return ()
    return in_every_language(Phrase.LAST_TRY) if tries == 1 else in_every_language(Phrase.TRIES_LEFT, count=tries)


def test_dots_are_big_and_leave_no_place_for_more() -> None:
    shown = view(PinRequest.CURRENT)
    shown.dots = 3
    assert [text_of(shown).count(row) for row in DOT] == [3, 3, 3]


def inks(shown: CitizenView, words: str) -> set[Ink]:
    return {ink for line in citizen_lines(shown) for text, ink in line if words in text}


def test_title_and_warnings_are_told_apart_by_colour() -> None:
    calm, hurried = view(PinRequest.CURRENT, seconds=21), view(PinRequest.CURRENT, seconds=20)
    for shown in (calm, hurried):
        assert inks(shown, "УНЕСИТЕ СВОЈ ПИН") == {Ink.CITIZEN_TITLE}
    assert inks(calm, "Још 21 s") == {Ink.CITIZEN}
    assert inks(hurried, "Још 20 s") == {Ink.CITIZEN_WARNING}
    assert inks(view(PinRequest.CURRENT, tries=1), "последњи покушај") == {Ink.CITIZEN_WARNING}


def test_after_a_wrong_pin_the_next_key_and_the_tries_are_named() -> None:
    shown = view(PinRequest.CURRENT)
    shown.wrong(2)
    assert "Enter = нови унос" in text_of(shown)
    assert "Преостало покушаја: 2" in text_of(shown)
    shown.wrong(1)
    assert "F5 = ипак поново" in text_of(shown)
