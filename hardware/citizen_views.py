"""What the citizen's terminal has to say in each situation, as blocks; see `hardware/citizen_screen.py`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from hardware.citizen_phrases import ASKED, STATES, WHICH, WHY, Phrase, is_last_try, phrases_after
from hardware.citizen_screen import Block, Dots, Fixed, Shown, Style
from hardware.errors import PinBlocked, PinError, WrongPin
from hardware.interface import PinRequest, PinState

Blocks = list[Shown]

KEY_NAMES = {
    Phrase.KEY_CONFIRM: "Enter",
    Phrase.KEY_CLEAR: "Backspace, +",
    Phrase.KEY_CANCEL: "Esc, -",
}
LANGUAGE_KEY = Fixed(9, "Tab, / : ћирилица · latinica · English")


class Question(Protocol):
    """What the citizen is asked, on whichever screen."""

    @property
    def request(self) -> PinRequest: ...

    @property
    def fewest(self) -> int: ...

    @property
    def most(self) -> int: ...

    @property
    def tries_left(self) -> int | None: ...

    @property
    def is_training(self) -> bool: ...


@dataclass(slots=True)
class Progress:
    """How an entry goes, as far as its own citizen may see."""

    state: Phrase
    dots: int = 0
    seconds: int = 0
    is_short_of_time: bool = False


def resting() -> Blocks:
    """Nobody is asked for anything."""
    return [Block(0, (Phrase.PLEASE_WAIT,), Style.TITLE), Block(1, (Phrase.NOT_YET,)), *_alone(), LANGUAGE_KEY]


def out_of_service(reason: Phrase = Phrase.ASK_CLERK) -> Blocks:
    """The kiosk does not run, or has another terminal."""
    return [Block(0, (Phrase.NOT_IN_SERVICE,), Style.TITLE), Block(1, (reason,))]


def checking() -> Blocks:
    """The digits are with the card."""
    return [Block(0, (Phrase.CHECKING,), Style.TITLE), Block(1, (Phrase.LEAVE_CARD,))]


def ended(outcome: PinState | PinError) -> Blocks:
    """How it went."""
    if isinstance(outcome, PinError):
        return _refused(outcome)
    if outcome is PinState.CHECKING:
        return checking()
    return [Block(0, (STATES[outcome],), Style.TITLE), Block(1, (Phrase.LEAVE_CARD, Phrase.CLERK_GOES_ON))]


def asked(ask: Question, progress: Progress) -> Blocks:
    """The question, the dots, and all that is worth knowing before the first digit."""
    return [
        Block(0, (ASKED[ask.request],), Style.TITLE),
        *([Block(1, (Phrase.TRAINING,), Style.WARNING)] if ask.is_training else []),
        *(Block(4 + 5 * at, (phrase,), _strong(at)) for at, phrase in enumerate(WHICH[ask.request])),
        Block(12, (WHY[ask.request],)),
        Dots(progress.dots),
        *_state(ask, progress.state),
        Block(2, (Phrase.SECONDS_LEFT,), _urgency(progress), {"seconds": progress.seconds}),
        *_cost(ask),
        # The warning is as long as what it takes the place of: the dots stay where they are.
        *([Block(2, (Phrase.HURRY,), Style.WARNING)] if progress.is_short_of_time else _alone()),
        *_keys(),
        LANGUAGE_KEY,
    ]


def _strong(at: int) -> Style:
    return Style.PLAIN if at else Style.STRONG


def _urgency(progress: Progress) -> Style:
    return Style.WARNING if progress.is_short_of_time else Style.PLAIN


def _state(ask: Question, state: Phrase) -> Blocks:
    """A new PIN that was refused is asked for again."""
    said = Block(1, (state,), Style.STRONG, {"fewest": ask.fewest})
    is_refusal = state in {phrase for kind, phrase in STATES.items() if kind not in UNDER_WAY}
    return [said, Block(1, (Phrase.CHOOSE_ANOTHER,), Style.STRONG)] if is_refusal else [said]


UNDER_WAY = frozenset({PinState.WAITING, PinState.UNDER_WAY, PinState.TOO_SHORT, PinState.CHECKING, PinState.ACCEPTED})
"""States in which nothing was refused."""


def _cost(ask: Question) -> Blocks:
    """What a mistake costs; one in a new PIN costs nothing."""
    if ask.request is not PinRequest.CURRENT:
        return [Block(3, (Phrase.LENGTH,), values={"fewest": ask.fewest, "most": ask.most})]
    return [*_tries(ask.tries_left), Block(6, (Phrase.AFTER_LAST,))]


def _tries(left: int | None) -> Blocks:
    if left is None:
        return []
    if is_last_try(left):
        return [Block(3, (Phrase.LAST_TRY,), Style.WARNING)]
    return [Block(3, (Phrase.TRIES_LEFT,), values={"count": left})]


def _alone() -> Blocks:
    return [Block(8, (Phrase.SHIELD, Phrase.DOT_ON_FIVE)), Block(11, (Phrase.TELL_NOBODY,))]


def _keys() -> Blocks:
    """The three keys on one row, if it is wide enough for them."""
    return [Block(5, (phrase,), values={"key": name}) for phrase, name in KEY_NAMES.items()]


def _refused(error: PinError) -> Blocks:
    title, *rest = phrases_after(error)
    blocks: Blocks = [Block(0, (title,), Style.WARNING)]
    if isinstance(error, WrongPin):
        blocks += [*_tries(error.tries_left), Block(4, (Phrase.AFTER_LAST,))]
    style = Style.STRONG if isinstance(error, PinBlocked) else Style.PLAIN
    return blocks + [Block(2, (phrase,), style) for phrase in rest]
