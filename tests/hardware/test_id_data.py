from __future__ import annotations

import io
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from hardware.errors import CardError, CardFault, MalformedCardData, WrongCard
from hardware.id_data import EVERY_FILE, IdDataSession
from hardware.interface import Authenticity, DocumentType
from hardware.training.citizens import CITIZENS
from hardware.training.data_files import container
from hardware.training.faults import FaultyCard
from tests.hardware.cards import NOBODY, TEST_LIST, TODAY, Meter, card_of, transmit_to

READABLE = [key for key, citizen in CITIZENS.items() if not citizen.is_apollo]


@pytest.mark.parametrize("key", READABLE)
def test_every_citizen_reads_fully(key: str) -> None:
    citizen = CITIZENS[key]
    identity = IdDataSession(Meter(card_of(key))).read_identity(TEST_LIST)
    assert identity.authenticity is Authenticity.AUTHENTIC
    assert identity.document.document_type is citizen.document_type
    assert identity.document.document_number == citizen.document_number
    assert identity.document.expiry_date == citizen.expiry(TODAY)
    assert (identity.holder.surname, identity.holder.given_name) == (citizen.surname, citizen.given_name)
    assert identity.holder.personal_number == citizen.personal_number
    assert identity.holder.date_of_birth == citizen.born
    assert identity.residence.street == citizen.street
    assert (identity.document.expiry_date < TODAY) is (key == "istekla")


def test_the_portrait_is_a_picture_also_when_read_alone() -> None:
    picture = IdDataSession(Meter(card_of("jovana"))).read_portrait()
    with Image.open(io.BytesIO(picture)) as image:
        image.load()
        assert (image.format, image.size) == ("JPEG", (240, 320))
    assert len(picture) <= 7700


def test_a_card_without_the_applet_is_the_wrong_card() -> None:
    with pytest.raises(WrongCard) as caught:
        IdDataSession(Meter(card_of("apolo"))).read_identity(NOBODY)
    assert caught.value.reason == "no_data_applet"


def test_another_applet_between_identity_and_portrait_does_no_harm() -> None:
    card = card_of("jovana")
    session = IdDataSession(Meter(card))
    session.read_identity(NOBODY)
    card.transmit(bytes.fromhex("00A404000CA000000063504B43532D3135"))
    assert session.read_portrait().startswith(b"\xff\xd8\xff")


def test_an_applet_lost_between_two_readings_is_selected_again() -> None:
    card = card_of("jovana")
    meter = Meter(card)
    session = IdDataSession(meter)
    shown = session.read_unverified()
    card.transmit(bytes.fromhex("00A404000CA000000063504B43532D3135"))
    before = len(meter.commands)
    identity = session.read_identity(TEST_LIST)
    assert (identity.document, identity.holder) == (shown.document, shown.holder)
    assert identity.authenticity is Authenticity.AUTHENTIC
    assert [command[2] for command in meter.commands[before : before + 3]] == [0x08, 0x04, 0x08]


def test_a_card_that_gives_byte_by_byte_is_not_listened_to_for_ever() -> None:
    card = card_of("jovana")
    sent = 0

    def transmit(command: bytes | bytearray) -> bytes:
        nonlocal sent
        sent += 1
        is_read = command[:2] == b"\x00\xb0"
        return card.transmit(bytes(command[:4]) + b"\x01" if is_read else bytes(command))

    with pytest.raises(MalformedCardData):
        IdDataSession(transmit).read_identity(NOBODY)
    assert sent < 20


def with_files(changed: dict[int, bytes]) -> IdDataSession:
    card = card_of("jovana")
    card.data_files.update(changed)
    return IdDataSession(Meter(card))


def fields_without(file_id: int, tag: int, value: bytes | None) -> bytes:
    """The file with one field replaced, or left out."""
    from hardware import tlv

    fields = tlv.parse(card_of("jovana").data_files[file_id][4:], "")
    fields.pop(tag, None)
    if value is not None:
        fields[tag] = value
    return container(file_id, tlv.encode(sorted(fields.items())))


@pytest.mark.parametrize(
    ("file_id", "tag", "value"),
    [
        (0x0F02, 1546, b"12345678"),
        (0x0F02, 1546, None),
        (0x0F02, 1547, b"XX"),
        (0x0F02, 1550, b"31022030"),
        (0x0F02, 1550, b"2030"),
        (0x0F02, 1551, b"\xff"),
        (0x0F03, 1558, "١٢٣".encode()),
        (0x0F03, 1566, b"00000000"),
        (0x0F04, 1571, b"\xd0"),
    ],
)
def test_a_bad_field_is_named(file_id: int, tag: int, value: bytes | None) -> None:
    with pytest.raises(MalformedCardData) as caught:
        with_files({file_id: fields_without(file_id, tag, value)}).read_identity(NOBODY)
    assert caught.value.where == f"{file_id:04X}/{tag}"


def test_missing_optional_fields_are_empty() -> None:
    changed = {0x0F03: fields_without(0x0F03, 1561, None), 0x0F04: container(0x0F04, b"")}
    identity = with_files(changed).read_identity(TEST_LIST)
    assert identity.holder.parent_given_name == ""
    assert identity.residence.line() == ""
    assert identity.authenticity is Authenticity.ALTERED


def test_without_tag_1547_the_applet_tells_the_type() -> None:
    identity = with_files({0x0F02: fields_without(0x0F02, 1547, None)}).read_identity(NOBODY)
    assert identity.document.document_type is DocumentType.IDENTITY_CARD


def test_padding_behind_the_content_is_not_signed() -> None:
    padded = {file_id: content + bytes(64) for file_id, content in card_of("jovana").data_files.items()}
    assert with_files(padded).read_identity(TEST_LIST).authenticity is Authenticity.AUTHENTIC


@pytest.mark.parametrize("file_id", [0x0F03, 0x0F04, 0x0F06])
def test_a_missing_file_is_named(file_id: int) -> None:
    card = card_of("jovana")
    del card.data_files[file_id]
    with pytest.raises(MalformedCardData) as caught:
        IdDataSession(Meter(card)).read_identity(NOBODY)
    assert caught.value.where == f"{file_id:04X}"


@pytest.mark.parametrize("file_id", EVERY_FILE)
@pytest.mark.parametrize("kind", ["truncate", "endless"])
def test_a_spoilt_file_is_a_named_error(file_id: int, kind: str) -> None:
    card = FaultyCard(card_of("jovana"), f"{kind}:{file_id:04X}")
    with pytest.raises((MalformedCardData, CardFault)):
        IdDataSession(transmit_to(card)).read_identity(NOBODY)


def test_a_wrong_field_length_is_named() -> None:
    card = FaultyCard(card_of("jovana"), "badlen:0F02")
    with pytest.raises(MalformedCardData) as caught:
        IdDataSession(transmit_to(card)).read_identity(NOBODY)
    assert caught.value.where == "0F02/1545"


@pytest.mark.parametrize("fault", ["garbage", "mute", "sw6F00", "sw6282", "sw9000", "sw6A82"])
def test_a_wrong_answer_at_any_read_is_a_named_error_or_harmless(fault: str) -> None:
    for number in range(1, 53):
        card = FaultyCard(card_of("jovana"), f"{fault}@{number}")
        session = IdDataSession(transmit_to(card))
        try:
            identity = session.read_identity(TEST_LIST)
        except (CardError, WrongCard):
            continue
        assert fault == "sw6A82" or identity.authenticity is Authenticity.AUTHENTIC


@pytest.mark.parametrize("hint", ["", "0F02", "0F020000", "0F020003", "0F020010", "0F027FFF", "0F02FFFF"])
def test_a_missing_or_wrong_size_hint_does_no_harm(hint: str) -> None:
    card = card_of("jovana")

    def transmit(command: bytes | bytearray) -> bytes:
        answer = card.transmit(bytes(command))
        return bytes.fromhex(hint) + answer[-2:] if command[:3] == b"\x00\xa4\x08" else answer

    identity = IdDataSession(transmit).read_identity(TEST_LIST)
    assert identity.authenticity is Authenticity.AUTHENTIC


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(EVERY_FILE), st.binary(max_size=300))
def test_any_file_content_is_an_identity_or_a_named_error(file_id: int, content: bytes) -> None:
    try:
        identity = with_files({file_id: container(file_id, content)}).read_identity(TEST_LIST)
    except (MalformedCardData, CardFault):
        return
    assert identity.authenticity in (Authenticity.ALTERED, Authenticity.UNSIGNED)


def test_dates_never_run_out() -> None:
    assert CITIZENS["jovana"].expiry(date(2090, 1, 1)) > date(2098, 1, 1)
