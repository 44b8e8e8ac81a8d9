from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware import tlv
from hardware.errors import MalformedCardData
from hardware.jmbg import check_digit, has_valid_check_digit

WORKED = bytes.fromhex(
    "0A0609003132333435363738390B06020049440D06080030313031323032350E06080030313031323033350F060400D09CD09F"
)


def test_the_worked_example() -> None:
    fields = tlv.parse(WORKED, "0F02")
    assert len(WORKED) == 0x33
    assert {tag: tlv.text(fields, tag, "0F02") for tag in fields} == {
        1546: "123456789",
        1547: "ID",
        1549: "01012025",
        1550: "01012035",
        1551: "МП",
    }
    assert tlv.encode(fields.items()) == WORKED


def test_trailing_bytes_and_empty_fields_are_tolerated() -> None:
    assert tlv.parse(WORKED + b"\x01\x02\x03", "0F02") == tlv.parse(WORKED, "0F02")
    assert tlv.parse(b"\x0a\x06\x00\x00", "0F02") == {1546: b""}
    assert tlv.text({}, 1546, "0F02") == ""


def test_a_wrong_length_names_the_place_and_nothing_else() -> None:
    with pytest.raises(MalformedCardData) as caught:
        tlv.parse(WORKED[:-1], "0F02")
    assert caught.value.where == "0F02/1551"


def test_text_that_is_not_utf8_names_the_place() -> None:
    with pytest.raises(MalformedCardData) as caught:
        tlv.text({1559: b"\xd0"}, 1559, "0F03")
    assert caught.value.where == "0F03/1559"


@given(st.binary(max_size=400))
def test_any_bytes_are_fields_or_malformed(content: bytes) -> None:
    try:
        fields = tlv.parse(content, "0F03")
    except MalformedCardData:
        return
    assert sum(4 + len(value) for value in fields.values()) <= len(content)


@given(st.dictionaries(st.integers(0, 0xFFFF), st.binary(max_size=60), max_size=12))
def test_fields_survive_their_bytes(fields: dict[int, bytes]) -> None:
    assert tlv.parse(tlv.encode(fields.items()), "0F03") == fields


def test_check_digits() -> None:
    assert has_valid_check_digit("0101100710006")
    assert not has_valid_check_digit("0101100710007")
    assert not has_valid_check_digit("010110071000")
    assert not has_valid_check_digit("01011007100O6")
    assert check_digit("010110071000") == 6
