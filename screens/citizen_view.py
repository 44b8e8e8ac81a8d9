"""Citizen mode of the one screen: what the citizen's own terminal would show, in all languages, and in colours."""

from __future__ import annotations

from dataclasses import dataclass, field

from hardware.citizen_phrases import STATES, Phrase, Words, is_last_try
from hardware.citizen_screen import Style, compose
from hardware.citizen_views import LANGUAGE_KEY, Blocks, Progress, asked, checking, ended
from hardware.errors import WrongPin
from hardware.interface import PinPolicy, PinRequest, PinState
from kiosk.citizen_words import LANGUAGES, MESSAGES
from kiosk.texts import N_, Texts
from screens.parts.ink import Ink
from screens.parts.lines import Line

WIDTH, HEIGHT = 80, 25
INKS = {
    Style.PLAIN: Ink.CITIZEN,
    Style.STRONG: Ink.CITIZEN_DOTS,
    Style.TITLE: Ink.CITIZEN_TITLE,
    Style.WARNING: Ink.CITIZEN_WARNING,
}


@dataclass(slots=True, kw_only=True)
class CitizenView:
    """What the citizen may be shown: no name, no number; dots that only the device host moves."""

    tries_left: int | None
    is_training: bool
    policy: PinPolicy = field(default_factory=PinPolicy)
    request: PinRequest = PinRequest.CURRENT
    state: PinState = PinState.WAITING
    dots: int = 0
    seconds: int = 0
    is_wrong: bool = False

    @property
    def fewest(self) -> int:
        """Digits a PIN has at least."""
        return self.policy.min_length

    @property
    def most(self) -> int:
        """Digits a PIN has at most."""
        return self.policy.max_length

    def begin(self) -> None:
        """A fresh entry."""
        self.dots, self.is_wrong, self.state = 0, False, PinState.WAITING

    def ask_for(self, request: PinRequest) -> None:
        """Dots start from zero."""
        self.request, self.dots, self.state = request, 0, PinState.WAITING

    def wrong(self, tries_left: int | None) -> None:
        """The card refused the PIN."""
        self.is_wrong, self.tries_left, self.dots = True, tries_left, 0

    @property
    def is_last_try(self) -> bool:
        """Whether one more wrong entry may block the card."""
        return is_last_try(self.tries_left)

    @property
    def is_short_of_time(self) -> bool:
        """Whether the citizen is warned; a key gives all the time back."""
        return self.seconds <= self.policy.warn_s

    @property
    def phrase(self) -> Phrase:
        """The state, as it is said."""
        return STATES[self.state]

    def blocks(self) -> Blocks:
        """What is said at the moment."""
        if self.is_wrong:
            return ended(WrongPin(self.tries_left))
        if self.state in (PinState.CHECKING, PinState.ACCEPTED):
            return checking() if self.state is PinState.CHECKING else ended(self.state)
        question = asked(self, Progress(self.phrase, self.dots, self.seconds, self.is_short_of_time))
        # This screen speaks all languages at once.
        return [block for block in question if block is not LANGUAGE_KEY]


def citizen_lines(view: CitizenView) -> list[Line]:
    """All 25 lines."""
    below = [_centred(texts(_next_key(view))) for texts in LANGUAGES] if view.is_wrong else []
    drawn = compose(view.blocks(), [_words(texts) for texts in LANGUAGES], WIDTH, HEIGHT - len(below))
    lines = [((text.ljust(WIDTH), INKS[style]),) for text, style in drawn]
    return [*lines, *[_centred("")] * (HEIGHT - len(below) - len(lines)), *below]


def _next_key(view: CitizenView) -> str:
    return N_("F5 = ипак поново · F12 = одустани") if view.is_last_try else N_("Enter = нови унос · F12 = одустани")


def _words(texts: Texts) -> Words:
    return {phrase: texts.look_up(message) for phrase, message in MESSAGES.items()}


def _centred(text: str) -> Line:
    return ((text[:WIDTH].center(WIDTH), Ink.CITIZEN),)
