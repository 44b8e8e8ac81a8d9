"""The head of the journal as people write it down: how many rows, and eighty bits of their root.

`481-7QKM-2X9D-HT4V-0A3P`. Printed on what leaves the office, it finds an archive that was put back to an older state:
no row can be taken from under it, nor any of those rows be another one, without the code being untrue.
"""

from __future__ import annotations

import re

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's: no I, L, O or U, so that nothing is misread."""
CODE_BYTES = 10
LOOK_ALIKES = str.maketrans("OIL", "011")


class BadCode(ValueError):
    """What was typed is no head code."""


def head_code(size: int, root: bytes) -> str:
    """The code of a journal of `size` rows with this Merkle root."""
    number = int.from_bytes(root[:CODE_BYTES], "big")
    letters = "".join(ALPHABET[number >> shift & 31] for shift in range(75, -1, -5))
    return "-".join([str(size), *(letters[i : i + 4] for i in range(0, 16, 4))])


def parse(code: str) -> tuple[int, bytes]:
    """Rows, and the first ten bytes of their root. Takes small letters and look-alikes. Raises `BadCode`."""
    size, _, typed = re.sub(r"\s", "", code).partition("-")
    letters = typed.upper().replace("-", "").translate(LOOK_ALIKES)
    if not size.isdecimal() or len(letters) != 16 or not set(letters) <= set(ALPHABET):
        raise BadCode(code)
    number = 0
    for letter in letters:
        number = number << 5 | ALPHABET.index(letter)
    return int(size), number.to_bytes(CODE_BYTES, "big")
