"""Files to the centre's drop over HTTPS, and receipts back; a file that was cut off is sent again whole."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPException, HTTPSConnection
from pathlib import Path
from urllib.parse import urlsplit

from data.exchange_errors import CarrierFault
from data.framing import MOST_BYTES

TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsFiles:
    """PEM files of the connection; `None` is the machine's own trust, and no certificate of ours."""

    authorities: Path | None = None
    certificate: Path | None = None
    private_key: Path | None = None


class HttpsCarrier:
    """The centre's HTTPS drop. Plain HTTP is refused."""

    def __init__(self, url: str, tls: TlsFiles, timeout_s: float = TIMEOUT_S) -> None:
        parts = urlsplit(url)
        if parts.scheme != "https" or not parts.hostname:
            raise CarrierFault("the centre's address must begin with https://")
        self._host, self._port, self._path = parts.hostname, parts.port or 443, parts.path.rstrip("/")
        self._tls, self._timeout_s = tls, timeout_s
        self._connection: HTTPSConnection | None = None

    def has(self, name: str) -> bool:
        """True when the drop has that file whole and it was not yet taken in."""
        return self._ask("HEAD", f"/bundles/{name}")[0] == 200

    def put(self, name: str, file: bytes) -> None:
        """Send a file; returns when the drop has it on its disk."""
        status, _ = self._ask("PUT", f"/bundles/{name}", file)
        if status not in (200, 201):
            raise CarrierFault(f"the centre's drop answers {status} to {name}")

    def receipt(self, office: str) -> bytes | None:
        """The office's newest receipt."""
        status, content = self._ask("GET", f"/receipts/{office}")
        if status not in (200, 404):
            raise CarrierFault(f"the centre's drop answers {status} to the question for a receipt")
        return content if status == 200 else None

    def tidy(self, office: str, epoch: int, acknowledged: int) -> None:
        """Nothing: what was sent is the centre's."""

    def _ask(self, method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
        with self._faults():
            was_open = self._connection is not None
            try:
                return self._asked(method, path, body)
            except (ConnectionError, HTTPException):
                # A server closes a connection that rested. Every question here bears repeating.
                if not was_open:
                    raise
            return self._asked(method, path, body)

    def _asked(self, method: str, path: str, body: bytes | None) -> tuple[int, bytes]:
        connection = self._connection or HTTPSConnection(
            self._host, self._port, timeout=self._timeout_s, context=self._context()
        )
        self._connection = None
        try:
            connection.request(method, self._path + path, body=body)
            answer = connection.getresponse()
            content = answer.read(MOST_BYTES)
        except BaseException:  # a connection that was left in the middle of an answer is never used again
            connection.close()
            raise
        self._connection = connection
        return answer.status, content

    def close(self) -> None:
        """Close the connection; it is opened again on the next use."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _context(self) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=self._tls.authorities)
        if self._tls.certificate is not None:
            context.load_cert_chain(self._tls.certificate, self._tls.private_key)
        return context

    @contextmanager
    def _faults(self) -> Iterator[None]:
        try:
            yield
        except (OSError, HTTPException) as error:
            raise CarrierFault(f"{self._host}: {error}") from error
