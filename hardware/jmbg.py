"""The check digit of a personal number (JMBG)."""

from __future__ import annotations

LENGTH = 13
WEIGHTS = (7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)


def check_digit(first_twelve: str) -> int:
    """The thirteenth digit: 11 minus the weighted sum modulo 11, where 10 and 11 become 0."""
    weighted = sum(weight * int(digit) for weight, digit in zip(WEIGHTS, first_twelve, strict=True))
    digit = 11 - weighted % 11
    return digit if digit < 10 else 0


def has_valid_check_digit(number: str) -> bool:
    """True for thirteen digits whose last one agrees. Living people carry wrong ones: warn, never refuse."""
    if len(number) != LENGTH or not (number.isascii() and number.isdigit()):
        return False
    return check_digit(number[:12]) == int(number[12])
