"""The profile's own rules: golden bytes, dates, shortened names, refused data."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st

from kiosk.ca import der
from kiosk.ca.interface import Profile
from kiosk.ca.practice import TEST_PRACTICE
from kiosk.ca.profile import end_of_validity
from kiosk.ca.qc_statements import qc_statements
from kiosk.ca.subject import UnusableSubject, common_name, subject_name
from tests.ca.citizens import CYRILLIC, LONG, LONGEST, ONE_NAME

# Read against EN 319 412-5 statement by statement, and against `openssl asn1parse`.
GOLDEN_QC_STATEMENTS = bytes.fromhex(
    "3081c3301506082b06010505070b023009060704008bec4901013008060604008e460101300b060604008e46010302010a30"
    "08060604008e4601043074060604008e460105306a3033162d68747470733a2f2f746573742d617574686f726974792e6578"
    "616d706c652e636f6d2f7064732d656e2e7064661302656e3033162d68747470733a2f2f746573742d617574686f72697479"
    "2e6578616d706c652e636f6d2f7064732d73722e706466130273723013060604008e4601063009060704008e46010601"
)


def test_qc_statements_are_these_bytes() -> None:
    assert qc_statements(retention_years=10, disclosure=TEST_PRACTICE.disclosure) == GOLDEN_QC_STATEMENTS


@pytest.mark.parametrize(
    ("encoded", "expected"),
    [
        (der.integer(0), "020100"),
        (der.integer(127), "02017f"),
        (der.integer(128), "02020080"),
        (der.integer(256), "02020100"),
        (der.oid("2.5.4.3"), "0603550403"),
        (der.oid("1.3.6.1.4.1.32473.1.1"), "060a2b0601040181fd590101"),
        (der.utf8_string("Ж"), "0c02d096"),
        (der.printable_string("RS"), "13025253"),
        (der.ia5_string("a@b"), "1603614062"),
        (der.set_of_one(der.integer(1)), "3103020101"),
        (der.tlv(0x04, b"\0" * 127)[:2], "047f"),
        (der.tlv(0x04, b"\0" * 128)[:3], "048180"),
        (der.tlv(0x04, b"\0" * 256)[:4], "04820100"),
    ],
)
def test_der_is_the_shortest(encoded: bytes, expected: str) -> None:
    assert encoded.hex() == expected


@given(st.lists(st.integers(0, 2**40), min_size=1, max_size=8))
def test_object_identifiers_agree_with_the_library(arcs: list[int]) -> None:
    dotted = ".".join(map(str, (1, 3, *arcs)))
    name = der.sequence(der.set_of_one(der.sequence(der.oid(dotted), der.utf8_string("x"))))
    [attribute] = x509.Name.from_bytes(name)
    assert attribute.oid.dotted_string == dotted


@pytest.mark.parametrize(
    ("begin", "years", "end"),
    [
        ("2026-11-24T10:30:15", 5, "2031-11-24T10:30:14"),
        ("2028-02-29T12:00:00", 5, "2033-02-28T11:59:59"),
        ("2028-02-29T12:00:00", 4, "2032-02-29T11:59:59"),
        ("2028-02-29T00:00:00", 5, "2033-02-27T23:59:59"),
        ("2027-03-01T00:00:00", 5, "2032-02-29T23:59:59"),
    ],
)
def test_validity_never_outlasts_its_years(begin: str, years: int, end: str) -> None:
    not_before = datetime.fromisoformat(begin).replace(tzinfo=UTC)
    assert end_of_validity(not_before, years) == datetime.fromisoformat(end).replace(tzinfo=UTC)


def test_a_common_name_is_shortened_only_as_far_as_needed() -> None:
    assert common_name(CYRILLIC, Profile.SIGNATURE) == "ПЕТРОВИЋ ПЕТАР 000000001 Sign"
    assert common_name(LONG, Profile.AUTHENTICATION) == "ПЕТРОВИЋ-СТОЈАНОВИЋ АЛЕКСАНДРА 000000003 Auth"
    initials = replace(LONG, given_name="АЛЕКСАНДРА МАРИЈА ЈЕЛЕНА КАТАРИНА")
    assert common_name(initials, Profile.SIGNATURE) == "ПЕТРОВИЋ-СТОЈАНОВИЋ А. М. Ј. К. 000000003 Sign"
    cut = common_name(LONGEST, Profile.SIGNATURE)
    assert cut == "ХАЏИ-ПОПОВИЋ СТОЈАНОВИЋ-КАРАЂОРЂЕВИЋ МИЛОСАВЉЕ А. 000000004 Sign"
    assert len(cut) == 64
    many = replace(CYRILLIC, given_name=" ".join("АБВГДЂЕЖЗИЈКЛЉМНЊОПРСТ"))
    assert common_name(many, Profile.SIGNATURE) == "ПЕТРОВИЋ А. 000000001 Sign"
    assert common_name(ONE_NAME, Profile.SIGNATURE) == "EXAMPLE 000000006 Sign"


@given(st.text(alphabet="ЖĐx -", min_size=1, max_size=120), st.text(alphabet="Ћü -", max_size=120))
def test_a_common_name_always_fits_and_ends_with_number_and_role(surname: str, given_name: str) -> None:
    subject = replace(CYRILLIC, surname=surname.strip() or "Ж", given_name=given_name.strip())
    name = common_name(subject, Profile.SIGNATURE)
    assert len(name) <= 64
    assert name.endswith(" 000000001 Sign")
    subject_name(subject, Profile.SIGNATURE)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("country", "rs"),
        ("country", "SRB"),
        ("personal_number", "010199071000"),
        ("personal_number", "٠١٠١٩٩٠٧١٠٠٠٦"),
        ("personal_number", "0101990710006\n"),
        ("document_number", "00000001"),
        ("surname", "ПЕТРОВИЋ\n"),
        ("surname", "ПЕТ\0РОВИЋ"),
        ("given_name", " ПЕТАР"),
        ("given_name", "\ud800"),
    ],
)
def test_data_that_cannot_be_a_subject_is_named_but_not_shown(field: str, value: str) -> None:
    with pytest.raises(UnusableSubject) as caught:
        subject_name(replace(CYRILLIC, **{field: value}), Profile.SIGNATURE)
    assert caught.value.field == field
    assert value not in str(caught.value)


def test_somebody_without_any_name_cannot_be_a_subject() -> None:
    with pytest.raises(UnusableSubject, match="name"):
        subject_name(replace(CYRILLIC, surname="", given_name=""), Profile.SIGNATURE)
