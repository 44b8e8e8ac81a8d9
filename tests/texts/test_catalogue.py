"""The catalogue is whole: nothing shown lacks English, nothing compiled is stale, no placeholder is lost."""

import string
from collections.abc import Iterator

import pytest
from babel.messages.pofile import read_po

from kiosk.texts import Language, Texts, to_latin
from kiosk.texts.compile import MO, PO, compiled
from tests.texts.collect import keywords, marked, messages, without_english


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def pairs() -> Iterator[tuple[str, str]]:
    with PO.open("rb") as source:
        for message in read_po(source):
            if message.id:
                assert isinstance(message.id, str) and isinstance(message.string, str)
                yield message.id, message.string


def test_compiled_catalogue_is_the_written_one() -> None:
    assert MO.read_bytes() == compiled(), "run: python -m kiosk.texts.compile"


def test_every_message_has_english() -> None:
    missing = without_english()
    assert not missing, "\n".join(f"{where}: {message}" for message, where in missing.items())


@pytest.mark.parametrize(("message", "english"), pairs())
def test_translation_keeps_the_placeholders(message: str, english: str) -> None:
    assert english
    assert placeholders(english) == placeholders(message)


def test_no_message_is_translated_twice() -> None:
    ids = [line for line in PO.read_text(encoding="utf-8").splitlines() if line.startswith("msgid ")]
    assert len(ids) == len(set(ids))


def test_every_message_can_be_formatted_in_every_language() -> None:
    for message in messages():
        values = dict.fromkeys(placeholders(message), "Љ")
        assert placeholders(to_latin(message)) == placeholders(message)
        for language in Language:
            Texts(language)(message, **values)


def test_collector_sees_every_way_of_marking() -> None:
    source = 'self.t("а"); t("б" if x else "в", n=1); _("г"); x = N_("д"); t(other); print("ђ"); f(reason="е")'
    assert list(marked(source)) == ["а", "б", "в", "г", "д"]
    assert list(keywords(source, "reason")) == ["е"]


def test_language_key_goes_round() -> None:
    texts = Texts()
    seen = [texts.language, texts.next().language, texts.next().next().language, texts.next().next().next().language]
    assert seen == [Language.CYRILLIC, Language.LATIN, Language.ENGLISH, Language.CYRILLIC]


@pytest.mark.parametrize(
    ("language", "shown"),
    [
        (Language.CYRILLIC, "Важећи Уговор Ђорђевић"),
        (Language.LATIN, "Važeći Ugovor Ђорђевић"),
        (Language.ENGLISH, "Valid Contract Ђорђевић"),
    ],
)
def test_names_keep_their_spelling(language: Language, shown: str) -> None:
    assert Texts(language)("Важећи Уговор {number}", number="Ђорђевић") == shown


def test_untranslated_message_is_shown_in_cyrillic() -> None:
    assert Texts(Language.ENGLISH)("Нема превода {number}", number=3) == "Нема превода 3"


def test_missing_value_is_an_error() -> None:
    with pytest.raises(KeyError):
        Texts()("Важећи Уговор {number}")
