"""Each form as it is read: the text is there, whole, in the right script, in its place on the page."""

from dataclasses import fields, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.documents import FORMS, FormFacts, MissingGlyph, Script, TooLong, render
from kiosk.documents.facts import written
from kiosk.documents.letterhead import MARKING, STATE
from kiosk.documents.page import BOTTOM, LEFT, RIGHT
from tests.documents.invented import BLANK, CASES, EVERY, FACTS, LJUBICA, LONGEST, drawn
from tests.documents.reading import pages, squeezed, words

ON_FORM = {
    "obrazac_1": {f.name for f in fields(LJUBICA)},
    "obrazac_2": {f.name for f in fields(LJUBICA)},
    "obrazac_3": {f.name for f in fields(LJUBICA)},
    "general_terms": {"surname", "given_name", "document_number"},
    "agreement": {"surname", "given_name", "personal_number", "document_number", "residence"},
    "status_confirmation": {"surname", "given_name", "personal_number"},
    "dossier_sheet": {"surname", "given_name", "personal_number"},
    "waiting_slip": {"surname", "given_name"},
}
SIGNED_TEXT = {
    "obrazac_1": ("Изјављујем да су наведени подаци тачни", "ПОПУЊАВА РЕГИСТРАЦИОНО ТЕЛО"),
    "obrazac_2": ("Захтев подносим лично", "Службеник својим потписом потврђује"),
    "obrazac_3": ("Захтев подносим лично", "Службеник својим потписом потврђује"),
    "general_terms": ("Својеручним потписом корисник потврђује",),
    "agreement": ("Уговор је сачињен у 2 (два) истоветна примерка",),
    "status_confirmation": ("Сертификационо тело је спровело",),
    "dossier_sheet": ("Означени списи су спојени",),
    "waiting_slip": ("Питајте за предмет под горњим бројем",),
}


def values(facts: FormFacts, names: set[str]) -> list[str]:
    assert facts.citizen is not None
    found = [getattr(facts.citizen, name) for name in names]
    return [value if isinstance(value, str) else written(value) for value in found]


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("case", ["filled", "longest"])
@pytest.mark.parametrize("script", Script)
def test_citizen_is_named_in_full_and_in_their_own_spelling(name: str, case: str, script: Script) -> None:
    text = squeezed("".join(pages(drawn(name, case, script))))
    for value in values(CASES[case], ON_FORM[name]):
        assert squeezed(value) in text


@pytest.mark.parametrize("name", FORMS)
def test_blank_form_names_nobody(name: str) -> None:
    text = "".join(pages(drawn(name, "blank", Script.CYRILLIC)))
    assert written(BLANK.printed_on) not in text
    assert BLANK.clerk not in text
    assert "None" not in text


@pytest.mark.parametrize(("name", "case", "script"), EVERY)
def test_every_page_says_what_it_is(name: str, case: str, script: Script) -> None:
    found = pages(drawn(name, case, script))
    for number, text in enumerate(found, start=1):
        assert script.write(MARKING) in text
        assert script.write(f"{FORMS[name].name} · верзија 1") in text
        assert script.write(f"страна {number}/{len(found)}") in text
    assert all(script.write(line) in found[0] for line in STATE)
    assert squeezed(script.write(FORMS[name].title)).lower() in squeezed(found[0]).lower()


@pytest.mark.parametrize(("name", "case", "script"), EVERY)
def test_nothing_leaves_the_column(name: str, case: str, script: Script) -> None:
    for page in words(drawn(name, case, script)):
        for word in page:
            assert LEFT - 0.1 <= word.left < word.right <= RIGHT + 0.1, word
            assert word.bottom <= BOTTOM + 14, word


@pytest.mark.parametrize(("name", "case", "script"), EVERY)
def test_no_two_words_overlap(name: str, case: str, script: Script) -> None:
    for page in words(drawn(name, case, script)):
        for number, word in enumerate(page):
            for other in page[number + 1 :]:
                across = min(word.right, other.right) - max(word.left, other.left)
                # Boxes are as high as the line: ascents of one line and descents of the next may touch.
                down = min(word.bottom, other.bottom) - max(word.top, other.top)
                assert across <= 0.3 or down <= 2, (word, other)


@pytest.mark.parametrize(("name", "case", "script"), EVERY)
def test_a_signature_stands_under_the_text_it_signs(name: str, case: str, script: Script) -> None:
    found = [squeezed(text) for text in pages(drawn(name, case, script))]
    for sentence in SIGNED_TEXT[name]:
        (page,) = [text for text in found if squeezed(script.write(sentence)) in text]
        under = page[page.index(squeezed(script.write(sentence))) :]
        assert squeezed(script.write("потпис")) in under
    signed = [text for text in found if squeezed(script.write("својеручни потпис корисника")) in text]
    assert len(signed) <= 1
    assert all(any(squeezed(script.write(s)) in text for s in SIGNED_TEXT[name]) for text in signed)


def test_latin_form_has_no_cyrillic_of_its_own() -> None:
    for name in FORMS:
        text = "".join(pages(drawn(name, "blank", Script.LATIN)))
        assert not [letter for letter in text if "Ѐ" <= letter <= "ӿ"]


@pytest.mark.parametrize(("script", "mark"), [(Script.CYRILLIC, "М.П."), (Script.LATIN, "M.P.")])
def test_agreement_has_the_place_of_the_stamp_over_the_signature(script: Script, mark: str) -> None:
    page = words(drawn("agreement", "filled", script))[-1]
    (stamp,) = [word for word in page if word.text == mark]
    (assistant,) = [word for word in page if word.text == script.write("помоћник")]
    assert assistant.left < (stamp.left + stamp.right) / 2 < assistant.right + 15
    assert 0 < assistant.top - stamp.bottom < 15


def test_agreement_has_its_number_and_day() -> None:
    text = "".join(pages(drawn("agreement", "filled", Script.CYRILLIC)))
    assert "7130-2026-000007" in text
    assert "Ужице, 17.02.2026." in text


def test_copy_is_named_only_where_it_is_known() -> None:
    assert "примерак 2" in pages(render("agreement", replace(FACTS, copy=2)))[0]
    assert "примерак" not in pages(drawn("agreement", "filled", Script.CYRILLIC))[0].split("УГОВОР")[0]


@pytest.mark.parametrize("value", ["a**b**c", "__x__", "--y--", "{nb}", "[z](http://x)", "~~q~~", "a\\b", "a%b#c&<d>"])
def test_signs_in_data_are_only_signs(value: str) -> None:
    facts = replace(FACTS, citizen=replace(LJUBICA, residence=value))
    for name in ("obrazac_1", "agreement"):
        assert value in "".join(pages(render(name, facts)))


def test_decomposed_letters_are_composed() -> None:
    facts = replace(FACTS, citizen=replace(LJUBICA, surname="Škodić"))
    assert "Škodić" in "".join(pages(render("obrazac_1", facts)))


@pytest.mark.parametrize("letter", ["ő", "ű", "ă", "ґ", "漢", "\x00", "\u200b"])
def test_letter_that_the_typeface_lacks_is_named(letter: str) -> None:
    facts = replace(FACTS, citizen=replace(LJUBICA, surname=f"К{letter}к"))
    for name in FORMS:
        with pytest.raises(MissingGlyph) as raised:
            render(name, facts)
        assert raised.value.character == letter
        assert f"U+{ord(letter):04X}" in str(raised.value)
        assert "К" + letter not in str(raised.value)


@pytest.mark.parametrize("name", ["obrazac_1", "obrazac_2", "agreement"])
def test_value_longer_than_a_page_is_refused_not_cut(name: str) -> None:
    facts = replace(FACTS, citizen=replace(LJUBICA, residence="Измишљена улица " * 300))
    with pytest.raises(TooLong, match=name):
        render(name, facts)


LETTERS = "абвгдђежзијклљмнњопрстћуфхцчџшБГДПТЉЊЏčćđšžČĆĐŠŽáéíóöúüabcXYZ0123456789 .,/*_{}()[]~#%&<>\\'"


@settings(max_examples=12, deadline=None)
@given(st.text(LETTERS, max_size=600))
def test_any_residence_is_shown_whole(residence: str) -> None:
    pdf = render("obrazac_1", replace(FACTS, citizen=replace(LJUBICA, residence=residence)))
    assert squeezed(residence) in squeezed("".join(pages(pdf)))
    assert all(word.right <= RIGHT + 0.1 for page in words(pdf) for word in page)


def test_longest_names_take_more_room_not_less() -> None:
    assert len(LONGEST.surname) > 100
    assert len(pages(drawn("obrazac_1", "longest", Script.CYRILLIC))) == 2
    assert len(pages(drawn("obrazac_1", "filled", Script.CYRILLIC))) == 1
