"""A card's unblock challenge and its answer as digits that people read to each other: our own format, not a ministry's.

Question: `1`, the card's number (9), the challenge (20), two check digits over the whole (ISO 7064 MOD 97-10).
Answer: the question's check digits, the response (20), two check digits over the whole; then a check digit is put
behind each three of them, so that a group that was heard or typed wrongly is known by its number. Groups are of four.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

GROUP = 4
LENGTH = 32
"""Digits of a question and of an answer: eight groups."""
CARD_DIGITS, BLOCK_DIGITS = 9, 20
BLOCK_BYTES = 8
QUESTION_MARK = "1"
DAMM = (
    *((0, 3, 1, 7, 5, 9, 8, 6, 4, 2), (7, 0, 9, 2, 1, 5, 4, 8, 6, 3), (4, 2, 0, 6, 8, 7, 1, 3, 5, 9)),
    *((1, 7, 5, 0, 9, 8, 3, 4, 2, 6), (6, 1, 2, 3, 0, 4, 5, 9, 7, 8), (3, 6, 7, 4, 2, 0, 9, 5, 8, 1)),
    *((5, 8, 6, 9, 7, 2, 0, 1, 3, 4), (8, 9, 4, 5, 3, 6, 2, 0, 1, 7), (9, 4, 3, 8, 6, 1, 7, 2, 0, 5)),
    (2, 5, 8, 1, 4, 3, 6, 7, 9, 0),
)
"""Damm's quasigroup (2004): finds each wrong digit and each swap of neighbours, which ISO 7064's one digit does not."""


class Misread(Exception):
    """Digits that do not agree with their check digits. `groups`: the wrong ones, from 1; empty if nobody can tell."""

    def __init__(self, groups: Sequence[int] = ()) -> None:
        super().__init__(f"groups {', '.join(map(str, groups))}" if groups else "the digits do not agree")
        self.groups = tuple(groups)


class AnswerToAnother(Exception):
    """An answer that was read well, but belongs to another question."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What the centre is asked."""

    card_number: str
    """Nine digits, as printed."""
    challenge: bytes
    """Eight bytes."""


def question_code(question: Question) -> str:
    """The question as 32 digits. Raises `ValueError` for a card whose number is not nine digits."""
    number = question.card_number
    if len(number) != CARD_DIGITS or not (number.isascii() and number.isdigit()):
        raise ValueError("the card's number is not nine digits")
    return _with_check(f"{QUESTION_MARK}{number}{_block_digits(question.challenge)}")


def read_question(digits: str) -> Question:
    """The question in these digits; anything but a digit is left out. Raises `Misread`."""
    code = only_digits(digits)
    if len(code) != LENGTH or code[0] != QUESTION_MARK or not _agrees(code):
        raise Misread
    return Question(card_number=code[1 : 1 + CARD_DIGITS], challenge=_block(code[1 + CARD_DIGITS : -2]))


def answer_code(question: str, response: bytes) -> str:
    """The answer to that question code, as 32 digits."""
    code = _with_check(only_digits(question)[-2:] + _block_digits(response))
    threes = [code[at : at + GROUP - 1] for at in range(0, len(code), GROUP - 1)]
    return "".join(f"{three}{_group_check(number, three)}" for number, three in enumerate(threes))


def read_answer(question: str, digits: str) -> bytes:
    """The response in these digits. Raises `Misread`, `AnswerToAnother`; then nothing may go to a card."""
    answer = only_digits(digits)
    if wrong := wrong_groups(answer):
        raise Misread(wrong)
    code = "".join(group[:-1] for group in grouped(answer))
    if len(answer) != LENGTH or not _agrees(code):
        raise Misread
    if code[:2] != only_digits(question)[-2:]:
        raise AnswerToAnother
    return _block(code[2:-2])


def wrong_groups(answer: str) -> tuple[int, ...]:
    """Which of the groups that are there, whole, are wrong; counted from 1."""
    whole = [group for group in grouped(answer) if len(group) == GROUP]
    return tuple(n for n, group in enumerate(whole, start=1) if _group_check(n - 1, group[:-1]) != group[-1])


def grouped(digits: str) -> tuple[str, ...]:
    """The digits in groups of four; the last may be shorter."""
    return tuple(digits[at : at + GROUP] for at in range(0, len(digits), GROUP))


def only_digits(text: str) -> str:
    """What is left without blanks and dashes."""
    return "".join(character for character in text if character in "0123456789")


def _block_digits(block: bytes) -> str:
    if len(block) != BLOCK_BYTES:
        raise ValueError("a challenge and its answer are eight bytes")
    return f"{int.from_bytes(block, 'big'):0{BLOCK_DIGITS}}"


def _block(digits: str) -> bytes:
    try:
        return int(digits).to_bytes(BLOCK_BYTES, "big")
    except OverflowError:
        raise Misread from None


def _with_check(digits: str) -> str:
    """ISO 7064 MOD 97-10: the whole leaves 1 when divided by 97."""
    return f"{digits}{98 - int(digits) * 100 % 97:02}"


def _agrees(code: str) -> bool:
    return code.isdigit() and int(code) % 97 == 1


def _group_check(number: int, three: str) -> str:
    """Its place goes into the check digit, so that two groups in each other's places are both wrong."""
    interim = 0
    for digit in f"{number}{three}":
        interim = DAMM[interim][int(digit)]
    return str(interim)
