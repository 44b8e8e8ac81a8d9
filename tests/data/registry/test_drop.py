"""The HTTPS drop as a real server: whole files only, known offices only, and an exchange from end to end."""

from __future__ import annotations

import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from data import exchange
from data.exchange_errors import CarrierFault
from data.framing import framed
from data.https_carrier import HttpsCarrier, TlsFiles
from data.receipt_book import Verdict
from tests.data.registry.places import Centre, Office
from tests.services.ports import free_ports, wait_until
from tests.services.tls import TlsFolder, tls_folder

NAME = "7130-1-000000001-000000003.bundle"


class Served:
    """A running drop."""

    def __init__(self, port: int, tls: TlsFolder, spool: Path) -> None:
        self.port, self.tls, self.spool = port, tls, spool

    def carrier(self, **files: Path | None) -> HttpsCarrier:
        known: dict[str, Path | None] = {
            "authorities": self.tls.authority,
            "certificate": self.tls.client,
            "private_key": self.tls.client_key,
        }
        return HttpsCarrier(f"https://127.0.0.1:{self.port}", TlsFiles(**known | files), timeout_s=10)

    def raw(self) -> ssl.SSLSocket:
        """A connection of an office, for what its carrier would never send."""
        context = ssl.create_default_context(cafile=self.tls.authority)
        context.load_cert_chain(self.tls.client, self.tls.client_key)
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=10)
        return context.wrap_socket(plain, server_hostname="127.0.0.1")

    def status(self, request: bytes) -> int:
        """The status of the answer to these bytes."""
        with self.raw() as connection:
            connection.sendall(request)
            return int(connection.recv(64).split()[1])

    def files(self) -> list[str]:
        return sorted(path.name for path in (self.spool / "in").iterdir())


@pytest.fixture(scope="module")
def drop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("drop")
    tls = tls_folder(folder / "tls")
    (port,) = free_ports(1)
    command = [
        *(sys.executable, "-m", "kiosk", "registry", "drop", "--spool", str(folder / "spool")),
        *("--listen", f"127.0.0.1:{port}", "--certificate", str(tls.server), "--private-key", str(tls.server_key)),
        *("--offices", str(tls.authority)),
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    served = Served(port, tls, folder / "spool")
    try:
        wait_until(lambda: process.poll() is not None or _answers(port), "the drop")
        yield served
    finally:
        process.terminate()
        process.wait(10)


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(autouse=True)
def empty(drop: Served) -> Iterator[None]:
    yield
    for path in (drop.spool / "in").iterdir():
        path.unlink()


def test_a_file_is_put_once_and_seen(drop: Served) -> None:
    carrier = drop.carrier()
    assert not carrier.has(NAME)
    carrier.put(NAME, framed(b"x"))
    carrier.put(NAME, framed(b"x"))
    assert carrier.has(NAME)
    (name,) = drop.files()
    assert (drop.spool / "in" / name).read_bytes() == framed(b"x")
    # Another file of the same name takes nobody's place.
    carrier.put(NAME, framed(b"y"))
    assert len(drop.files()) == 2
    assert carrier.receipt("7130") is None
    (drop.spool / "out" / "7130.receipt").write_bytes(b"receipt")
    assert carrier.receipt("7130") == b"receipt"
    carrier.close()


def test_who_shows_no_certificate_is_not_heard(drop: Served, tmp_path: Path) -> None:
    strangers = tls_folder(tmp_path / "strangers")
    for files in (
        {"certificate": None, "private_key": None},
        {"certificate": strangers.client, "private_key": strangers.client_key},
        {"authorities": strangers.authority},
    ):
        with pytest.raises(CarrierFault):
            drop.carrier(**files).put(NAME, framed(b"x"))
    assert drop.files() == []
    with pytest.raises(CarrierFault, match="https"):
        HttpsCarrier(f"http://127.0.0.1:{drop.port}", TlsFiles())


def test_a_torn_file_is_not_taken(drop: Served) -> None:
    with pytest.raises(CarrierFault, match="422"):
        drop.carrier().put(NAME, framed(b"x" * 100)[:-1])
    assert drop.files() == []


def test_a_connection_cut_in_the_middle_leaves_nothing(drop: Served) -> None:
    head = f"PUT /bundles/{NAME} HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\n".encode()
    with drop.raw() as connection:
        connection.sendall(head + framed(b"x" * 1000))
    assert drop.status(b"GET /receipts/0000 HTTP/1.1\r\nHost: x\r\n\r\n") == 404
    assert drop.files() == []


@pytest.mark.parametrize(
    ("request_line", "status"),
    [
        ("PUT /bundles/..%2F..%2Fetc%2Fpasswd", 404),
        ("PUT /bundles/photo.jpg", 404),
        ("POST /bundles/7130-1-000000001-000000003.bundle", 404),
        ("GET /receipts/..%2Fdone", 404),
        ("GET /", 404),
        ("DELETE /receipts/7130", 404),
    ],
)
def test_nothing_else_is_served(drop: Served, request_line: str, status: int) -> None:
    assert drop.status(f"{request_line} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n".encode()) == status


def test_a_file_too_long_is_refused_before_it_is_sent(drop: Served) -> None:
    head = f"PUT /bundles/{NAME} HTTP/1.1\r\nHost: x\r\nContent-Length: {1 << 40}\r\n\r\n"
    assert drop.status(head.encode()) == 413


def test_an_exchange_from_end_to_end(drop: Served, centre: Centre, office: Office) -> None:
    carrier = drop.carrier()
    office.write(2500)
    assert exchange.export(office.outbox, carrier, centre.card).bundles == 3
    assert exchange.export(office.outbox, carrier, centre.card).there == 3
    for path in (drop.spool / "in").iterdir():
        path.rename(centre.spool.folder / "in" / path.name)
    assert centre.worker.run().rows == 2500
    receipt = centre.outgoing.receipt("7130")
    assert receipt is not None
    (drop.spool / "out" / "7130.receipt").write_bytes(receipt)
    assert exchange.collect(office.outbox, carrier, centre.card) is Verdict.AGREES
    assert office.acknowledged() == 2500
    carrier.close()
