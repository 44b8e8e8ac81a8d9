"""A certificate that is not on its card: on hold, released, revoked; over the journal and a CMP responder."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from data.archive import Archive
from data.orders import OrderJournal
from kiosk.ca.interface import NotSent, RevocationReason, Wire
from kiosk.enrolment.asking import Asking
from kiosk.enrolment.confirming import Confirming
from kiosk.enrolment.errors import OrderRejected
from kiosk.enrolment.patience import Patience
from kiosk.enrolment.status import StatusOffice
from kiosk.orders import Act, Order, OrderState
from tests.ca.delegate import DelegatingAuthority
from tests.ca.houses import order_of
from tests.ca.test_cmp_answers import Conversation
from tests.data.invented import CLERK, new_case
from tests.services.cmp.office import terms_of
from tests.services.cmp.pki import Pki, make_pki
from tests.services.cmp.responder import Responder

CASE = "2031-000019"


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return make_pki(tmp_path_factory.mktemp("pki"))


class Desk:
    """One order that has its certificate, and everybody it takes to change what becomes of it."""

    def __init__(self, folder: Path, pki: Pki) -> None:
        self.archive = Archive.open(folder, lambda: datetime.now(UTC))
        new_case(self.archive, id=CASE)
        self.journal = OrderJournal(self.archive, CLERK)
        request = order_of(rsa.generate_private_key(public_exponent=65537, key_size=2048))
        self.responder = Responder(pki)
        talk = Conversation(pki, request, self.responder, terms_of(pki), pki.office)
        self.authority = DelegatingAuthority(talk.authority)
        order = Order(
            order_id=f"{CASE}/{request.profile.value}",
            case_id=CASE,
            profile=request.profile,
            state=OrderState.REQUESTED,
            csr=request.csr,
            email=request.email,
        )
        asking = Asking(self.authority, self.journal, request.subject, Patience())
        self.order = Confirming(self.authority, self.journal, request.subject).confirm(asking.certify(order))
        self.office = StatusOffice(self.authority, self.journal)

    def status(self) -> str:
        return self.responder.status[self.order.serial]

    def acts(self) -> list[str]:
        """The last two rows of the journal, oldest first."""
        return [f"{row.kind} {row.body['act']}" for row in reversed(self.archive.journal_rows(2))]


@pytest.fixture
def desk(tmp_path: Path, pki: Pki) -> Iterator[Desk]:
    made = Desk(tmp_path, pki)
    yield made
    made.archive.close()


def test_on_hold_and_back(desk: Desk) -> None:
    held = desk.office.hold(desk.order)
    assert (held.is_held, held.state, desk.status()) == (True, OrderState.CONFIRMED, "hold")
    assert desk.acts() == ["order_begun hold", "order_finished hold"]
    assert desk.journal.orders(CASE) == (held,)
    released = desk.office.release(held)
    assert (released, desk.status()) == (desk.order, "good")


def test_what_is_not_on_hold_is_not_released(desk: Desk) -> None:
    assert desk.office.release(desk.order) == desk.order
    assert desk.responder.received == ["p10cr", "certConf"]


def test_revoked_ends_the_order(desk: Desk) -> None:
    revoked = desk.office.revoke(desk.office.hold(desk.order), RevocationReason.SUPERSEDED)
    assert (revoked.state, revoked.is_held, desk.status()) == (OrderState.REVOKED, False, "revoked")
    assert desk.journal.open_orders() == []
    assert desk.office.revoke(revoked, RevocationReason.SUPERSEDED) == revoked
    with pytest.raises(OrderRejected):
        desk.office.release(replace(revoked, is_held=True))


def test_a_change_that_did_not_get_through_is_begun_and_asked_for_again(desk: Desk) -> None:
    class NoLine(DelegatingAuthority):
        def exchange(self, wire: Wire) -> bytes:
            raise NotSent("refused")

    office = StatusOffice(NoLine(desk.authority), desk.journal)
    with pytest.raises(NotSent):
        office.hold(desk.order)
    assert desk.acts()[-1] == f"order_begun {Act.HOLD.value}"
    [stored] = desk.journal.orders(CASE)
    assert (stored, desk.status()) == (desk.order, "good")
    assert desk.office.hold(stored).is_held
    assert desk.status() == "hold"
