"""OpenSSL on the other end: its mock server, and its client."""

from __future__ import annotations

import re
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from tests.services.cmp.pki import Pki
from tests.services.ports import free_ports

STARTED_S = 10.0


@contextmanager
def mock_server(pki: Pki, certificate: bytes, *options: str) -> Iterator[str]:
    """`openssl cmp -port`, which answers every order with `certificate` (DER); gives its URL.

    One transaction for each connection, HTTP/1.0, and it listens on the port given, so that one is found beforehand.
    """
    [port] = free_ports(1)
    with tempfile.TemporaryDirectory(prefix="openssl-cmp-") as folder:
        place = Path(folder)
        pki.write(place)
        pem(place / "issued.pem", certificate)
        files = ["-srv_cert", "responder.pem", "-srv_key", "responder.key", "-srv_trusted", "infrastructure.pem"]
        command = ["openssl", "cmp", "-config=", "-port", str(port), *files, "-rsp_cert", "issued.pem", *options]
        with open(place / "log", "wb") as log:
            server = subprocess.Popen(command, cwd=place, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
            try:
                _wait_for(port, server)
                yield f"http://127.0.0.1:{port}/pkix/"
            finally:
                server.kill()
                server.wait(10)


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    """It answers one connection after another, so a trial connection would cost the first message: look, not knock."""
    listening = re.compile(rf":{port:04X} 0+:0000 0A")
    end = time.monotonic() + STARTED_S
    while time.monotonic() < end and server.poll() is None:
        if any(listening.search(Path(f"/proc/net/{table}").read_text()) for table in ("tcp", "tcp6")):
            return
        time.sleep(0.01)
    raise TimeoutError("openssl cmp -port")


def pem(path: Path, certificate: bytes) -> None:
    """Write a DER certificate as PEM."""
    path.write_bytes(x509.load_der_x509_certificate(certificate).public_bytes(Encoding.PEM))


def client(place: Path, url: str, *options: str) -> subprocess.CompletedProcess[str]:
    """`openssl cmp` as the registration office whose files are in `place`."""
    command = ["openssl", "cmp", "-config=", "-server", url, "-cert", "office.pem", "-key", "office.key"]
    trust = ["-trusted", "infrastructure.pem", "-batch", "-verbosity", "7"]
    return subprocess.run(
        [*command, *trust, *options], cwd=place, capture_output=True, text=True, timeout=30, check=False
    )
