"""The authorities that the contract is tested on, each with an order it can certify."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import rsa

from data.authority_register import AuthorityRegister
from data.batch_store import BatchStore
from kiosk.ca.interface import CertificationAuthority, IssueRequest, Profile, Wire
from kiosk.ca.local import LocalAuthority
from kiosk.ca.status_service import StatusService
from tests.ca.citizens import LONG, full_request
from tests.ca.delegate import DelegatingAuthority
from tests.proofs.register import registered
from tests.services.batch import BatchOffice, CmpFileOffice, answer_all, answer_messages, centre_of
from tests.services.cmp.lines import serving
from tests.services.cmp.office import Office
from tests.services.cmp.openssl import mock_server
from tests.services.cmp.orders import certify
from tests.services.cmp.pki import Pki
from tests.services.cmp.responder import Habits, Responder

EMAIL = "a@example.com"


@dataclass(frozen=True)
class House:
    """An authority, an order, and what stands in the authority's own books."""

    authority: CertificationAuthority
    order: IssueRequest
    issued: Callable[[], int]
    """How many certificates it has ever issued; a mock, which does not count, has issued its one."""
    is_mock: bool = False


def order_of(key: rsa.RSAPrivateKey, profile: Profile = Profile.SIGNATURE) -> IssueRequest:
    csr = full_request(key, LONG, profile, EMAIL)
    return IssueRequest(order_id=f"2026-000001/{profile.value}", profile=profile, csr=csr, subject=LONG, email=EMAIL)


@contextmanager
def local_house(folder: Path, pki: Pki, key: rsa.RSAPrivateKey) -> Iterator[House]:
    register = AuthorityRegister.open(folder)
    try:
        clock = partial(datetime.now, UTC)
        status = StatusService(register, pki.ca, clock, folder / "citizens.crl")
        authority = LocalAuthority(register, pki.ca, clock, status=status)
        yield House(authority, order_of(key), lambda: len([c for c in registered(folder).values() if c]))
    finally:
        register.close()


def _responder_house(habits: Habits) -> Callable[..., Iterator[House]]:
    def house(folder: Path, pki: Pki, key: rsa.RSAPrivateKey) -> Iterator[House]:
        responder = Responder(pki, habits)
        with serving(responder) as server, Office(pki, server.url) as office:
            yield House(office.authority, order_of(key), lambda: len(responder.status))

    return house


@contextmanager
def openssl_house(folder: Path, pki: Pki, key: rsa.RSAPrivateKey) -> Iterator[House]:
    order = order_of(key)
    certificate = certify(pki, order, key.public_key(), datetime.now(UTC))
    with mock_server(pki, certificate) as url, Office(pki, url) as office:
        yield House(office.authority, order, lambda: 1, is_mock=True)


class Carried(DelegatingAuthority):
    """Somebody carries a folder to the centre and back after everything that is asked for."""

    def __init__(self, office: BatchOffice, answer: Callable[[Path], object], folder: Path) -> None:
        super().__init__(office.authority)
        self._office = office
        self._answer = answer
        self._folder = folder

    def exchange(self, wire: Wire) -> bytes:
        answer = super().exchange(wire)
        self._office.export(self._folder)
        self._answer(self._folder)
        assert self._office.take(self._folder).bad == []
        return answer


@contextmanager
def batch_house(folder: Path, pki: Pki, key: rsa.RSAPrivateKey) -> Iterator[House]:
    with local_house(folder / "centre", pki, key) as behind:
        store = BatchStore.open(folder / "office")
        stick = folder / "stick"
        stick.mkdir()
        try:
            authority = Carried(BatchOffice(pki, store), partial(answer_all, centre_of(pki, behind.authority)), stick)
            yield House(authority, behind.order, behind.issued)
        finally:
            store.close()


def _message_house(habits: Habits) -> Callable[..., Iterator[House]]:
    def house(folder: Path, pki: Pki, key: rsa.RSAPrivateKey) -> Iterator[House]:
        responder, stick = Responder(pki, habits), folder / "stick"
        store = BatchStore.open(folder / "office")
        stick.mkdir()
        try:
            authority = Carried(CmpFileOffice(pki, store), partial(answer_messages, responder), stick)
            yield House(authority, order_of(key), lambda: len(responder.status))
        finally:
            store.close()

    return house


HOUSES = {
    "local": local_house,
    "cmp": contextmanager(_responder_house(Habits())),
    "cmp, later": contextmanager(_responder_house(Habits(waits=2))),
    "cmp, says each thing once": contextmanager(_responder_house(Habits(repeats_answers=False))),
    "cmp, openssl": openssl_house,
    "batch": batch_house,
    "batch, cmp": contextmanager(_message_house(Habits())),
    "batch, cmp, later": contextmanager(_message_house(Habits(waits=1))),
}
