"""What the kiosk says, in three ways of writing; the message id in the code is the Serbian Cyrillic text itself."""

from __future__ import annotations

import gettext
from enum import Enum
from functools import cache
from importlib.resources import files

from kiosk.texts.latin import to_latin

__all__ = ["N_", "Language", "Texts", "to_latin"]


class Language(Enum):
    """A language and its script; the value is the BCP 47 tag."""

    CYRILLIC = "sr-Cyrl"
    LATIN = "sr-Latn"
    ENGLISH = "en"

    @property
    def next(self) -> Language:
        """The one that the language key goes to: Cyrillic, Latin, English, and round again."""
        languages = list(Language)
        return languages[(languages.index(self) + 1) % len(languages)]


def N_(message: str) -> str:
    """The message itself; marks a text kept in data for the catalogue. It is looked up where it is shown."""
    return message


@cache
def _english() -> gettext.GNUTranslations:
    with files(__package__).joinpath("en.mo").open("rb") as compiled:
        return gettext.GNUTranslations(compiled)


class Texts:
    """Looks messages up in one language; a message without a translation is shown in Cyrillic."""

    def __init__(self, language: Language = Language.CYRILLIC) -> None:
        self.language = language

    def __call__(self, message: str, **values: object) -> str:
        """The message in this language, with its `{placeholders}` filled in.

        Values (names from a card, numbers) are put in after the look-up and stay as they are spelled.
        Raises `KeyError` when a placeholder has no value.
        """
        return self.look_up(message).format(**values)

    def look_up(self, message: str) -> str:
        """The message in this language, its placeholders left open."""
        match self.language:
            case Language.CYRILLIC:
                return message
            case Language.LATIN:
                return to_latin(message)
            case Language.ENGLISH:
                return _english().gettext(message)

    def next(self) -> Texts:
        """The texts in the language that the language key goes to."""
        return Texts(self.language.next)
