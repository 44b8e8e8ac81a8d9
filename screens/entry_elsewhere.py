"""What the clerk sees of an entry while the citizen types where the clerk does not look: states, never digits."""

from __future__ import annotations

from hardware.citizen_phrases import Phrase
from hardware.interface import PinMethod, PinState
from kiosk.citizen_words import said
from kiosk.texts import N_, Texts
from screens.citizen_view import CitizenView
from screens.parts.box import boxed
from screens.parts.ink import Ink
from screens.parts.lines import Lines

HEADINGS = {
    PinMethod.PINPAD: N_("КОРИСНИК УНОСИ ПИН НА ЧИТАЧУ"),
    PinMethod.KEYPAD: N_("КОРИСНИК УНОСИ ПИН НА СВОЈОЈ ТАСТАТУРИ"),
    PinMethod.TERMINAL: N_("КОРИСНИК УНОСИ ПИН НА СВОМ ТЕРМИНАЛУ"),
}


def write_under_way(lines: Lines, view: CitizenView, texts: Texts, method: PinMethod) -> None:
    """An entry goes on."""
    inside = Lines(lines.width - 4)
    inside.blank()
    inside.text(texts(HEADINGS.get(method, HEADINGS[PinMethod.KEYPAD])), Ink.STRONG)
    inside.blank()
    inside.text(texts("Ваша тастатура не прима цифре док траје унос. Окрените поглед."))
    inside.blank()
    inside.field(texts("Стање"), said(view.phrase, texts, fewest=view.fewest))
    # From the first key on every key gives more time, and the clerk is not told of keys.
    inside.field(texts("Преостало"), f"{view.seconds} s" if view.state is PinState.WAITING else "")
    inside.blank()
    lines.blank()
    lines.extend(boxed(inside, lines.width))


def write_wrong(lines: Lines, view: CitizenView, texts: Texts) -> None:
    """The card refused the PIN: what is left, and the next key."""
    inside = Lines(lines.width - 4)
    inside.blank()
    inside.text(said(Phrase.WRONG, texts), Ink.WARNING)
    inside.blank()
    if view.tries_left is not None:
        inside.text(said(Phrase.TRIES_LEFT, texts, count=view.tries_left), Ink.STRONG)
    if view.is_last_try:
        inside.text(said(Phrase.AFTER_LAST, texts), Ink.WARNING)
    inside.blank()
    lines.blank()
    lines.extend(boxed(inside, lines.width))
    lines.blank()
    lines.text(texts("F5 = ипак поново") if view.is_last_try else texts("Enter = нови унос"), Ink.STRONG)
    lines.text(texts("F12 = одустани"), Ink.STRONG)
