"""CMP messages as files: the same bytes until they are too old, and then the same transaction."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from data.batch_store import BatchStore
from kiosk.ca.interface import Issued, IssueRequest, Outcome, Pending
from tests.ca.houses import order_of
from tests.services.batch import CmpFileOffice, answer_messages, utc_now
from tests.services.cmp.pki import Pki
from tests.services.cmp.responder import Responder


@dataclass
class Desk:
    office: CmpFileOffice
    responder: Responder
    stick: Path

    def look(self, order: IssueRequest) -> Outcome:
        wire = self.office.authority.prepare(order)
        return self.office.authority.accept(order, wire, self.office.authority.exchange(wire))

    def files(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in self.stick.iterdir()}


@pytest.fixture
def desk(tmp_path: Path, pki: Pki) -> Iterator[Desk]:
    store = BatchStore.open(tmp_path / "office")
    (tmp_path / "stick").mkdir()
    yield Desk(CmpFileOffice(pki, store), Responder(pki), tmp_path / "stick")
    store.close()


def test_a_message_exported_twice_is_the_same_bytes_and_says_when_it_is_old(
    desk: Desk, chip_key: rsa.RSAPrivateKey, pki: Pki
) -> None:
    assert isinstance(desk.look(order_of(chip_key)), Pending)
    first = desk.office.export(desk.stick)
    before = desk.files()
    again = desk.office.export(desk.stick)
    assert (first.orders, first.files, again.orders, again.there, again.old) == (1, 1, 0, 1, 0)
    assert desk.files() == before
    later = CmpFileOffice(pki, desk.office.store, clock=lambda: utc_now() + timedelta(minutes=5))
    assert later.export(desk.stick).old == 1
    assert desk.files() == before
    assert next(iter(before)).startswith("7130-000001-")


def test_a_message_that_arrives_too_late_is_named_and_made_anew(desk: Desk, chip_key: rsa.RSAPrivateKey) -> None:
    order = order_of(chip_key)
    desk.look(order)
    desk.office.export(desk.stick)

    def tomorrow() -> datetime:
        return utc_now() + timedelta(days=1)

    desk.responder.clock = tomorrow
    answer_messages(desk.responder, desk.stick)
    taken = desk.office.take(desk.stick)
    assert taken.answers == 0
    assert ["too old" in bad and "К-0507" in bad for bad in taken.bad] == [True]
    desk.responder.clock = utc_now
    desk.office.export(desk.stick, again=True)
    answer_messages(desk.responder, desk.stick)
    assert desk.office.take(desk.stick).answers == 1
    assert isinstance(desk.look(order), Issued)
    assert len(desk.responder.status) == 1


def test_two_copies_of_an_order_are_one_transaction(desk: Desk, chip_key: rsa.RSAPrivateKey) -> None:
    """The first copy arrives and its answer is lost; the second is refused as known, and asks after the first."""
    desk.responder.habits.knows_keys = False
    desk.responder.habits.repeats_answers = False
    order = order_of(chip_key)
    desk.look(order)
    desk.office.export(desk.stick)
    answer_messages(desk.responder, desk.stick)
    for path in desk.stick.iterdir():
        path.unlink()
    for _ in range(2):
        desk.office.export(desk.stick, again=True)
        answer_messages(desk.responder, desk.stick)
        assert desk.office.take(desk.stick).bad == []
    assert isinstance(desk.look(order), Issued)
    assert desk.responder.received == ["p10cr", "p10cr", "pollReq"]
    assert len(desk.responder.status) == 1


def test_one_bad_answer_among_many_is_named_and_set_aside(
    desk: Desk, chip_key: rsa.RSAPrivateKey, other_key: rsa.RSAPrivateKey
) -> None:
    orders = [order_of(chip_key), replace(order_of(other_key), order_id="2026-000002/signature")]
    for order in orders:
        desk.look(order)
    desk.office.export(desk.stick)
    answer_messages(desk.responder, desk.stick)
    bad, good = sorted(desk.stick.glob("*.rsp.pki"))
    content, other = bad.read_bytes(), good.read_bytes()
    for spoiled in (b"", content[:-5], content[:99] + bytes((content[99] ^ 1,)) + content[100:], other):
        bad.write_bytes(spoiled)
        taken = desk.office.take(desk.stick)
        assert [text.startswith(bad.name) for text in taken.bad] == [True], spoiled[:20]
        assert (desk.stick / f"{bad.name}.bad").read_bytes() == spoiled
    assert isinstance(desk.look(orders[0]), Pending)
    assert isinstance(desk.look(orders[1]), Issued)
