"""A sample of the fuzzing; and faults planted on purpose, of which each must be found."""

from __future__ import annotations

import time
import warnings
import zlib
from collections.abc import Callable
from random import Random

import pytest

from hardware import sod, tlv
from hardware.apdu import Response
from hardware.cardedge import certificate_file
from hardware.cardedge.applet import CardEdgeApplet
from hardware.errors import CardBusy, HardwareError, MalformedCardData
from hardware.id_data import IdDataSession
from hardware.pin import Pin
from tests.proofs.fuzz.__main__ import MILLION, TARGETS, main
from tests.proofs.fuzz.trial import MOST_MEMORY_MIB, Target, run

SAMPLE = 40_000


def test_a_sample(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["all", "--count", str(SAMPLE), "--seed", "7"]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert printed[-1] == f"fuzz: {SAMPLE} of {SAMPLE}"
    assert [line.split(":")[0] for line in printed[:-1]] == [f"fuzz/{name}" for name in TARGETS]


@pytest.mark.soak
def test_a_million_inputs(capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print()
        assert main(["all", "--count", "1000000"]) == 0


def test_shares_make_a_million() -> None:
    assert MILLION == 1_000_000


def test_the_same_input_comes_again() -> None:
    drawn: list[float] = []
    target = Target(name="draw", run=lambda random: drawn.append(random.random()), share=1, limit_s=1)
    run(target, 5, seed=3)
    run(target, 1, seed=3, first=4)
    assert drawn[4] == drawn[5]
    assert len(set(drawn)) == 5


# --- faults of a reader, in the small ---------------------------------------------------------------------------------

HELD: list[bytes] = []


def loops(random: Random) -> None:
    while True:
        pass


def warns(random: Random) -> None:
    warnings.warn("odd certificate", UserWarning, stacklevel=1)


def fails(error: Exception) -> Callable[[Random], None]:
    def act(random: Random) -> None:
        raise error

    return act


@pytest.mark.parametrize(
    ("act", "finding"),
    [
        (fails(ValueError("seven")), "ValueError: seven"),
        (fails(HardwareError("KeyError")), "an error without a name"),
        (loops, "no end"),
        (warns, "UserWarning: odd certificate"),
        (lambda random: HELD.append(bytes(1 << 34)), "MemoryError"),
        (lambda random: sum(range(3_000_000)), "s, more than 0.01"),
    ],
)
def test_a_fault_is_found_and_named(act: Callable[[Random], None], finding: str) -> None:
    counted = run(Target(name="planted", run=act, share=1, limit_s=0.01), 1, seed=1)
    assert counted.passed == 0
    assert counted.failures[0].startswith("planted --seed 1 --first 0 --count 1: ")
    assert finding in counted.failures[0]


def test_memory_that_is_kept_is_found() -> None:
    def keeps(random: Random) -> None:
        HELD.append(bytes(bytearray(b"\x01") * (1 << 19)))

    try:
        counted = run(Target(name="planted", run=keeps, share=1, limit_s=1), 600, seed=1)
    finally:
        HELD.clear()
    assert counted.passed == 600
    assert counted.failures == [f"the process grew by {counted.grown_mib:.0f} MiB, more than {MOST_MEMORY_MIB}"]


def test_named_errors_and_good_results_pass() -> None:
    counted = run(Target(name="good", run=fails(CardBusy()), share=1, limit_s=1), 10, seed=1)
    assert (counted.sound, counted.refused, counted.failures) == (0, 10, [])
    counted = run(Target(name="good", run=lambda random: None, share=1, limit_s=1), 10, seed=1)
    assert (counted.sound, counted.refused, counted.failures) == (10, 0, [])


# --- faults planted in the kiosk's own readers ------------------------------------------------------------------------


def found(name: str, count: int, capsys: pytest.CaptureFixture[str]) -> str:
    """What a run finds that must not pass."""
    assert main([name, "--count", str(count)]) == 1
    return capsys.readouterr().err


def test_a_field_header_read_past_the_end(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def parse(content: bytes, where: str) -> dict[int, bytes]:
        fields, offset = {}, 0
        while offset < len(content):
            tag, length = tlv.HEADER.unpack_from(content, offset)
            fields[tag] = content[offset + 4 : offset + 4 + length]
            offset += 4 + length
        return fields

    monkeypatch.setattr(tlv, "parse", parse)
    assert "error: unpack_from requires" in found("tlv", 500, capsys)


def test_a_stream_unpacked_without_bound(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def unpack(stream: bytes, length: int, where: str) -> bytes:
        try:
            return zlib.decompress(stream)
        except zlib.error:
            raise MalformedCardData(where) from None

    monkeypatch.setattr(certificate_file, "_unpack", unpack)
    assert "unsound: longer than any certificate" in found("certificate", 500, capsys)


def test_signatures_whose_digests_are_not_compared(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sod, "_covers", lambda digests, signed: True)
    assert "without the digests" in found("sod", 2000, capsys)


def test_a_reader_that_never_ends_a_file(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    chunk = IdDataSession._chunk

    def takes_anything(self: IdDataSession, file_id: int, offset: int, length: int) -> bytes:
        try:
            return chunk(self, file_id, offset, length)
        except HardwareError:
            return takes_anything(self, file_id, offset, length) if offset else b""

    monkeypatch.setattr(IdDataSession, "_chunk", takes_anything)
    told = found("dialogue", 3000, capsys)
    assert "more than 2000 commands" in told or "RecursionError" in told


def test_a_pin_repeated_because_a_status_word_asks_for_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    send_pins = CardEdgeApplet._send_pins

    def repeats(self: CardEdgeApplet, instruction: int, p1: int, *pins: Pin) -> int:
        status = send_pins(self, instruction, p1, *pins)
        return send_pins(self, instruction, p1, *pins) if status >> 8 == 0x6C else status

    monkeypatch.setattr(CardEdgeApplet, "_send_pins", repeats)
    assert "a PIN presented twice" in found("dialogue", 4000, capsys)


def test_a_certificate_written_and_lost(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    from hardware.cardedge.books import Books

    monkeypatch.setattr(Books, "write_directory", lambda self, wanted: None)
    assert "written, but" in found("kept", 300, capsys)


def test_answers_decode_or_are_refused() -> None:
    begun = time.monotonic()
    for length in range(300):
        content = bytes(length)
        try:
            assert Response.decode(content).encode() == content
        except HardwareError:
            assert length < 2
    assert time.monotonic() - begun < 5
