"""Changed bytes of real CMP answers: a named error, or the very same outcome; never anything else."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from kiosk.ca.cmp.authority import CmpAuthority
from kiosk.ca.cmp.credentials import Credentials
from kiosk.ca.interface import (
    AuthorityError,
    Outcome,
    Settlement,
    StatusAction,
    StatusChange,
    Wire,
    WireKind,
)
from tests.ca.houses import order_of
from tests.ca.test_cmp_answers import Direct
from tests.services.cmp.office import terms_of
from tests.services.cmp.pki import Pki
from tests.services.cmp.responder import Habits, Responder

SEED = 4210


@dataclass(frozen=True)
class Exchange:
    """A real message, its real answer, and what that comes to."""

    wire: Wire
    answer: bytes
    outcome: Outcome | Settlement


class Reader:
    """Reads answers to the exchanges of one order."""

    def __init__(self, pki: Pki, key: rsa.RSAPrivateKey) -> None:
        credentials = Credentials(private_key=pki.office.key, certificate=pki.office.certificate)
        responder = Responder(pki, Habits(waits=1, check_after_s=3))
        self._authority = CmpAuthority(terms_of(pki), credentials, Direct(responder), lambda: datetime.now(UTC))
        self._order = order_of(key)
        self._change = StatusChange(serial="1234", action=StatusAction.HOLD)

    def exchanges(self) -> Iterator[Exchange]:
        """A waiting answer, one that says how long, a certificate, a confirmation, two kinds of refusal."""
        authority, order = self._authority, self._order
        wire = authority.prepare(order)
        yield (asked := self._exchange(wire))
        for _ in range(2):
            wire = authority.prepare_poll(order, asked.wire, asked.answer)
            yield (asked := self._exchange(wire))
        confirm = authority.prepare_confirm(order, asked.wire, asked.answer, accepted=True)
        assert confirm is not None
        yield self._exchange(confirm)
        yield self._exchange(authority.prepare(order))
        yield self._exchange(authority.prepare_status(self._change))

    def _exchange(self, wire: Wire) -> Exchange:
        answer = self._authority.exchange(wire)
        return Exchange(wire, answer, self.read(wire, answer))

    def read(self, wire: Wire, answer: bytes) -> Outcome | Settlement:
        if wire.kind is WireKind.CONFIRM:
            return self._authority.accept_confirm(wire, answer)
        if wire.kind is WireKind.STATUS:
            return self._authority.accept_status(self._change, wire, answer)
        return self._authority.accept(self._order, wire, answer)


def mutated(answer: bytes, chance: random.Random) -> bytes:
    """One to four changes: a bit, a byte, a length, bytes cut out, doubled, moved, or put in."""
    changed = bytearray(answer)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(changed) or 1)
        span = chance.choice((1, 1, 2, 4, 16, 200))
        piece = changed[at : at + span]
        match chance.randrange(7):
            case 0:
                changed[at : at + 1] = bytes((changed[at] ^ 1 << chance.randrange(8),)) if changed else b""
            case 1:
                changed[at : at + 1] = bytes((chance.randrange(256),))
            case 2:
                changed[at : at + 1] = chance.choice(
                    (b"\x00", b"\x7f", b"\x80", b"\x84\xff\xff\xff\xff", b"\xff", b"\xa0")
                )
            case 3:
                del changed[at : at + span]
            case 4:
                changed[at:at] = piece * chance.choice((1, 2, 50))
            case 5:
                to = chance.randrange(len(changed) or 1)
                changed[to : to + len(piece)] = piece
            case _:
                changed[at:at] = chance.randbytes(span)
    return bytes(changed)


@pytest.mark.filterwarnings("ignore:Parsed a serial number:UserWarning")
@pytest.mark.parametrize("count", [600, pytest.param(100_000, marks=pytest.mark.soak)], ids=["sample", "whole"])
def test_mutations_of_real_answers(
    count: int, pki: Pki, chip_key: rsa.RSAPrivateKey, capsys: pytest.CaptureFixture[str]
) -> None:
    reader = Reader(pki, chip_key)
    exchanges = list(reader.exchanges())
    chance = random.Random(SEED)  # noqa: S311  # repeatable, not secret
    named = 0
    for number in range(count):
        exchange = exchanges[number % len(exchanges)]
        answer = mutated(exchange.answer, chance)
        try:
            outcome = reader.read(exchange.wire, answer)
        except AuthorityError as error:
            assert len(str(error)) < 400
            named += 1
            continue
        assert outcome == exchange.outcome, answer.hex()
    with capsys.disabled():
        print(f"\ncmp/mutations: {count} of {count}, {named} named")
    assert named > count * 0.9


def test_all_kinds_of_answers_are_mutated(pki: Pki, chip_key: rsa.RSAPrivateKey) -> None:
    kinds = [type(exchange.outcome).__name__ for exchange in Reader(pki, chip_key).exchanges()]
    assert kinds == ["Pending", "Pending", "Issued", "Done", "Duplicate", "Rejected"]
