"""Whether a message has left: refused and unknown hosts are `NotSent`, all that happens afterwards is `Unknown`."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from kiosk.ca.cmp.transport import BadAddress, HttpTransport, Limits
from kiosk.ca.interface import Issued, IssueRequest, NotSent, ProtocolAlarm, Unknown
from tests.ca.houses import order_of
from tests.services.cmp.lines import Line, Server, serving, started
from tests.services.cmp.office import Office
from tests.services.cmp.pki import Pki, issue
from tests.services.cmp.responder import Responder
from tests.services.ports import free_ports

SHORT = Limits(connect_s=2, answer_s=0.5)
LOST = {
    Line.REQUEST_LOST: ".",
    Line.ANSWER_LOST: ".",
    Line.ANSWER_CUT: "not whole",
    Line.ANSWER_ENDLESS: "longer than 65536",
    Line.ANSWER_SLOW: ".",
    Line.UNAVAILABLE: "HTTP 503",
    Line.ELSEWHERE: "HTTP 302",
    Line.ANOTHER_TYPE: "text/html",
}


@pytest.fixture
def order(chip_key: rsa.RSAPrivateKey) -> IssueRequest:
    return order_of(chip_key)


@contextmanager
def office_and_server(pki: Pki, lines: list[Line]) -> Iterator[tuple[Office, Server]]:
    with serving(Responder(pki), lines) as server, Office(pki, server.url, limits=SHORT) as office:
        yield office, server


@pytest.mark.parametrize("line", LOST, ids=lambda line: line.value)
def test_after_the_bytes_left_nothing_is_known_and_the_same_bytes_settle_it(
    line: Line, pki: Pki, order: IssueRequest
) -> None:
    with office_and_server(pki, [line]) as (office, server):
        wire = office.authority.prepare(order)
        begun = time.monotonic()
        with pytest.raises(Unknown, match=LOST[line]):
            office.authority.exchange(wire)
        assert time.monotonic() - begun < 2
        outcome = office.authority.accept(order, wire, office.authority.exchange(wire))
        assert isinstance(outcome, Issued)
        assert server.requests == [wire.body] * 2
        assert len(server.responder.status) == 1


def test_a_request_that_arrives_twice_makes_one_certificate(pki: Pki, order: IssueRequest) -> None:
    with office_and_server(pki, [Line.REQUEST_TWICE]) as (office, server):
        wire = office.authority.prepare(order)
        assert isinstance(office.authority.accept(order, wire, office.authority.exchange(wire)), Issued)
        assert len(server.responder.status) == 1


@pytest.mark.parametrize(
    ("line", "alarm"),
    [(Line.ANSWER_TWICE, "nonce"), (Line.OTHER_TRANSACTION, "transaction"), (Line.NOT_CMP, "message")],
)
def test_an_answer_that_is_not_to_this_message(line: Line, alarm: str, pki: Pki, order: IssueRequest) -> None:
    with office_and_server(pki, [line]) as (office, server):
        wire = office.authority.prepare(order)
        if line is Line.ANSWER_TWICE:
            office.authority.exchange(wire)
            wire = office.authority.prepare_lookup(order, wire)
        with pytest.raises(ProtocolAlarm, match=alarm):
            office.authority.accept(order, wire, office.authority.exchange(wire))
        assert len(server.responder.status) == 1


def test_a_request_that_arrives_after_its_repetition_makes_one_certificate(pki: Pki, order: IssueRequest) -> None:
    with office_and_server(pki, [Line.REQUEST_LATE]) as (office, server):
        wire = office.authority.prepare(order)
        with pytest.raises(Unknown):
            office.authority.exchange(wire)
        assert isinstance(office.authority.accept(order, wire, office.authority.exchange(wire)), Issued)
        assert server.responder.received == ["p10cr", "p10cr"]
        assert len(server.responder.status) == 1


def test_nobody_listens() -> None:
    [port] = free_ports(1)
    with pytest.raises(NotSent, match="refused"):
        HttpTransport(f"http://127.0.0.1:{port}/", SHORT).post(b"x")


@pytest.mark.parametrize("host", ["no-such-host.invalid", "a..b"])
def test_a_host_that_has_no_address(host: str) -> None:
    with pytest.raises(NotSent):
        HttpTransport(f"http://{host}/", SHORT).post(b"x")


def test_a_host_that_does_not_answer_at_all() -> None:
    """A backlog that is full: the connection never comes to be."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(listening.getsockname())
        try:
            with pytest.raises(NotSent):
                HttpTransport(f"http://127.0.0.1:{listening.getsockname()[1]}/", Limits(connect_s=0.3)).post(b"x")
        finally:
            for filler in fillers:
                filler.close()


@contextmanager
def mute_server(*, says: bytes = b"") -> Iterator[int]:
    """Takes connections, says `says` once to each, and hangs up."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        listening.settimeout(0.05)
        stop = threading.Event()

        def serve() -> None:
            while not stop.is_set():
                try:
                    connection, _ = listening.accept()
                except TimeoutError:
                    continue
                with connection:
                    connection.settimeout(1)
                    connection.recv(65536)
                    connection.sendall(says)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            stop.set()
            thread.join(5)


@pytest.mark.parametrize("says", [b"", b"\0" * 100, b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 500])
def test_a_server_that_speaks_something_else(says: bytes) -> None:
    with mute_server(says=says) as port, pytest.raises(Unknown):
        HttpTransport(f"http://127.0.0.1:{port}/", SHORT).post(b"x")


def test_a_handshake_that_fails_has_sent_nothing_of_the_order(pki: Pki) -> None:
    with serving(Responder(pki)) as server, pytest.raises(NotSent):
        HttpTransport(server.url.replace("http:", "https:"), SHORT).post(b"x")


@contextmanager
def tls_server(pki: Pki, folder: Path) -> Iterator[Server]:
    """The same responder behind TLS, with a certificate of the PKI's own."""
    identity = issue("TEST Server", pki.infrastructure, datetime.now(UTC), address="127.0.0.1")
    (folder / "tls.pem").write_bytes(identity.certificate_pem() + identity.key_pem())
    (folder / "anchor.pem").write_bytes(pki.infrastructure.certificate_pem())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "tls.pem")
    server = Server(Responder(pki))
    server.socket = context.wrap_socket(server.socket, server_side=True)
    with started(server):
        yield server


def test_over_tls_only_the_server_that_is_meant_is_told_anything(pki: Pki, order: IssueRequest, tmp_path: Path) -> None:
    with tls_server(pki, tmp_path) as server:
        url = server.url.replace("http:", "https:")
        with pytest.raises(NotSent, match=r"(?i)certificate"):
            HttpTransport(url, SHORT).post(b"x")
        trusting = ssl.create_default_context(cafile=str(tmp_path / "anchor.pem"))
        with Office(pki, url, limits=SHORT, tls=trusting) as office:
            wire = office.authority.prepare(order)
            assert isinstance(office.authority.accept(order, wire, office.authority.exchange(wire)), Issued)
        assert len(server.requests) == 1


def test_one_connection_carries_a_whole_transaction(pki: Pki, order: IssueRequest) -> None:
    with office_and_server(pki, []) as (office, _):
        wire = office.authority.prepare(order)
        answer = office.authority.exchange(wire)
        kept = office._transport._connection.sock
        message = office.authority.prepare_confirm(order, wire, answer, accepted=True)
        assert message is not None
        office.authority.exchange(message)
        assert kept is not None
        assert office._transport._connection.sock is kept


def test_a_connection_that_was_closed_meanwhile_is_opened_again(pki: Pki, order: IssueRequest) -> None:
    with office_and_server(pki, []) as (office, _):
        wire = office.authority.prepare(order)
        office.authority.exchange(wire)
        kept = office._transport._connection.sock
        assert kept is not None
        kept.shutdown(socket.SHUT_RDWR)
        assert isinstance(office.authority.accept(order, wire, office.authority.exchange(wire)), Issued)


@pytest.mark.parametrize(
    "url", ["", "ftp://a/", "http:///x", "127.0.0.1:80", "http://a:99999/", "http://a:x/", "https://u:p@a/"]
)
def test_a_url_that_is_none(url: str) -> None:
    with pytest.raises(BadAddress):
        HttpTransport(url)
