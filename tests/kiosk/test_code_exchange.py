"""Digits read over a telephone: what was misheard is named before anything goes to a card."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.code_exchange import (
    LENGTH,
    AnswerToAnother,
    Misread,
    Question,
    answer_code,
    grouped,
    question_code,
    read_answer,
    read_question,
    wrong_groups,
)

BLOCKS = st.binary(min_size=8, max_size=8)
NUMBERS = st.text("0123456789", min_size=9, max_size=9)
QUESTIONS = st.builds(lambda number, block: Question(card_number=number, challenge=block), NUMBERS, BLOCKS)
ASKED = question_code(Question(card_number="990000077", challenge=bytes(range(8))))


def spoken(code: str) -> str:
    return " - ".join(grouped(code))


@given(QUESTIONS, BLOCKS)
def test_what_is_said_is_heard(question: Question, response: bytes) -> None:
    code = question_code(question)
    assert len(code) == LENGTH
    assert read_question(spoken(code)) == question
    answer = answer_code(code, response)
    assert len(answer) == LENGTH
    assert read_answer(code, spoken(answer)) == response
    assert wrong_groups(answer) == ()


@given(BLOCKS, st.integers(0, LENGTH - 1), st.integers(1, 9))
def test_one_wrong_digit_names_its_group(response: bytes, at: int, off: int) -> None:
    answer = answer_code(ASKED, response)
    wrong = answer[:at] + str((int(answer[at]) + off) % 10) + answer[at + 1 :]
    with pytest.raises(Misread) as caught:
        read_answer(ASKED, wrong)
    assert caught.value.groups == (at // 4 + 1,)


@given(BLOCKS, st.integers(0, LENGTH - 2))
def test_two_neighbours_swapped_in_a_group_name_it(response: bytes, at: int) -> None:
    answer = answer_code(ASKED, response)
    swapped = answer[:at] + answer[at + 1] + answer[at] + answer[at + 2 :]
    if swapped != answer:
        with pytest.raises(Misread) as caught:
            read_answer(ASKED, swapped)
        assert at // 4 + 1 in caught.value.groups


@given(BLOCKS, st.integers(0, 7), st.integers(0, 7))
def test_two_groups_in_each_others_places_are_both_named(response: bytes, one: int, other: int) -> None:
    groups = list(grouped(answer_code(ASKED, response)))
    if groups[one][:3] == groups[other][:3]:
        return
    groups[one], groups[other] = groups[other], groups[one]
    with pytest.raises(Misread) as caught:
        read_answer(ASKED, "".join(groups))
    assert set(caught.value.groups) == {one + 1, other + 1}


@given(QUESTIONS, st.integers(0, LENGTH - 1), st.integers(1, 9))
def test_the_centre_notices_a_wrong_digit_too(question: Question, at: int, off: int) -> None:
    code = question_code(question)
    with pytest.raises(Misread):
        read_question(code[:at] + str((int(code[at]) + off) % 10) + code[at + 1 :])


def test_an_answer_to_another_question() -> None:
    other = question_code(Question(card_number="990000011", challenge=bytes(range(8))))
    assert other[-2:] != ASKED[-2:]
    with pytest.raises(AnswerToAnother):
        read_answer(ASKED, answer_code(other, bytes(8)))


@pytest.mark.parametrize(
    "digits", ["", "1234", answer_code(ASKED, bytes(8))[:-4], answer_code(ASKED, bytes(8)) + "0000"]
)
def test_an_answer_that_is_not_whole(digits: str) -> None:
    with pytest.raises(Misread):
        read_answer(ASKED, digits)


def test_a_known_question() -> None:
    """By hand: 1, 990000077, 0x0001020304050607 = 283686952306183; 98 - n·100 mod 97 = the last two."""
    assert ASKED[:-2] == "1" + "990000077" + "00000283686952306183"
    assert int(ASKED) % 97 == 1


@pytest.mark.parametrize("number", ["99000007", "99000007A", "٩٩٠٠٠٠٠٧٧"])
def test_a_card_whose_number_is_no_number(number: str) -> None:
    with pytest.raises(ValueError, match="nine digits"):
        question_code(Question(card_number=number, challenge=bytes(8)))
