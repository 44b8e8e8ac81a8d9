"""Citizen mode: another look, three languages at once, no name, no number; dots that only the device host moves."""

from __future__ import annotations

from dataclasses import dataclass

from hardware.interface import PinRequest, PinState
from kiosk.texts import N_, Language, Texts
from screens.parts.ink import Ink
from screens.parts.lines import Line

WIDTH = 80
DOT = ("▄██▄", "████", "▀██▀")
DOTS_TOP = 9

ASKED: dict[PinRequest, str] = {
    PinRequest.CURRENT: N_("УНЕСИТЕ СВОЈ ПИН"),
    PinRequest.NEW: N_("УНЕСИТЕ НОВИ ПИН"),
    PinRequest.NEW_AGAIN: N_("ПОНОВИТЕ НОВИ ПИН"),
}
SAID: dict[PinState, str] = {
    PinState.WAITING: N_("Чекам унос"),
    PinState.UNDER_WAY: N_("Унос у току"),
    PinState.CHECKING: N_("Проверавам"),
    PinState.ACCEPTED: N_("ПИН је прихваћен"),
    PinState.TOO_SHORT: N_("Најмање 4 цифре"),
    PinState.DIFFERENT: N_("Два уноса нису једнака"),
    PinState.ALL_EQUAL: N_("Све цифре су исте"),
    PinState.RUN: N_("То је низ, као 1234"),
    PinState.BIRTH_DATE: N_("То је датум рођења"),
    PinState.PERSONAL_NUMBER: N_("То је део ЈМБГ"),
    PinState.DOCUMENT_NUMBER: N_("То је део броја карте"),
    PinState.OLD_PIN: N_("То је стари ПИН"),
    PinState.CANCEL_ON_PAD: N_("Унос прекида само тастатура читача"),
}
LANGUAGES = tuple(Texts(language) for language in Language)


@dataclass(slots=True)
class CitizenView:
    """What the citizen may be shown."""

    tries_left: int | None
    request: PinRequest = PinRequest.CURRENT
    state: PinState = PinState.WAITING
    dots: int = 0
    seconds: int = 0
    is_wrong: bool = False

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
        return self.tries_left is None or self.tries_left <= 1


def citizen_lines(view: CitizenView, *, is_training: bool) -> list[Line]:
    """All 25 lines."""
    ask = [texts(ASKED[view.request]) for texts in LANGUAGES]
    lines = [
        _centred(ask[0], Ink.CITIZEN_TITLE),
        _centred(f"{ask[1]}  ·  {ask[2]}", Ink.CITIZEN_TITLE),
        _centred("═" * WIDTH),
        _centred(_three(N_("ОБУКА: измишљен ПИН")), Ink.TRAINING) if is_training else _centred(""),
        _centred(""),
        *_each(N_("Заклоните тастатуру руком. ПИН не говорите никоме, ни службенику.")),
        _centred(""),
        *(_wrong(view) if view.is_wrong else _entry(view)),
    ]
    lines += [_centred("")] * (19 - len(lines))
    lines += _each(_keys(view))
    lines += [_centred(""), _centred(_seconds(view)), _centred("")]
    return lines[:25]


def _entry(view: CitizenView) -> list[Line]:
    dots = [_centred("  ".join([row] * view.dots), Ink.CITIZEN_DOTS) for row in DOT]
    state = SAID[view.state]
    return [*dots, _centred(""), _centred(_three(state)), _centred(""), *_tries(view)]


def _tries(view: CitizenView) -> list[Line]:
    if view.request is not PinRequest.CURRENT:
        return [_centred(_three(N_("4 до 8 цифара")))]
    if view.tries_left is None:
        return [_centred("")]
    ink = Ink.CITIZEN_WARNING if view.is_last_try else Ink.CITIZEN
    return [_centred(_three(N_("Преостало покушаја: {count}"), count=view.tries_left), ink)]


def _wrong(view: CitizenView) -> list[Line]:
    left = view.tries_left
    lines = [
        _centred(""),
        *_each(N_("ПИН НИЈЕ ИСПРАВАН"), Ink.CITIZEN_WARNING),
        _centred(""),
        _centred(_three(N_("Преостало покушаја: {count}"), count=left) if left is not None else ""),
        _centred(""),
    ]
    return [*lines, *_each(N_("Следећа грешка може да блокира ПИН."))] if view.is_last_try else lines


def _keys(view: CitizenView) -> str:
    if not view.is_wrong:
        return N_("Enter потврђује · Backspace брише све · Esc или F12 отказује")
    return N_("F5 = ипак поново · F12 = одустани") if view.is_last_try else N_("Enter = нови унос · F12 = одустани")


def _seconds(view: CitizenView) -> str:
    return "" if view.is_wrong else _three(N_("Још {seconds} s"), seconds=view.seconds)


def _three(message: str, **values: object) -> str:
    return "  ·  ".join(texts(message, **values) for texts in LANGUAGES)


def _each(message: str, ink: Ink = Ink.CITIZEN) -> list[Line]:
    return [_centred(texts(message), ink) for texts in LANGUAGES]


def _centred(text: str, ink: Ink = Ink.CITIZEN) -> Line:
    return ((text[:WIDTH].center(WIDTH), ink),)
