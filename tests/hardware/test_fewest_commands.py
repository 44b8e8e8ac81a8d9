"""Reading the card reaches the lower bound: every SELECT that must be, and a READ for each 255 bytes of each file."""

from __future__ import annotations

import math
import sys
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from hardware.id_data import AIDS, EVERY_FILE, TEXT_FILES, IdDataSession
from hardware.interface import Authenticity, SlotState
from hardware.local import LocalDevices
from hardware.pcsc import PcscSlot
from hardware.remote import RemoteDevices
from hardware.settings import DeviceSettings
from hardware.training.card import TrainingCard, VirtualCard
from hardware.training.citizens import CITIZENS
from tests.hardware.cards import TEST_LIST, card_of
from tests.hardware.t0_card import T0Card
from tests.services.card_process import card_in_reader
from tests.services.fixtures import READER_A
from tests.services.pcscd import PrivatePcscd
from tests.services.ports import wait_until

READABLE = [key for key, citizen in CITIZENS.items() if not citizen.is_apollo]
SELECT, READ, GET_RESPONSE = 0xA4, 0xB0, 0xC0


class Recorder:
    """Sends commands to a card and remembers them with their answers."""

    def __init__(self, card: VirtualCard) -> None:
        self._card = card
        self.exchanges: list[tuple[bytes, bytes]] = []

    def __call__(self, command: bytes | bytearray) -> bytes:
        answer = self._card.transmit(bytes(command))
        self.exchanges.append((bytes(command), answer))
        return answer

    def counts(self) -> Counter[int]:
        return Counter(command[1] for command, _ in self.exchanges)


def applet_selects(card: TrainingCard) -> int:
    """The applets are tried in order; which one it is cannot be known before."""
    return list(AIDS.values()).index(card.citizen.document_type) + 1


def reads(card: TrainingCard, files: tuple[int, ...] = EVERY_FILE) -> int:
    return sum(math.ceil(len(card.data_files[file_id]) / 255) for file_id in files)


def bound(card: TrainingCard, files: tuple[int, ...] = EVERY_FILE) -> int:
    return applet_selects(card) + len(files) + reads(card, files)


@pytest.mark.parametrize("key", READABLE)
def test_the_bound_is_reached(key: str) -> None:
    card = card_of(key)
    sent = Recorder(card)
    session = IdDataSession(sent)
    identity = session.read_identity(TEST_LIST)
    session.read_portrait()
    assert len(sent.exchanges) == bound(card) == identity.apdu_count
    assert identity.authenticity is Authenticity.AUTHENTIC


@pytest.mark.parametrize("key", READABLE)
def test_no_byte_is_read_twice_and_none_past_the_end(key: str) -> None:
    card = card_of(key)
    sent = Recorder(card)
    IdDataSession(sent).read_identity(TEST_LIST)
    read = [(command[2] << 8 | command[3], len(answer) - 2) for command, answer in sent.exchanges if command[1] == READ]
    assert {answer[-2:] for _, answer in sent.exchanges[applet_selects(card) - 1 :]} == {b"\x90\x00"}
    assert sum(length for _, length in read) == sum(len(card.data_files[file_id]) for file_id in EVERY_FILE)
    starts = [index for index, (offset, _) in enumerate(read) if offset == 0]
    assert len(starts) == len(EVERY_FILE)
    for (offset, length), (following, _) in pairwise(read):
        assert following in (0, offset + length)


@pytest.mark.parametrize("key", READABLE)
def test_the_words_come_before_the_portrait_and_cost_nothing_more(key: str) -> None:
    card = card_of(key)
    sent = Recorder(card)
    session = IdDataSession(sent)
    shown = session.read_unverified()
    assert len(sent.exchanges) == bound(card, TEXT_FILES)
    assert (shown.holder.surname, shown.holder.given_name) == (card.citizen.surname, card.citizen.given_name)
    identity = session.read_identity(TEST_LIST)
    assert (identity.document, identity.holder, identity.residence) == (shown.document, shown.holder, shown.residence)
    session.read_portrait()
    assert len(sent.exchanges) == bound(card)


@pytest.mark.parametrize("key", READABLE)
def test_the_bound_under_t0(key: str) -> None:
    """Each SELECT of a file has an answer to be fetched; no length is asked for that the card has to correct."""
    card = card_of(key)
    t0 = T0Card(card)
    sent = Recorder(t0)
    identity = IdDataSession(sent).read_identity(TEST_LIST)
    assert identity.authenticity is Authenticity.AUTHENTIC
    assert sent.counts() == {
        SELECT: applet_selects(card) + len(EVERY_FILE),
        GET_RESPONSE: len(EVERY_FILE),
        READ: reads(card),
    }
    assert t0.wrong_lengths == 0
    assert identity.apdu_count == len(sent.exchanges)


def test_a_t0_card_that_corrects_the_length_is_obeyed() -> None:
    """Its SELECT promises more than the file holds: one 6Cxx, one repeated READ, and the data are right."""
    card = card_of("jovana")
    t0 = T0Card(card)

    def transmit(command: bytes | bytearray) -> bytes:
        answer = t0.transmit(bytes(command))
        is_size = command[1] == GET_RESPONSE and answer[:2] == b"\x0f\x02"
        return answer[:2] + b"\x00\xff" + answer[4:] if is_size else answer

    identity = IdDataSession(transmit).read_identity(TEST_LIST)
    assert identity.authenticity is Authenticity.AUTHENTIC
    assert t0.wrong_lengths == 1


@pytest.mark.parametrize("key", ["jovana", "milan"])
@pytest.mark.parametrize("protocol", ["", "t0"])
def test_the_bound_behind_the_real_service(pcscd: PrivatePcscd, tmp_path: Path, key: str, protocol: str) -> None:
    """Counted by the card itself. The reader's driver hands 61xx to us, as some do, or has the answers whole."""
    slot, record, card = PcscSlot(READER_A, 5), tmp_path / "record", card_of(key)
    wait_until(lambda: slot.state() is SlotState.EMPTY, "the last card to leave")
    program = [sys.executable, "-m", "tests.hardware.virtual_desk", key, str(pcscd.ports[READER_A]), str(record)]
    with card_in_reader([*program, protocol] if protocol else program):
        wait_until(lambda: slot.state() is SlotState.CARD, "the card")
        devices = RemoteDevices(DeviceSettings(reader=READER_A))
        chip = devices.open_chip()
        identity = chip.identity()
        chip.portrait()
        chip.close()
        devices.close()
    sent = Counter(int(line[2:4], 16) for line in record.read_text().split())
    fetched = {GET_RESPONSE: len(EVERY_FILE)} if protocol else {}
    assert sent == {SELECT: applet_selects(card) + len(EVERY_FILE), READ: reads(card), **fetched}
    assert identity.apdu_count == sent.total() == bound(card) + fetched.get(GET_RESPONSE, 0)
    assert identity.authenticity is Authenticity.AUTHENTIC


@pytest.mark.parametrize("kind", [LocalDevices, RemoteDevices])
def test_the_chip_shows_words_first_and_reads_nothing_twice(kind: type[LocalDevices | RemoteDevices]) -> None:
    devices = kind(DeviceSettings())
    chip = devices.open_chip()
    shown = chip.unverified()
    early = chip.apdu_count()
    identity = chip.identity()
    chip.portrait()
    assert (identity.document, identity.holder, identity.residence) == (shown.document, shown.holder, shown.residence)
    assert identity.trust_list_date is None
    assert chip.apdu_count() == identity.apdu_count
    assert early * 5 < identity.apdu_count
    chip.close()
    devices.close()
