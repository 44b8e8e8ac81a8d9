"""Latin from Cyrillic by rule."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.procedures import PROCEDURES
from kiosk.texts import to_latin


@pytest.mark.parametrize(
    ("cyrillic", "latin"),
    [
        ("Љубица", "Ljubica"),
        ("ЉУБИЦА", "LJUBICA"),
        ("ЊЕГОШ", "NJEGOŠ"),
        ("Његош", "Njegoš"),
        ("Џорџ", "Džordž"),
        ("ЏОРЏ", "DŽORDŽ"),
        ("КОЊ", "KONJ"),
        ("КОЊ И ЉУДИ", "KONJ I LJUDI"),
        ("Њ. Петровић", "Nj. Petrović"),
        ("Ђорђевић-Чавошки", "Đorđević-Čavoški"),
        ("МУП-а", "MUP-a"),
        ("е-mail", "e-mail"),
        ("http://ca.mup.gov.rs", "http://ca.mup.gov.rs"),
        ("{date} и {number:>8}", "{date} i {number:>8}"),
        ("Već je latinica: Škodić", "Već je latinica: Škodić"),
        ("", ""),
    ],
)
def test_words(cyrillic: str, latin: str) -> None:
    assert to_latin(cyrillic) == latin


def test_no_cyrillic_is_left_in_the_published_texts() -> None:
    for procedure in PROCEDURES.values():
        for step in procedure.steps:
            assert not any("Ѐ" <= letter <= "ӿ" for letter in to_latin(step.wording))


@given(st.text())
def test_latin_is_latin_already(text: str) -> None:
    once = to_latin(text)
    assert to_latin(once) == once


@given(st.text(alphabet="абвгдђежзијклљмнњопрстћуфхцчџш АБВГДЂЕЖЗИЈКЛЉМНЊОПРСТЋУФХЦЧЏШ"))
def test_length_never_shrinks(text: str) -> None:
    assert len(to_latin(text)) >= len(text)
