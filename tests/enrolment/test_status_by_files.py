"""A hold that waits for its bundle is released by the delivery that comes before the bundle does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from data.archive import Archive
from data.authority_register import AuthorityRegister
from data.batch_store import BatchStore
from data.orders import OrderJournal
from kiosk.ca.interface import Profile
from kiosk.ca.local import LocalAuthority
from kiosk.ca.status import Standing
from kiosk.ca.status_service import StatusService
from kiosk.enrolment.errors import WaitsForBundle
from kiosk.enrolment.status import StatusOffice
from kiosk.orders import Act, Order, OrderState
from tests.ca.citizens import order_for
from tests.data.invented import CLERK, new_case
from tests.services.batch import BatchOffice, answer_all, centre_of, utc_now
from tests.services.cmp.pki import Pki, make_pki

CASE = "2031-000019"


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return make_pki(tmp_path_factory.mktemp("pki"))


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with closing(Archive.open(tmp_path / "office", utc_now)) as made:
        new_case(made, id=CASE)
        yield made


def test_a_hold_under_way_is_released_when_the_certificate_is_delivered(
    archive: Archive, pki: Pki, tmp_path: Path
) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    with closing(AuthorityRegister.open(tmp_path / "centre")) as register:
        authority = LocalAuthority(
            register, pki.ca, utc_now, status=StatusService(register, pki.ca, utc_now, tmp_path / "citizens.crl")
        )
        request = order_for(pki.responder.key)
        wire = authority.prepare(request)
        outcome = authority.accept(request, wire, authority.exchange(wire))
        serial = getattr(outcome, "serial", "")
        journal = OrderJournal(archive, CLERK)
        order = Order(
            order_id=f"{CASE}/signature",
            case_id=CASE,
            profile=Profile.SIGNATURE,
            state=OrderState.ISSUED,
            serial=serial,
        )
        journal.finish(order, Act.ACCEPT)
        office = BatchOffice(pki, BatchStore(archive.store))
        status = StatusOffice(office.authority, journal)
        with pytest.raises(WaitsForBundle):
            status.hold(order)
        [held] = journal.orders(CASE)
        assert held.is_held
        with pytest.raises(WaitsForBundle):
            status.release(held)

        office.export(stick)
        answer_all(centre_of(pki, authority), stick)
        assert office.take(stick).answers == 2
        assert not status.release(held).is_held
        assert not journal.orders(CASE)[0].is_held
        standing = register.status_of(serial)
        assert standing is not None and standing.standing is Standing.ACTIVE
