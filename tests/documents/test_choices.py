"""What is circled, and the code on each page, as they come out of the printer."""

from dataclasses import fields, replace

import pytest
import segno

from kiosk.documents import FORMS, FormFacts, Script, qr, render
from kiosk.documents.facts import StatusFacts
from kiosk.documents.letterhead import CODE_SIDE, TOP
from kiosk.documents.page import RIGHT
from tests.documents.invented import CASES, EVERY, FACTS, LJUBICA, drawn
from tests.documents.reading import Word, is_dark, picture, words


def word_on(pdf: bytes, text: str) -> Word:
    return next(word for word in words(pdf)[0] if word.text == text)


def is_circled(facts: FormFacts, form: str, text: str) -> bool:
    """A closed ring round the word: from its middle to every side the paper is dark before the next word."""
    pdf = render(form, facts)
    word = word_on(pdf, text)
    image = picture(pdf)
    x, y = (word.left + word.right) / 2, (word.top + word.bottom) / 2
    sides = [(-1, 0), (1, 0), (0, -1), (0, 1)]
    start = {side: (word.right - word.left) / 2 + 0.3 if side[0] else 2.2 for side in sides}

    def crosses(side: tuple[int, int]) -> bool:
        steps = [start[side] + 0.1 * n for n in range(35)]
        return any(is_dark(image, x + side[0] * step, y + side[1] * step) for step in steps)

    return all(map(crosses, sides))


@pytest.mark.parametrize("form", ["obrazac_1", "obrazac_2"])
@pytest.mark.parametrize(("option", "circled"), [(1, ["1."]), (2, ["2."]), (None, [])])
def test_chosen_number_is_circled_and_no_other(form: str, option: int | None, circled: list[str]) -> None:
    facts = replace(FACTS, option=option)
    assert [number for number in ("1.", "2.") if is_circled(facts, form, number)] == circled


@pytest.mark.parametrize(
    ("email", "circled"), [("ljubica@example.rs", ["ДА"]), ("", ["НЕ"]), (None, [])], ids=["asked", "refused", "open"]
)
def test_email_wish_is_circled(email: str | None, circled: list[str]) -> None:
    facts = replace(FACTS, email=email)
    assert [answer for answer in ("ДА", "НЕ") if _in_ring(facts, answer)] == circled


@pytest.mark.parametrize("number", [1, 2, 3])
def test_the_wish_for_a_status_is_circled(number: int) -> None:
    facts = replace(FACTS, option=number)
    circled = [text for text in ("1.", "2.", "3.") if is_circled(facts, "obrazac_3", text)]
    assert circled == [f"{number}."]


def test_what_the_numbers_of_obrazac_3_mean_is_a_setting_and_the_slip_says_what_was_done() -> None:
    facts = replace(FACTS, option=None, status_options=("revoke", "release", "hold"))
    lines = {word.text: round(word.top) for word in words(render("obrazac_3", facts))[0]}
    assert lines["3."] == lines["Суспензија"]
    status = StatusFacts(
        action="hold", serials=("4f00ab", "4f00ac"), received="02.03.2026. 09:42", in_effect="02.03.2026. 09:44"
    )
    slip = replace(FACTS, status=status)
    text = " ".join(word.text for word in words(render("status_confirmation", slip))[0])
    assert all(value in text for value in ("4f00ab", "4f00ac", "02.03.2026. 09:44"))
    assert [n for n in ("1.", "2.", "3.") if is_circled(slip, "status_confirmation", n)] == ["2."]


def _in_ring(facts: FormFacts, answer: str) -> bool:
    """The boxes' lines are above and below every answer; only a ring is also left and right of it."""
    pdf = render("obrazac_1", facts)
    word, image = word_on(pdf, answer), picture(pdf)
    middle = (word.top + word.bottom) / 2
    steps = [0.5 + 0.1 * n for n in range(40)]
    left = any(is_dark(image, word.left - step, middle) for step in steps)
    right = any(is_dark(image, word.right + step, middle) for step in steps)
    return left and right


@pytest.mark.parametrize(("name", "case", "script"), [e for e in EVERY if e[1] != "longest"])
def test_printed_code_is_the_code_of_its_page(name: str, case: str, script: Script) -> None:
    pdf = drawn(name, case, script)
    facts = CASES[case]
    for number in range(1, len(words(pdf)) + 1):
        text = qr.payload(code=FORMS[name].code, copy=0, page=number, case_number=facts.case_number)
        expected = [bytes(row) for row in segno.make(text, error="q", micro=False, boost_error=False).matrix]
        image = picture(pdf, number)
        module = CODE_SIDE / len(expected)
        for y, row in enumerate(expected):
            for x, dark in enumerate(row):
                at = (RIGHT - CODE_SIDE + (x + 0.5) * module, TOP + (y + 0.5) * module)
                assert is_dark(image, *at) == bool(dark), (x, y)


def test_code_says_form_copy_page_case() -> None:
    assert qr.payload(code="UG", copy=2, page=1, case_number="2026-000019") == "K1:UG:2:1:2026-000019"
    assert qr.payload(code="O1", copy=0, page=1, case_number="") == "K1:O1:0:1:BLANK"


@pytest.mark.parametrize("name", FORMS)
def test_code_holds_no_personal_data(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    real = qr.bars

    def listening(text: str) -> tuple[int, list[tuple[int, int, int]]]:
        seen.append(text)
        return real(text)

    monkeypatch.setattr(qr, "bars", listening)
    render(name, FACTS)
    assert seen
    for field in fields(LJUBICA):
        assert not any(str(getattr(LJUBICA, field.name)) in text for text in seen)


def test_code_is_small_enough_for_an_office_scanner() -> None:
    side, _ = qr.bars("K1:UG:2:12:2026-000019")
    assert side == 25
    with pytest.raises(ValueError, match="alphanumeric"):
        qr.bars("K1:Ђ")
