"""What another vendor's module said to such a card is understood, command by command."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from hardware.apdu import Command
from hardware.cardedge import directory, layout
from hardware.cardedge.directory import Directory, Entry
from hardware.cardedge.layout import ADMINISTRATIVE, GENERAL
from hardware.training.card import TrainingCard
from hardware.training.citizens import CITIZENS
from tests.hardware.cards import TODAY

FOLDER = Path(__file__).parent / "traces"
RANDOM_LENGTHS = {0x6004}


@dataclass(frozen=True)
class Exchange:
    line: int
    command: bytes
    answer: bytes


def dialogue(name: str) -> list[Exchange]:
    lines = (FOLDER / name).read_text().splitlines()
    assert all(line[:2] == ("> ", "< ")[index % 2] for index, line in enumerate(lines))
    return [
        Exchange(index + 1, bytes.fromhex(lines[index][2:]), bytes.fromhex(lines[index + 1][2:]))
        for index in range(0, len(lines), 2)
    ]


def formatted_card(root: tuple[Entry, ...]) -> TrainingCard:
    """A card as the vendor's module had just formatted it: directories without room, an index without entries."""
    from dataclasses import replace

    citizen = replace(CITIZENS["jovana"], document_number="123456789", pin=b"1234")
    card = TrainingCard(citizen, today=TODAY)
    system = card._state.system
    header = Directory(
        first_file=0x7001, files_allowed=0xF0, directories_left=0x0D, next_directory=0x7300, entries=root
    )
    system.put(layout.ROOT, header.encode(), GENERAL)
    for entry in root:
        if not entry.is_directory:
            system.put(entry.file_id, bytes(8), ADMINISTRATIVE)
    mscp = Directory(first_file=0x7101, files_allowed=0xF0, next_directory=0, entries=(Entry("cmapfile", 0x7101),))
    system.put(layout.MSCP, mscp.encode(), GENERAL)
    system.put(layout.CONTAINER_MAP, bytes(2), GENERAL)
    empty = Directory(first_file=0x7201, files_allowed=0xF0, next_directory=0)
    system.put(layout.PKCS11_DATA, empty.encode(), GENERAL)
    system.put(layout.METADATA_INDEX, bytes(2), GENERAL)
    return card


MSCP = (Entry("mscp", 0x7100, is_directory=True), Entry("p11data", 0x7200, is_directory=True))
ROOTS = {
    "keygen.apdu": (Entry("cardid", 0x7001), Entry("cardcf", 0x7002), Entry("cardapps", 0x7003), *MSCP),
    "certificate_write_and_rewrite.apdu": (Entry("cardid", 0x7001), Entry("cardapps", 0x7002), *MSCP),
}
SELECT_APPLET, CAPABILITIES = b"\x00\xa4\x04", b"\xb0\xaa"


@pytest.mark.parametrize("name", sorted(ROOTS))
def test_every_command_gets_the_same_kind_of_answer(name: str) -> None:
    card = formatted_card(ROOTS[name])
    card.power_on()
    selected = 0
    exchanges = dialogue(name)
    for one in exchanges:
        answer = card.transmit(one.command)
        where = f"{name}:{one.line}"
        assert answer[-2:] == one.answer[-2:], where
        assert len(answer) == len(one.answer), where
        command = Command.decode(one.command)
        if command.ins == 0xA4 and command.p1 == 0:
            selected = int.from_bytes(command.data, "big")
        if one.command[:3] == SELECT_APPLET or one.command[:2] == CAPABILITIES:
            assert memory_left_out(answer) == memory_left_out(one.answer), where
        elif command.ins != 0xB0 or selected not in RANDOM_LENGTHS:
            assert answer == one.answer, where
    assert len(exchanges) > 70


def memory_left_out(capabilities: bytes) -> bytes:
    """Free memory is told truly by our card."""
    return capabilities[:10] + capabilities[12:]


def test_the_directories_in_the_dialogues_are_understood() -> None:
    for one in dialogue("keygen.apdu"):
        if one.answer[1:6] == bytes.fromhex("0D04700073"):
            assert [entry.name for entry in directory.parse(one.answer[:-2], "7000").entries] == [
                "cardid", "cardcf", "cardapps", "mscp", "p11data",
            ]  # fmt: skip
            return
    raise AssertionError("no root directory in the dialogue")
