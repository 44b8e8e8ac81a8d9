"""A new PIN that is printed on the card, or simple, is refused with the reason; any other passes; no copy is made."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardware.interface import PinPolicy, PinState
from hardware.jmbg import check_digit
from hardware.local import LocalDevices
from hardware.settings import DeviceSettings
from hardware.training.citizens import CITIZENS
from hardware.weak_pins import GuessableNumbers, _birth_dates, weakness
from tests.hardware.cards import pin_of
from tests.hardware.observers import Citizen, keypad

BORN, DOCUMENT = date(1990, 3, 14), b"990000011"
FIRST = f"{BORN:%d%m}99070511"
JMBG = f"{FIRST}{check_digit(FIRST)}".encode()
KNOWN = GuessableNumbers(
    birth_dates=tuple(_birth_dates(BORN, JMBG.decode())), personal_number=JMBG, document_number=DOCUMENT
)
DAYS = st.dates(min_value=date(1900, 1, 1), max_value=date(2030, 1, 1))
PINS = st.text("0123456789", min_size=4, max_size=8).map(str.encode)


def refused(digits: bytes, known: GuessableNumbers = KNOWN, old: bytes | None = None) -> PinState | None:
    with pin_of(digits) as pin, pin_of(old or b"") as before:
        return weakness(pin, known, before if old else None)


@pytest.mark.parametrize("digits", [b"0000", b"77777777"])
def test_one_digit_repeated(digits: bytes) -> None:
    assert refused(digits) is PinState.ALL_EQUAL


@given(start=st.integers(0, 9), step=st.sampled_from([1, -1]), length=st.integers(4, 8))
def test_runs(start: int, step: int, length: int) -> None:
    assert refused("".join(str((start + step * at) % 10) for at in range(length)).encode()) is PinState.RUN


@given(DAYS)
def test_a_birth_date_as_people_write_it(born: date) -> None:
    known = GuessableNumbers(birth_dates=tuple(_birth_dates(born, "")))
    written = f"{born:%d%m} {born:%m%d} {born:%d%m%y} {born:%y%m%d} {born:%d%m%Y} {born:%Y} {born:%Y%m%d} {born:%m%d%Y}"
    jmbg = f"{born:%d%m}{born.year % 1000:03}"
    for digits in (*written.split(), jmbg):
        assert refused(digits.encode(), known) in (PinState.BIRTH_DATE, PinState.ALL_EQUAL, PinState.RUN), digits


@given(start=st.integers(0, 12), length=st.integers(4, 8))
def test_a_part_of_the_personal_number(start: int, length: int) -> None:
    part = JMBG[start : start + length]
    if len(part) >= 4:
        assert refused(part) in (PinState.PERSONAL_NUMBER, PinState.BIRTH_DATE)
        assert refused(part, GuessableNumbers(personal_number=JMBG)) is PinState.PERSONAL_NUMBER


@given(start=st.integers(0, 8), length=st.integers(4, 8))
def test_a_part_of_the_document_number(start: int, length: int) -> None:
    part = DOCUMENT[start : start + length]
    if len(part) >= 4 and len(set(part)) > 1:
        assert refused(part) is PinState.DOCUMENT_NUMBER


@given(PINS)
def test_the_old_pin(digits: bytes) -> None:
    assert refused(digits, GuessableNumbers(), digits) in (PinState.OLD_PIN, PinState.ALL_EQUAL, PinState.RUN)


@settings(max_examples=300)
@given(PINS, PINS, DAYS)
def test_all_others_pass(digits: bytes, old: bytes, born: date) -> None:
    """Judged by another road: sets of strings, which only a test may make."""
    days = {order.replace(" ", "") for order in f"{born:%d%m|%m%d|%Y|%m%y|%y%m|%m%Y|%Y%m}".split("|")}
    days |= set(f"{born:%d%m%y|%m%d%y|%y%m%d|%d%m%Y|%m%d%Y|%Y%m%d}".split("|"))
    days.add(f"{born:%d%m}{born.year % 1000:03}")
    known = GuessableNumbers(birth_dates=tuple(_birth_dates(born, "")), personal_number=JMBG, document_number=DOCUMENT)
    is_weak = (
        len(set(digits)) == 1
        or any(digits.decode() in run * 2 for run in ("0123456789", "9876543210"))
        or digits in (JMBG[at : at + len(digits)] for at in range(len(JMBG)))
        or digits in (DOCUMENT[at : at + len(digits)] for at in range(len(DOCUMENT)))
        or digits.decode() in days
        or digits == old
    )
    assert (refused(digits, known, old) is not None) is is_weak


def test_a_number_that_is_no_number_refuses_nothing() -> None:
    """Foreigners' cards may carry letters; a card without a date of birth exists too."""
    assert tuple(_birth_dates(None, "AB12")) == (b"",)
    assert refused(b"2846", GuessableNumbers(birth_dates=(b"",))) is None


def test_the_chip_tells_the_numbers_and_the_old_pin_is_refused_on_a_real_change() -> None:
    citizen = CITIZENS["jovana"]
    weak = [citizen.pin, b"14031990", citizen.personal_number[5:10].encode(), citizen.document_number[4:9].encode()]
    with keypad() as (reading, writing):
        devices = LocalDevices(DeviceSettings(pin_fd=reading))
        asked = Citizen(writing, [citizen.pin, *weak, citizen.new_pin, citizen.new_pin])
        devices.open_chip().change_pin(asked, PinPolicy(timeout_s=10))
        devices.close()
    said = [event for event in asked.events if isinstance(event, PinState) and event.value in REASONS]
    assert said == [PinState.OLD_PIN, PinState.BIRTH_DATE, PinState.PERSONAL_NUMBER, PinState.DOCUMENT_NUMBER]


REASONS = {"all_equal", "run", "birth_date", "personal_number", "document_number", "old_pin"}


def copies(matches: Callable[[bytes], int]) -> int:
    """How often the digits stand in this process's writable memory; a forked process looks, or it would see itself."""
    looking = os.fork()
    if looking == 0:
        os._exit(_found_in(Path(f"/proc/{os.getppid()}"), matches))
    return os.waitstatus_to_exitcode(os.waitpid(looking, 0)[1])


def _found_in(process: Path, matches: Callable[[bytes], int]) -> int:
    found = 0
    with open(process / "mem", "rb", buffering=0) as memory:
        for line in (process / "maps").read_text().splitlines():
            span, rights, *_ = line.split()
            if rights.startswith("rw") and "[vvar" not in line:
                first, last = (int(address, 16) for address in span.split("-"))
                found += matches(os.pread(memory.fileno(), last - first, first))
    return found


def test_looking_for_a_weakness_leaves_no_copy() -> None:
    """The digits are made one by one and looked for by their halves, so that the test itself holds no copy."""
    halves = [bytes(secrets.choice(b"0123456789") for _ in range(4)) for _ in range(2)]

    def count(region: bytes) -> int:
        found, at = 0, region.find(halves[0])
        while at >= 0:
            found += region[at + 4 : at + 8] == halves[1]
            at = region.find(halves[0], at + 1)
        return found

    with pin_of(b"2846") as old, pin_of(b"") as pin:
        for half in halves:
            for digit in half:
                pin.append(digit)
        before = copies(count)
        assert before >= 1, "the scan sees the PIN's own buffer"
        weakness(pin, KNOWN, old)
        assert copies(count) == before
        planted = bytes(pin.encode())
        assert copies(count) > before, "the control: a copy is seen"
        del planted
