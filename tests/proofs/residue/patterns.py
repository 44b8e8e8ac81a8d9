"""What a PIN may look like in memory and in files, as every kind of program would keep it."""

from __future__ import annotations

import os
import struct

from tests.proofs.residue.memory import mappings, read

PARTS = {"first six": slice(6), "last six": slice(-6, None)}
"""Of eight digits; six may stand somewhere by chance."""
ADDRESS = struct.Struct("<Q")
SMALL_INT = struct.Struct("<qQqI")
"""CPython's `int` of one digit: reference count, type, size, value."""


def written(digits: str) -> dict[str, bytes]:
    """The digits as text in any encoding, as packed decimals, as values, and as arrays of numbers of any width.

    Of wider numbers, which text in UTF-16 and UTF-32 is too, the zeros at both ends are left away: so either byte order
    is found.
    """
    codes, values = digits.encode("ascii"), bytes(int(digit) for digit in digits)
    patterns = {"text": codes, "values": values, **{name: codes[part] for name, part in PARTS.items()}}
    patterns["packed decimals"] = bytes.fromhex(digits.ljust(-(-len(digits) // 2) * 2, "F"))
    for width in (16, 32, 64):
        between = bytes(width // 8 - 1)
        patterns[f"codes of {width} bits"] = between.join(bytes((code,)) for code in codes)
        patterns[f"values of {width} bits"] = between.join(bytes((value,)) for value in values)
    return patterns


def pointed(pid: int, digits: str) -> dict[str, bytes]:
    """The digits as a Python list or tuple of that process: addresses of its one-digit numbers and strings.

    Both are made once in a CPython's life, at the same place of its image, so ours tells where they are. Raises
    `ValueError` where that does not hold: then the scan would not see anything.
    """
    shift = _image(pid) - _image(os.getpid())
    codes = [ord(digit) for digit in digits]
    for code in codes:
        if SMALL_INT.unpack(read(pid, id(code) + shift, SMALL_INT.size))[3] != code:
            raise ValueError("numbers are not where this interpreter has them")
    kinds: dict[str, list[object]] = {
        "list of codes": [*codes],
        "list of values": [int(digit) for digit in digits],
        "list of characters": list(digits),
        "list of bytes": [bytes((code,)) for code in codes],
    }
    # Without the upper bytes of the last one, which all addresses share: searching backwards would stumble over them.
    return {name: b"".join(ADDRESS.pack(id(one) + shift) for one in kind)[:-6] for name, kind in kinds.items()}


def is_our_interpreter(pid: int) -> bool:
    """Whether that process runs the very interpreter that runs us."""
    return os.path.realpath(f"/proc/{pid}/exe") == os.path.realpath("/proc/self/exe")


def _image(pid: int) -> int:
    """Where the image that holds CPython's one-digit numbers begins in that process."""
    holder = _holder()
    return next(one.start for one in mappings(pid, writable=False) if one.name == holder)


def _holder() -> str:
    """The file of that image, the interpreter or its library; the end of it is mapped without a name."""
    holder = ""
    for mapping in mappings(os.getpid(), writable=False):
        if mapping.name.startswith("/"):
            holder = mapping.name
        if mapping.start <= id(0) < mapping.end:
            return holder
    raise ValueError("this interpreter keeps its numbers elsewhere")
