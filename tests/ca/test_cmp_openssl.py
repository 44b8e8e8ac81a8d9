"""OpenSSL as the other end: what it says as a server, and what it needs as a client."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa

from kiosk.ca.interface import (
    AuthorityError,
    ClockSkew,
    Done,
    Issued,
    IssueRequest,
    Outcome,
    Pending,
    ProtocolAlarm,
    Rejected,
)
from tests.ca.houses import order_of
from tests.services.cmp.lines import Line, serving
from tests.services.cmp.office import Office
from tests.services.cmp.openssl import client, mock_server
from tests.services.cmp.orders import certify
from tests.services.cmp.pki import Pki
from tests.services.cmp.responder import Habits, Responder

BAD_TIME, BAD_POP = "3", "9"


@pytest.fixture
def order(chip_key: rsa.RSAPrivateKey) -> IssueRequest:
    return order_of(chip_key)


@pytest.fixture
def certificate(pki: Pki, order: IssueRequest, chip_key: rsa.RSAPrivateKey) -> bytes:
    return certify(pki, order, chip_key.public_key(), datetime.now(UTC))


def asked(pki: Pki, order: IssueRequest, certificate: bytes, *options: str) -> Outcome:
    """What comes of the first message to a mock with these options."""
    with mock_server(pki, certificate, *options) as url, Office(pki, url) as office:
        wire = office.authority.prepare(order)
        return office.authority.accept(order, wire, office.authority.exchange(wire))


def test_its_server_lets_us_wait(pki: Pki, order: IssueRequest, certificate: bytes) -> None:
    with (
        mock_server(pki, certificate, "-poll_count", "2", "-check_after", "1") as url,
        Office(pki, url) as office,
    ):
        authority = office.authority
        wire = authority.prepare(order)
        answer = authority.exchange(wire)
        waits = []
        while isinstance(outcome := authority.accept(order, wire, answer), Pending):
            waits.append(outcome.check_after_s)
            wire = authority.prepare_poll(order, wire, answer)
            answer = authority.exchange(wire)
        assert waits == [0, 1]
        assert isinstance(outcome, Issued)
        assert outcome.certificate == certificate
        message = authority.prepare_confirm(order, wire, answer, accepted=True)
        assert message is not None
        assert authority.accept_confirm(message, authority.exchange(message)) == Done()


def test_its_server_refuses(pki: Pki, order: IssueRequest, certificate: bytes) -> None:
    options = ("-pkistatus", "2", "-failure", BAD_POP, "-statusstring", "не")
    assert asked(pki, order, certificate, *options) == Rejected(code="badPOP", text="не")
    assert asked(pki, order, certificate, "-send_error") == Rejected(code="badRequest", text="error processing message")


@pytest.mark.parametrize(
    ("options", "error"),
    [
        (("-pkistatus", "2", "-failure", BAD_TIME), ClockSkew),
        (("-pkistatus", "2", "-send_unprot_err"), ProtocolAlarm),
        (("-send_unprotected",), ProtocolAlarm),
    ],
)
def test_its_server_answers_what_cannot_be_accepted(
    options: tuple[str, ...], error: type[AuthorityError], pki: Pki, order: IssueRequest, certificate: bytes
) -> None:
    with pytest.raises(error):
        asked(pki, order, certificate, *options)


def test_its_certificate_for_another_order(
    pki: Pki, order: IssueRequest, certificate: bytes, other_key: rsa.RSAPrivateKey
) -> None:
    with pytest.raises(ProtocolAlarm, match="key"):
        asked(pki, order_of(other_key), certificate)


@pytest.fixture
def place(pki: Pki, order: IssueRequest, tmp_path: Path) -> Path:
    """The office's files, and the request `order.csr`."""
    pki.write(tmp_path)
    (tmp_path / "order.csr").write_bytes(order.csr)
    return tmp_path


ORDER = ("-cmd", "p10cr", "-csr", "order.csr", "-certout", "out.pem")


@pytest.mark.parametrize("waits", [0, 1])
def test_its_client_gets_its_certificate_from_our_responder(waits: int, place: Path, pki: Pki) -> None:
    responder = Responder(pki, Habits(waits=waits))
    with serving(responder) as server:
        done = client(place, server.url, *ORDER)
        assert done.returncode == 0, done.stdout
        certificate = x509.load_pem_x509_certificate((place / "out.pem").read_bytes())
        assert [f"{certificate.serial_number:x}"] == responder.live()
        revoked = client(place, server.url, "-cmd", "rr", "-oldcert", "out.pem", "-revreason", "4")
        assert revoked.returncode == 0, revoked.stdout
    assert responder.received == ["p10cr", *["pollReq"] * (waits + 1 if waits else 0), "certConf", "rr"]
    assert responder.live() == []


def test_its_client_may_be_spared_the_confirmation(place: Path, pki: Pki) -> None:
    responder = Responder(pki)
    with serving(responder) as server:
        done = client(place, server.url, *ORDER, "-implicit_confirm")
    assert done.returncode == 0, done.stdout
    assert responder.received == ["p10cr"]


def test_its_client_loses_a_certificate_where_ours_does_not(place: Path, pki: Pki) -> None:
    """Why it is a partner in tests and no part of the kiosk: with the answer to certConf the certificate is lost."""
    responder = Responder(pki)
    with serving(responder, [Line.GOOD, Line.ANSWER_LOST]) as server:
        done = client(place, server.url, *ORDER)
    assert done.returncode != 0
    assert len(responder.live()) == 1
    assert not (place / "out.pem").exists()
