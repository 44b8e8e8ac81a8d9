"""What is said to the citizen who enters a PIN, named; the words themselves come from whoever speaks to people."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from hardware.errors import (
    PinBlocked,
    PinEntryCancelled,
    PinEntryExpired,
    PinEntryFault,
    PinError,
    UnblockRefused,
    WrongPin,
)
from hardware.interface import PinRequest, PinState


class Phrase(Enum):
    """One thing that is said. In braces: what its words have places for."""

    ASK_CURRENT = "ask_current"
    ASK_NEW = "ask_new"
    ASK_NEW_AGAIN = "ask_new_again"
    WHICH_CURRENT = "which_current"
    WHICH_CHANGED = "which_changed"
    WHICH_NEW = "which_new"
    WHICH_NEW_AGAIN = "which_new_again"
    WHY_CURRENT = "why_current"
    WHY_NEW = "why_new"
    WHY_NEW_AGAIN = "why_new_again"
    LENGTH = "length"
    """{fewest} and {most} digits."""
    TRIES_LEFT = "tries_left"
    """{count}."""
    LAST_TRY = "last_try"
    AFTER_LAST = "after_last"
    SHIELD = "shield"
    TELL_NOBODY = "tell_nobody"
    DOT_ON_FIVE = "dot_on_five"
    KEY_CONFIRM = "key_confirm"
    """{key}, as it is labelled there."""
    KEY_CLEAR = "key_clear"
    """{key}."""
    KEY_CANCEL = "key_cancel"
    """{key}."""
    SECONDS_LEFT = "seconds_left"
    """{seconds}."""
    HURRY = "hurry"
    WAITING = "waiting"
    UNDER_WAY = "under_way"
    CLEARED = "cleared"
    TOO_SHORT = "too_short"
    """{fewest} digits."""
    DIFFERENT = "different"
    ALL_EQUAL = "all_equal"
    RUN = "run"
    BIRTH_DATE = "birth_date"
    PERSONAL_NUMBER = "personal_number"
    DOCUMENT_NUMBER = "document_number"
    OLD_PIN = "old_pin"
    CHOOSE_ANOTHER = "choose_another"
    CANCEL_ON_PAD = "cancel_on_pad"
    CHECKING = "checking"
    ACCEPTED = "accepted"
    WRONG = "wrong"
    BLOCKED = "blocked"
    UNBLOCK_HERE = "unblock_here"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    FAILED = "failed"
    UNBLOCK_REFUSED = "unblock_refused"
    NO_TRY_SPENT = "no_try_spent"
    LEAVE_CARD = "leave_card"
    CLERK_GOES_ON = "clerk_goes_on"
    PLEASE_WAIT = "please_wait"
    NOT_YET = "not_yet"
    NOT_IN_SERVICE = "not_in_service"
    ASK_CLERK = "ask_clerk"
    ANOTHER_SCREEN = "another_screen"
    TRAINING = "training"


Words = Mapping[Phrase, str]
"""The phrases in one language, with their places in braces."""

ASKED: dict[PinRequest, Phrase] = {
    PinRequest.CURRENT: Phrase.ASK_CURRENT,
    PinRequest.NEW: Phrase.ASK_NEW,
    PinRequest.NEW_AGAIN: Phrase.ASK_NEW_AGAIN,
}
WHICH: dict[PinRequest, tuple[Phrase, ...]] = {
    PinRequest.CURRENT: (Phrase.WHICH_CURRENT, Phrase.WHICH_CHANGED),
    PinRequest.NEW: (Phrase.WHICH_NEW,),
    PinRequest.NEW_AGAIN: (Phrase.WHICH_NEW_AGAIN,),
}
WHY: dict[PinRequest, Phrase] = {
    PinRequest.CURRENT: Phrase.WHY_CURRENT,
    PinRequest.NEW: Phrase.WHY_NEW,
    PinRequest.NEW_AGAIN: Phrase.WHY_NEW_AGAIN,
}
STATES: dict[PinState, Phrase] = {
    PinState.WAITING: Phrase.WAITING,
    PinState.UNDER_WAY: Phrase.UNDER_WAY,
    PinState.CHECKING: Phrase.CHECKING,
    PinState.ACCEPTED: Phrase.ACCEPTED,
    PinState.TOO_SHORT: Phrase.TOO_SHORT,
    PinState.CANCEL_ON_PAD: Phrase.CANCEL_ON_PAD,
    PinState.DIFFERENT: Phrase.DIFFERENT,
    PinState.ALL_EQUAL: Phrase.ALL_EQUAL,
    PinState.RUN: Phrase.RUN,
    PinState.BIRTH_DATE: Phrase.BIRTH_DATE,
    PinState.PERSONAL_NUMBER: Phrase.PERSONAL_NUMBER,
    PinState.DOCUMENT_NUMBER: Phrase.DOCUMENT_NUMBER,
    PinState.OLD_PIN: Phrase.OLD_PIN,
}
OUTCOMES: dict[type[PinError], tuple[Phrase, ...]] = {
    WrongPin: (Phrase.WRONG, Phrase.CLERK_GOES_ON),
    PinBlocked: (Phrase.BLOCKED, Phrase.UNBLOCK_HERE),
    PinEntryCancelled: (Phrase.CANCELLED, Phrase.NO_TRY_SPENT, Phrase.CLERK_GOES_ON),
    PinEntryExpired: (Phrase.EXPIRED, Phrase.NO_TRY_SPENT, Phrase.CLERK_GOES_ON),
    PinEntryFault: (Phrase.FAILED, Phrase.NO_TRY_SPENT, Phrase.CLERK_GOES_ON),
    UnblockRefused: (Phrase.UNBLOCK_REFUSED, Phrase.CLERK_GOES_ON),
    PinError: (Phrase.FAILED, Phrase.CLERK_GOES_ON),
}
"""How an entry ended, the news first."""


def phrases_after(error: PinError) -> tuple[Phrase, ...]:
    """What is said of the nearest kind an error belongs to."""
    return next(phrases for kind in type(error).__mro__ if (phrases := OUTCOMES.get(kind)) is not None)


ASKED_RINGS, ACCEPTED_RINGS, REFUSED_RINGS, HURRY_RINGS = 1, 2, 3, 4
"""Told apart by their number, for who cannot see the screen. A digit never rings: whoever hears it could count."""


def is_last_try(tries_left: int | None) -> bool:
    """Whether one more wrong entry may block the PIN; so it is assumed where the token does not count aloud."""
    return tries_left is None or tries_left <= 1
