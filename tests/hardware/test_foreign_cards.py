"""Cards that are no identity card are refused for what they are, and nothing but SELECT is sent to them."""

from __future__ import annotations

import sys
from contextlib import ExitStack

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hardware.errors import WRONG_CARDS, MalformedCardData, WrongCard
from hardware.foreign_cards import KINDS
from hardware.id_data import AIDS
from hardware.interface import SlotState
from hardware.local import LocalDevices
from hardware.pcsc import PcscSlot
from hardware.settings import DeviceSettings
from tests.hardware.foreign_cards import ANNEX, HEALTH, ID_2014, NAMED, OK, PKI, VEHICLE, ForeignCard, atr
from tests.hardware.virtual_desk import Reader, desk_with
from tests.services.card_process import card_in_reader
from tests.services.fixtures import READER_A
from tests.services.pcscd import PrivatePcscd
from tests.services.ports import wait_until

OURS = {*AIDS, *KINDS}
OTHER_COUNTRIES = [
    bytes.fromhex(aid)
    for aid in (
        "A0000000031010",  # payment
        "A0000000041010",
        "A000000308000010000100",  # PIV
        "D27600012401",  # OpenPGP
        "A0000002471001",  # passports
        "E828BD080FA000000167455349474E",  # German eSign
        "A000000077010800070000FE00000100",  # Estonian
        "A0000001510000",  # card managers
        "A000000018434D00",
    )
]
NEARLY_OURS = [aid[:-1] + bytes((aid[-1] ^ 3,)) for aid in AIDS] + [aid[:-1] for aid in AIDS]


def refused(card: ForeignCard) -> WrongCard:
    """How the desk refuses a card, as soon as it is opened or asked who it belongs to."""
    with desk_with(Reader(card)) as devices, pytest.raises(WrongCard) as told:
        devices.open_chip().identity()
    return told.value


@pytest.mark.parametrize("name", [name for name, named in NAMED.items() if named.atr])
def test_a_named_card_is_refused_for_what_it_is(name: str) -> None:
    card = NAMED[name].card()
    assert refused(card).reason == NAMED[name].reason
    assert {command[:3] for command in card.commands} <= {b"\x00\xa4\x04"}
    assert len(card.commands) <= len(OURS)


ATRS = st.builds(
    atr,
    st.sampled_from((0x3B, 0x3F)),
    st.sampled_from(((), (0,), (1,), (0, 1), (1, 15), (0, 15), (15,), (1, 1))),
    st.binary(max_size=9),
    st.binary(max_size=15),
)
APPLETS = st.dictionaries(
    st.sampled_from(OTHER_COUNTRIES + NEARLY_OURS) | st.binary(min_size=5, max_size=16).filter(lambda a: a not in OURS),
    st.sampled_from((OK, b"\x61\x10", b"\x6f\x10\x84\x08" + OK, b"\x62\x83")),
    max_size=6,
)
REFUSALS = st.sampled_from(
    tuple(bytes.fromhex(sw) for sw in ("6A82", "6A81", "6A86", "6A80", "6D00", "6E00", "6700", "6985", "6999", "6300",
                                       "6283", "6F00", "6882", "6CFF", "9404", "9804"))
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(ATRS, APPLETS, REFUSALS)
@example(bytes.fromhex(ID_2014), {}, b"\x6a\x82")
def test_no_foreign_card_is_taken_for_an_identity_card(
    answer_to_reset: bytes, applets: dict[bytes, bytes], refusal: bytes
) -> None:
    card = ForeignCard(answer_to_reset, applets, refusal)
    told = refused(card)
    is_contactless = answer_to_reset[0] == 0x3B and answer_to_reset[1] >> 4 == 8 and answer_to_reset[2:4] == b"\x80\x01"
    assert told.reason == ("contactless" if is_contactless else "no_data_applet")
    assert all(command[:3] == b"\x00\xa4\x04" for command in card.commands)


@settings(max_examples=200, deadline=None)
@given(ATRS.filter(lambda one: one[2:4] != b"\x80\x01"), st.sampled_from(list(KINDS)), APPLETS, REFUSALS)
def test_the_applet_and_not_the_atr_says_what_a_card_is(
    answer_to_reset: bytes, aid: bytes, applets: dict[bytes, bytes], refusal: bytes
) -> None:
    card = ForeignCard(answer_to_reset, {**applets, aid: OK}, refusal)
    assert refused(card).reason == KINDS[aid]
    assert all(command[:3] == b"\x00\xa4\x04" for command in card.commands)


@pytest.mark.parametrize("aid", AIDS)
@pytest.mark.parametrize("answer", [OK, b"\x61\x1a"])
def test_a_card_that_claims_the_applet_and_has_no_document(aid: bytes, answer: bytes) -> None:
    card = ForeignCard(bytes.fromhex(ID_2014), {aid: answer, PKI: OK})
    assert refused(card).reason == "no_document"
    assert all(command[1] == 0xA4 for command in card.commands)


def test_a_card_that_says_yes_to_everything_is_not_believed() -> None:
    class YesCard(ForeignCard):
        def transmit(self, command: bytes) -> bytes:
            self.commands.append(bytes(command))
            return OK

    card = YesCard(bytes.fromhex(ID_2014))
    with desk_with(Reader(card)) as devices, pytest.raises(MalformedCardData) as told:
        devices.open_chip().identity()
    assert told.value.where == "0F02"
    assert len(card.commands) == 3


def test_health_cards_with_keys_are_health_cards() -> None:
    everything = dict.fromkeys((PKI, ANNEX, VEHICLE, HEALTH), OK)
    assert refused(ForeignCard(bytes.fromhex(ID_2014), everything)).reason == "health_card"


def test_every_reason_has_words() -> None:
    for reason in (*KINDS.values(), *(named.reason for named in NAMED.values()), "no_document", "no_data_applet"):
        assert WRONG_CARDS[reason] in str(WrongCard(reason))


@pytest.mark.parametrize("name", ["health_sce8s", "vehicle_like_id", "chamber_2e", "eporezi_c0", "apollo", "newest"])
def test_named_cards_behind_the_real_service(pcscd: PrivatePcscd, name: str) -> None:
    program = [sys.executable, "-m", "tests.hardware.foreign_cards", name, str(pcscd.ports[READER_A])]
    slot = PcscSlot(READER_A, 5)
    wait_until(lambda: slot.state() is SlotState.EMPTY, "the last card to leave")
    with card_in_reader(program):
        wait_until(lambda: slot.state() is SlotState.CARD, "the card")
        with pytest.raises(WrongCard) as told, ExitStack() as opened:
            chip = LocalDevices(DeviceSettings(reader=READER_A)).open_chip()
            opened.callback(chip.close)
            chip.identity()
        assert told.value.reason == NAMED[name].reason
