from __future__ import annotations

import time

import pytest

from hardware.errors import CardFault, CardRemoved, MalformedCardData, WrongCard
from hardware.id_data import IdDataSession
from hardware.training.faults import FaultyCard
from hardware.trust_list import TrustList
from tests.hardware.cards import card_of


def read(card: FaultyCard) -> object:
    return IdDataSession(lambda command: card.transmit(bytes(command))).read_identity(TrustList(()))


def test_a_removed_card_stays_out_until_it_is_put_back() -> None:
    card = FaultyCard(card_of("jovana"), "remove@3")
    for _ in range(2):
        with pytest.raises(CardRemoved):
            read(card)
    assert card.commands == 3
    card.power_on()
    assert card.atr == card_of("jovana").atr
    read(card)


def test_cut_carries_the_command_out() -> None:
    inner = card_of("jovana")
    card = FaultyCard(inner, "cut@2")
    card.transmit(bytes.fromhex("00A404000CA000000063504B43532D3135"))
    with pytest.raises(CardRemoved):
        card.transmit(bytes.fromhex("0020008008") + b"999990\x00\x00")
    assert inner._state.guard.pin_tries == 2


@pytest.mark.parametrize(
    ("spec", "error"),
    [
        ("sw6F00@2", CardFault),
        ("sw6A82@2", WrongCard),
        ("garbage@3", CardFault),
        ("mute@4", MalformedCardData),
        ("truncate:0F03", CardFault),
        ("badlen:0F02", MalformedCardData),
        ("endless:0F06", MalformedCardData),
    ],
)
def test_each_fault_is_a_named_error(spec: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        read(FaultyCard(card_of("jovana"), spec))


def test_a_hanging_command_takes_longer_and_is_right(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    read(FaultyCard(card_of("jovana"), "hang@2:7.5"))
    assert slept == [7.5]


def test_several_faults() -> None:
    card = FaultyCard(card_of("jovana"), " sw6982@1, sw6A84@2 ")
    assert [card.transmit(b"\x00\xa4\x04\x00").hex() for _ in range(2)] == ["6982", "6a84"]


@pytest.mark.parametrize("spec", ["explode", "remove", "remove@x", "sw6@1", "truncate:0F09", "endless:", "hang@1:x"])
def test_an_unknown_fault_is_refused(spec: str) -> None:
    with pytest.raises(ValueError, match=r"unknown fault|no such file"):
        FaultyCard(card_of("jovana"), spec)
