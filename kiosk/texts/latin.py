"""Serbian Cyrillic to Serbian Latin: one rule per letter, so nothing is guessed."""

from __future__ import annotations

_LOWER = dict(
    zip(
        "абвгдђежзијклљмнњопрстћуфхцчџш",
        "a b v g d đ e ž z i j k l lj m n nj o p r s t ć u f h c č dž š".split(),
        strict=True,
    )
)
_TITLE = {cyrillic.upper(): latin.capitalize() for cyrillic, latin in _LOWER.items()}
_LETTERS = _LOWER | _TITLE
_DIGRAPHS = "ЉЊЏ"


def to_latin(text: str) -> str:
    """The text in Serbian Latin; what is not a letter of Serbian Cyrillic stays as it is.

    Љ, Њ and Џ follow the word: «Љубица» gives "Ljubica", «ЉУБИЦА» gives "LJUBICA".
    """
    return "".join(_letter(text, at) for at in range(len(text)))


def _letter(text: str, at: int) -> str:
    letter = text[at]
    latin = _LETTERS.get(letter, letter)
    return latin.upper() if letter in _DIGRAPHS and _in_capitals(text, at) else latin


def _in_capitals(text: str, at: int) -> bool:
    following = text[at + 1 : at + 2]
    if following.isalpha():
        return following.isupper()
    return text[:at][-1:].isupper()
