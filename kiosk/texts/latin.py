"""Serbian Cyrillic to Serbian Latin: one rule per letter, so nothing is guessed."""

from __future__ import annotations

_DIGRAPHS = {"љ": "lj", "њ": "nj", "џ": "dž"}
_SINGLE = dict(zip("абвгдђежзијклмнопрстћуфхцчш", "abvgdđežzijklmnoprstćufhcčš", strict=True))
_LOWER = _SINGLE | _DIGRAPHS
_TITLE = {cyrillic.upper(): latin.capitalize() for cyrillic, latin in _LOWER.items()}
_LETTERS = _LOWER | _TITLE


def to_latin(text: str) -> str:
    """The text in Serbian Latin; what is not a letter of Serbian Cyrillic stays as it is.

    Љ, Њ and Џ follow the word: «Љубица» gives "Ljubica", «ЉУБИЦА» gives "LJUBICA".
    """
    return "".join(_letter(text, at) for at in range(len(text)))


def _letter(text: str, at: int) -> str:
    letter = text[at]
    latin = _LETTERS.get(letter, letter)
    return latin.upper() if letter.lower() in _DIGRAPHS and letter.isupper() and _in_capitals(text, at) else latin


def _in_capitals(text: str, at: int) -> bool:
    following = text[at + 1 : at + 2]
    if following.isalpha():
        return following.isupper()
    return text[:at][-1:].isupper()
