"""Which new PINs are refused, and why: what somebody who found the card and its envelope would try first.

The PIN is looked at where it stands, digit by digit (`Pin.is_part_of`): nothing here makes or keeps a copy of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from hardware.interface import Identity, PinState
from hardware.pin import Pin, ProtectedPath

DATE_ORDERS = (
    *("%d%m", "%m%d", "%Y", "%m%y", "%y%m", "%m%Y", "%Y%m"),
    *("%d%m%y", "%m%d%y", "%y%m%d", "%d%m%Y", "%m%d%Y", "%Y%m%d"),
)
"""How a day is written as four to eight digits (strftime)."""
BIRTH_IN_JMBG = 7
"""A JMBG begins with the day of birth as DDMMGGG: the year without its first digit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GuessableNumbers:
    """What is printed on a card or stands in its chip, as ASCII digits; none of it is a secret."""

    birth_dates: tuple[bytes, ...] = ()
    """The day of birth in every order of `DATE_ORDERS`, and as a JMBG has it."""
    personal_number: bytes = b""
    document_number: bytes = b""

    @classmethod
    def of(cls, identity: Identity) -> GuessableNumbers:
        """Those of the card that was read."""
        holder = identity.holder
        return cls(
            birth_dates=tuple(_birth_dates(holder.date_of_birth, holder.personal_number)),
            personal_number=_digits(holder.personal_number),
            document_number=_digits(identity.document.document_number),
        )


def weakness(pin: Pin, known: GuessableNumbers, old: Pin | ProtectedPath | None = None) -> PinState | None:
    """Why this new PIN is refused; `None` when it may be used. `old` is the PIN it replaces, where it was entered.

    A PIN is refused that is a part of a number, not one that only has a part in common with it.
    """
    if pin.is_all_equal():
        return PinState.ALL_EQUAL
    if pin.is_run():
        return PinState.RUN
    if isinstance(old, Pin) and pin.equals(old):
        return PinState.OLD_PIN
    return _found_in(pin, known)


def _found_in(pin: Pin, known: GuessableNumbers) -> PinState | None:
    if any(len(pin) == len(day) and pin.is_part_of(day) for day in known.birth_dates):
        return PinState.BIRTH_DATE
    if pin.is_part_of(known.personal_number):
        return PinState.PERSONAL_NUMBER
    return PinState.DOCUMENT_NUMBER if pin.is_part_of(known.document_number) else None


def _birth_dates(born: date | None, personal_number: str) -> Iterator[bytes]:
    if born is not None:
        # Not by strftime: years before 1000 come out with fewer digits on some systems.
        year = f"{born.year:04}"
        words = {"%d": f"{born.day:02}", "%m": f"{born.month:02}", "%Y": year, "%y": year[2:]}
        for order in DATE_ORDERS:
            yield "".join(words[order[at : at + 2]] for at in range(0, len(order), 2)).encode()
        yield f"{born.day:02}{born.month:02}{year[1:]}".encode()
    yield _digits(personal_number[:BIRTH_IN_JMBG])


def _digits(number: str) -> bytes:
    return number.encode() if number.isascii() and number.isdigit() else b""
