"""What a citizen who cannot see the screen is given: rings of the terminal's bell, and spoken prompts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from hardware.citizen_phrases import (
    ACCEPTED_RINGS,
    ASKED,
    ASKED_RINGS,
    HURRY_RINGS,
    REFUSED_RINGS,
    STATES,
    WHICH,
    Phrase,
    is_last_try,
    phrases_after,
)
from hardware.citizen_views import KEY_NAMES
from hardware.errors import WrongPin
from hardware.interface import PinRequest, PinState
from kiosk.citizen_words import said
from kiosk.speech import NoSpeech
from screens.citizen_view import CitizenView

if TYPE_CHECKING:
    from screens.app import KioskApp

RING_PAUSE_S = 0.25
ALREADY_KNOWN = (PinState.WAITING, PinState.UNDER_WAY, PinState.CHECKING)
"""States that are no news to the one who types."""


class CitizenCues:
    """Follows one entry. Where the citizen has a terminal of their own, that one rings; this station only speaks."""

    def __init__(self, app: KioskApp, view: CitizenView, *, rings: bool) -> None:
        self._app = app
        self._view = view
        self._rings = rings and app.desk.config.cues.sounds
        self._is_new_question = False
        self._has_hurried = False

    def requested(self) -> None:
        """The citizen is asked; the first state says why, so the words wait for it."""
        self._is_new_question, self._has_hurried = True, False

    def state(self, state: PinState) -> None:
        """The entry has come to this state."""
        if self._is_new_question:
            self._is_new_question = False
            self._ring(ASKED_RINGS if state is PinState.WAITING else REFUSED_RINGS)
            refusal = [] if state is PinState.WAITING else [STATES[state], Phrase.CHOOSE_ANOTHER]
            self._say([*map(self._said, refusal), *self._question()])
        elif state is PinState.ACCEPTED:
            self._ring(ACCEPTED_RINGS)
            self._say([self._said(Phrase.ACCEPTED), self._said(Phrase.LEAVE_CARD)])
        elif state not in ALREADY_KNOWN:
            self._ring(REFUSED_RINGS)
            self._say([self._said(STATES[state], fewest=self._view.fewest)])

    def tick(self) -> None:
        """A second has passed; the citizen is warned once."""
        if self._view.is_short_of_time and not self._has_hurried:
            self._has_hurried = True
            self._ring(HURRY_RINGS)
            self._say([self._said(Phrase.HURRY)])

    def key(self) -> None:
        """A key gives all the time back."""
        self._has_hurried = False

    def wrong(self, fault: WrongPin) -> None:
        """The card refused the PIN."""
        self._ring(REFUSED_RINGS)
        self._say([*(self._said(phrase) for phrase in phrases_after(fault)), *self._tries(fault.tries_left)])

    def end(self) -> None:
        """Nobody is asked any more."""
        self._app.desk.speaker.hush()

    def _question(self) -> Iterable[str]:
        request = self._view.request
        yield from (self._said(phrase) for phrase in (ASKED[request], *WHICH[request]))
        if request is PinRequest.CURRENT:
            yield from self._tries(self._view.tries_left)
        yield self._said(Phrase.DOT_ON_FIVE)
        yield from (self._said(phrase, key=name) for phrase, name in KEY_NAMES.items())

    def _tries(self, left: int | None) -> Iterable[str]:
        if left is not None:
            yield self._said(Phrase.LAST_TRY) if is_last_try(left) else self._said(Phrase.TRIES_LEFT, count=left)
        if is_last_try(left):
            yield self._said(Phrase.AFTER_LAST)

    def _said(self, phrase: Phrase, **values: object) -> str:
        return said(phrase, self._app.texts, **values)

    def _say(self, sentences: Iterable[str]) -> None:
        try:
            self._app.desk.speaker.say(" ".join(f"{one.rstrip('.')}." for one in sentences), self._app.texts.language)
        except NoSpeech as error:
            # Nothing depends on it: what could not be said stands on the screen. The doctor tells the technician.
            self._app.log.warning(str(error))

    def _ring(self, times: int) -> None:
        if self._rings:
            for turn in range(times):
                self._app.set_timer(max(turn * RING_PAUSE_S, 0.001), self._app.bell)
