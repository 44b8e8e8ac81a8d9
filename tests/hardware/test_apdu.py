from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.apdu import Command, Response, exchange, transmit_and_wipe
from hardware.errors import CardFault, MalformedCardData

octets = st.integers(0, 255)
commands = st.builds(Command, octets, octets, octets, octets, st.binary(max_size=255), st.none() | st.integers(1, 256))


@given(commands)
def test_every_command_survives_its_bytes(command: Command) -> None:
    assert Command.decode(command.encode()) == command


@given(st.binary(max_size=300))
def test_any_bytes_are_a_command_or_a_value_error(raw: bytes) -> None:
    try:
        command = Command.decode(raw)
    except ValueError:
        return
    assert command.encode() == raw


def test_the_four_cases() -> None:
    assert Command(0x00, 0xE4, 0, 0).encode().hex() == "00e40000"
    assert Command(0x00, 0xB0, 1, 2, b"", 256).encode().hex() == "00b0010200"
    assert Command(0x00, 0xA4, 0, 0, b"\x70\x00").encode().hex() == "00a40000027000"
    assert Command(0x00, 0xA4, 8, 0, b"\x0f\x02", 4).encode().hex() == "00a40800020f0204"


def test_too_long_is_refused() -> None:
    for command in (Command(0, 0, 0, 0, bytes(256)), Command(0, 0, 0, 0, b"", 257), Command(0, 0, 0, 0, b"", 0)):
        with pytest.raises(ValueError, match="too long"):
            command.encode()


def test_repr_shows_no_data() -> None:
    assert "31" not in repr(Command(0x00, 0x20, 0x00, 0x80, b"\x31" * 8))
    assert "31" not in repr(Response(b"\x31" * 8, 0x9000)).replace("9000", "")


def test_t0_answers_are_collected() -> None:
    answers = iter((b"\x6c\x03", b"ab\x61\x02", b"cd\x90\x00"))
    sent: list[bytes] = []

    def transmit(command: bytes | bytearray) -> bytes:
        sent.append(bytes(command))
        return next(answers)

    response = exchange(transmit, Command(0x00, 0xB0, 0, 0, b"", 4))
    assert (response.data, response.sw) == (b"abcd", 0x9000)
    assert [command.hex() for command in sent] == ["00b0000004", "00b0000003", "00c0000002"]


def test_a_card_that_promises_for_ever_is_a_fault() -> None:
    with pytest.raises(CardFault):
        exchange(lambda command: b"\x61\x00", Command(0x00, 0xB0, 0, 0, b"", 4))


@pytest.mark.parametrize("answer", [b"", b"\x90"])
def test_no_status_word_is_malformed(answer: bytes) -> None:
    with pytest.raises(MalformedCardData):
        exchange(lambda command: answer, Command(0x00, 0xB0, 0, 0, b"", 4))


def test_a_secret_command_is_wiped_even_when_the_reader_fails() -> None:
    buffer = bytearray(b"\x00\x20\x00\x80\x04\x31\x32\x33\x34")

    def broken(command: bytes | bytearray) -> bytes:
        raise OSError("reader")

    with pytest.raises(OSError, match="reader"):
        transmit_and_wipe(broken, buffer)
    assert buffer == bytes(9)
