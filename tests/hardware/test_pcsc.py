"""Readers behind the real PC/SC service: cards that come, go, hang and are held by others; a service that dies."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from hardware import trust_list
from hardware.errors import (
    CardBusy,
    CardHangs,
    CardRemoved,
    HardwareError,
    NoCard,
    NoReader,
    NoService,
    ReaderUnavailable,
    WrongCard,
)
from hardware.interface import Authenticity, Feature, SlotState
from hardware.local import LocalDevices
from hardware.pcsc import PcscSlot
from hardware.pcsc_errors import connecting_error, talking_error
from hardware.pcsc_service import STATE_MUTE, STATE_PRESENT, STATE_UNAVAILABLE, STATE_UNKNOWN, slot_state
from hardware.remote import RemoteDevices
from hardware.settings import DeviceSettings
from hardware.training.citizens import CITIZENS
from hardware.training.test_authority import training_signers
from tests.hardware.observers import Slots
from tests.services.card_process import CardProcess, training_card
from tests.services.fixtures import READER_A, READER_B
from tests.services.pcscd import SOCKET_VARIABLE, VPCD, PrivatePcscd, private_pcscd
from tests.services.ports import wait_until
from tests.services.requirement import ServiceMissing, skip_or_fail

SELECT = bytes.fromhex("00A404000BF381000002534552494401")
SHORT_S = 0.3
"""Limit for cards that are meant to hang and programs that are meant to hold on."""


def in_reader(slot: PcscSlot) -> None:
    wait_until(lambda: slot.state() is SlotState.CARD, "a card in the reader")


@pytest.fixture
def slot(pcscd: PrivatePcscd) -> PcscSlot:
    slot = PcscSlot(READER_A, SHORT_S, SHORT_S)
    wait_until(lambda: slot.state() is SlotState.EMPTY, "the last test's card to leave")
    return slot


@pytest.fixture
def card(slot: PcscSlot, pcscd: PrivatePcscd) -> Iterator[CardProcess]:
    with training_card("jovana", pcscd.ports[READER_A]) as card:
        in_reader(slot)
        yield card


def test_names(pcscd: PrivatePcscd) -> None:
    assert PcscSlot("TEST Reader B", 1).name() == "TEST Reader B 01 00"
    assert PcscSlot("", 1).name() == "TEST Reader A 00 00"
    absent = PcscSlot("Other", 1)
    assert absent.name() == "Other"
    assert absent.state() is SlotState.NO_READER
    with pytest.raises(NoReader):
        absent.connect()


def test_an_empty_reader(slot: PcscSlot) -> None:
    assert slot.state() is SlotState.EMPTY
    with pytest.raises(NoCard):
        slot.connect()


def test_insertion_and_removal_are_told(slot: PcscSlot, pcscd: PrivatePcscd) -> None:
    slots = Slots()
    with slot.watch(slots):
        assert slots.next() is SlotState.EMPTY
        with training_card("jovana", pcscd.ports[READER_A]):
            assert slots.next() is SlotState.CARD
        assert slots.next() is SlotState.EMPTY


def test_two_readers_are_two_slots(slot: PcscSlot, pcscd: PrivatePcscd) -> None:
    other = PcscSlot(READER_B, 5)
    with training_card("jovana", pcscd.ports[READER_A]), training_card("milan", pcscd.ports[READER_B]):
        in_reader(slot)
        in_reader(other)
        assert [given_name(READER_A), given_name(READER_B)] == [
            CITIZENS["jovana"].given_name,
            CITIZENS["milan"].given_name,
        ]


def given_name(reader: str) -> str:
    chip = LocalDevices(DeviceSettings(reader=reader)).open_chip()
    try:
        return chip.identity().holder.given_name
    finally:
        chip.close()


def test_the_atr_and_an_answer(slot: PcscSlot, card: CardProcess) -> None:
    connection = slot.connect()
    assert connection.atr.hex().upper().startswith("3BFF94")
    assert connection.transmit(SELECT)[-2:] == b"\x90\x00"
    connection.close()


def test_a_card_that_left_is_gone_for_good(slot: PcscSlot, card: CardProcess, pcscd: PrivatePcscd) -> None:
    connection = slot.connect()
    card.take_out()
    with pytest.raises(CardRemoved):
        connection.transmit(SELECT)
    with training_card("jovana", pcscd.ports[READER_A]):
        in_reader(slot)
        with pytest.raises(CardRemoved):
            connection.transmit(SELECT)
        fresh = slot.connect()
        assert fresh.transmit(SELECT)[-2:] == b"\x90\x00"
        fresh.close()
    connection.close()


def test_a_card_leaves_in_the_middle_of_a_command(slot: PcscSlot, pcscd: PrivatePcscd) -> None:
    """The card process ends on the second command, before it answers."""
    with training_card("jovana", pcscd.ports[READER_A], fault="remove@2"):
        in_reader(slot)
        connection = slot.connect()
        with connection.transaction():
            assert connection.transmit(SELECT)[-2:] == b"\x90\x00"
            with pytest.raises(CardRemoved):
                connection.transmit(SELECT)
        connection.close()


def test_a_card_that_hangs(slot: PcscSlot, card: CardProcess) -> None:
    connection = slot.connect()
    card.freeze()
    with pytest.raises(CardHangs) as told:
        connection.transmit(SELECT)
    assert told.value.seconds == SHORT_S
    assert slot.state() is SlotState.CARD, "the state can still be asked for"
    with pytest.raises(CardHangs):
        connection.transmit(SELECT)
    connection.close()


def test_a_card_held_by_another_program(slot: PcscSlot, card: CardProcess) -> None:
    holder, waiting = PcscSlot(READER_A, 10, 10).connect(), slot.connect()
    with holder.transaction():
        with pytest.raises(CardBusy):
            waiting.transmit(SELECT)
        assert holder.transmit(SELECT)[-2:] == b"\x90\x00"
    waiting.close()
    free = slot.connect()
    assert free.transmit(SELECT)[-2:] == b"\x90\x00"
    free.close()
    holder.close()


def test_a_card_opened_for_one_program_only(slot: PcscSlot, card: CardProcess) -> None:
    from smartcard import scard

    _, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
    code, handle, _ = scard.SCardConnect(context, slot.name(), scard.SCARD_SHARE_EXCLUSIVE, scard.SCARD_PROTOCOL_T1)
    assert code == 0
    with pytest.raises(CardBusy):
        slot.connect()
    scard.SCardDisconnect(handle, scard.SCARD_LEAVE_CARD)
    scard.SCardReleaseContext(context)
    slot.connect().close()


def test_letting_go_does_not_reset_the_card(slot: PcscSlot, card: CardProcess) -> None:
    """A second connection comes and goes; the first goes on with what it had selected."""
    first = slot.connect()
    first.transmit(SELECT)
    slot.connect().close()
    assert first.transmit(bytes.fromhex("00A40800020F0204"))[-2:] == b"\x90\x00"
    first.close()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_the_service_dies_and_comes_back(own_pcscd: PrivatePcscd, how: signal.Signals) -> None:
    devices = RemoteDevices(DeviceSettings(reader=READER_A))
    slots = Slots()
    with devices.watch(slots):
        with training_card("jovana", own_pcscd.ports[READER_A]):
            slots.until(SlotState.CARD)
            chip = devices.open_chip()
            own_pcscd.stop(how)
            with pytest.raises((NoService, CardRemoved)):
                chip.identity()
            slots.until(SlotState.NO_SERVICE)
            assert devices.slot_state() is SlotState.NO_SERVICE
            with pytest.raises(NoService):
                devices.open_chip()
        pid = devices.host().pid
        own_pcscd.start()
        slots.until(SlotState.EMPTY)
        with training_card("jovana", own_pcscd.ports[READER_A]):
            slots.until(SlotState.CARD)
            with pytest.raises((NoService, CardRemoved)):
                chip.identity()
            chip.close()
            fresh = devices.open_chip()
            assert fresh.identity().holder.surname == CITIZENS["jovana"].surname
            fresh.close()
        assert devices.host().pid == pid, "the same process found the service again"
    devices.close()


@pytest.mark.parametrize("kind", [LocalDevices, RemoteDevices])
def test_the_training_card_is_known_behind_a_real_reader(
    pcscd: PrivatePcscd, slot: PcscSlot, card: CardProcess, kind: type[LocalDevices | RemoteDevices], tmp_path: Path
) -> None:
    """By its TEST signature, so that it may be written to; a desk with ministry certificates does not believe it."""
    devices = kind(DeviceSettings(reader=READER_A))
    chip = devices.open_chip()
    assert chip.identity().authenticity is Authenticity.AUTHENTIC
    assert Feature.GENERATE in chip.token().features
    chip.close()
    devices.close()
    (tmp_path / "other.der").write_bytes(training_signers()[1].certificate.public_bytes(Encoding.DER))
    pin = trust_list.write(tmp_path, date(2026, 11, 1))
    ministry = kind(DeviceSettings(reader=READER_A, trusted_signers=tmp_path, trusted_signers_sha256=pin))
    chip = ministry.open_chip()
    assert chip.identity().authenticity is Authenticity.CHAIN_UNKNOWN
    assert Feature.GENERATE not in chip.token().features
    chip.close()
    ministry.close()


def test_a_hanging_card_costs_the_host_and_not_the_desk(slot: PcscSlot, card: CardProcess) -> None:
    devices = RemoteDevices(DeviceSettings(reader=READER_A, response_limit_s=SHORT_S))
    chip = devices.open_chip()
    pid = devices.host().pid
    card.freeze()
    with pytest.raises(CardHangs):
        chip.identity()
    card.thaw()
    assert devices.slot_state() is SlotState.CARD
    assert devices.host().pid != pid
    assert devices.open_chip().identity().holder.surname == CITIZENS["jovana"].surname
    devices.close()


def test_debians_virtual_reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    try:
        if not VPCD.exists():
            raise ServiceMissing("vpcd")
        with private_pcscd(tmp_path, readers=["TEST vpcd"], driver=VPCD) as service:
            monkeypatch.setenv(SOCKET_VARIABLE, service.environment[SOCKET_VARIABLE])
            devices = RemoteDevices(DeviceSettings(reader="TEST vpcd"))
            slots = Slots()
            with devices.watch(slots), training_card("jovana", service.ports["TEST vpcd"]):
                slots.until(SlotState.CARD)
                chip = devices.open_chip()
                assert chip.identity().holder.surname == CITIZENS["jovana"].surname
                chip.close()
            devices.close()
    except ServiceMissing as error:
        skip_or_fail(error)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (0x8010001D, NoService),
        (0x8010001E, NoService),
        (0x8010002E, NoReader),
        (0x80100009, NoReader),
        (0x80100017, ReaderUnavailable),
        (0x8010000C, NoCard),
        (0x8010000B, CardBusy),
        (0x80100066, WrongCard),
        (0x80100099, ReaderUnavailable),
        (0x80100017 - 2**32, ReaderUnavailable),
    ],
)
def test_what_a_failed_connection_means(code: int, kind: type[HardwareError]) -> None:
    assert type(connecting_error(code)) is kind


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (0, CardRemoved),
        (0x80100016, CardRemoved),
        (0x80100068, CardRemoved),
        (0x80100069, CardRemoved),
        (0x80100017, ReaderUnavailable),
        (0x8010001D, NoService),
        (0x8010000B, CardBusy),
    ],
)
def test_what_a_failed_exchange_means(code: int, kind: type[HardwareError]) -> None:
    assert type(talking_error(code)) is kind


@pytest.mark.parametrize(
    ("word", "state"),
    [
        (STATE_PRESENT, SlotState.CARD),
        (STATE_PRESENT | STATE_MUTE, SlotState.MUTE),
        (STATE_UNAVAILABLE | 0x2, SlotState.READER_UNAVAILABLE),
        (STATE_UNKNOWN, SlotState.NO_READER),
        (0x10, SlotState.EMPTY),
        (0x30000 | STATE_PRESENT, SlotState.CARD),
    ],
)
def test_what_a_state_word_means(word: int, state: SlotState) -> None:
    assert slot_state(word) is state
