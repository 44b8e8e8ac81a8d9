"""One message there and its answer back over HTTP(S) (RFC 9811), and which of the two it was that failed.

The standard library's `http.client`: it connects in a call of its own, so that what happened before the first byte
left (`NotSent`) and after (`Unknown`) are two places in the code. Libraries that pool and retry cannot tell them apart.
"""

from __future__ import annotations

import http.client
import select
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import Lock, Timer
from urllib.parse import urlsplit

from kiosk.ca.interface import NotSent, Unknown

MEDIA_TYPE = "application/pkixcmp"
HEADERS = {"Content-Type": MEDIA_TYPE, "Accept": MEDIA_TYPE, "Connection": "keep-alive"}
"""Keep-alive said aloud: some servers forget the transaction when the connection closes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long and how big an exchange may get."""

    connect_s: float = 10.0
    answer_s: float = 30.0
    """From the first byte that leaves to the last that comes."""
    answer_bytes: int = 64 * 1024


class BadAddress(Exception):
    """The URL is not one that messages can be sent to."""


class HttpTransport:
    """Carries messages to one URL, over one connection as long as it lasts. Safe to call from any thread."""

    def __init__(self, url: str, limits: Limits | None = None, tls: ssl.SSLContext | None = None) -> None:
        """`tls` decides whom an https server must be. Raises `BadAddress`."""
        self._limits = limits or Limits()
        self._lock = Lock()
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None:
            raise BadAddress("an authority's URL begins with http:// or https:// and names a host")
        self._path = parts.path or "/"
        self._connection = _connection(parts.scheme, parts.hostname, _port(url), self._limits, tls)

    def close(self) -> None:
        """Hang up."""
        with self._lock:
            self._connection.close()

    def post(self, message: bytes) -> bytes:
        """The answer's body. Raises `NotSent` when provably nothing left the machine, otherwise `Unknown`."""
        with self._lock:
            self._connect()
            try:
                with self._deadline():
                    return self._exchange(message)
            except (OSError, http.client.HTTPException) as error:
                self._connection.close()
                raise Unknown(_words(error)) from error
            except Unknown:
                self._connection.close()
                raise

    def _connect(self) -> None:
        if self._connection.sock is not None and _has_hung_up(self._connection.sock):
            self._connection.close()
        if self._connection.sock is not None:
            return
        try:
            self._connection.connect()
        except (OSError, UnicodeError, http.client.HTTPException) as error:
            # A name that cannot be one, and a TLS handshake that failed, count: no byte of the order has left.
            self._connection.close()
            raise NotSent(_words(error)) from error

    def _exchange(self, message: bytes) -> bytes:
        self._connection.request("POST", self._path, body=message, headers=HEADERS)
        response = self._connection.getresponse()
        answer = response.read(self._limits.answer_bytes + 1)
        if len(answer) > self._limits.answer_bytes:
            raise Unknown(f"the answer is longer than {self._limits.answer_bytes} bytes")
        if (response.length or 0) > 0:
            raise Unknown("the answer is not whole")
        # A CMP answer is one whatever the status line says (RFC 9811, 3.4); anything else is not from the authority.
        if response.headers.get_content_type() != MEDIA_TYPE:
            raise Unknown(f"HTTP {response.status}, {response.headers.get_content_type()}")
        return answer

    @contextmanager
    def _deadline(self) -> Iterator[None]:
        """A server that sends a byte now and then would keep each single read alive for ever."""
        sock = self._connection.sock
        sock.settimeout(self._limits.answer_s)
        timer = Timer(self._limits.answer_s, _hang_up, [sock])
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()


def _connection(
    scheme: str, host: str, port: int | None, limits: Limits, tls: ssl.SSLContext | None
) -> http.client.HTTPConnection:
    if scheme == "https":
        context = tls or ssl.create_default_context()
        return http.client.HTTPSConnection(host, port, timeout=limits.connect_s, context=context)
    return http.client.HTTPConnection(host, port, timeout=limits.connect_s)


def _port(url: str) -> int | None:
    try:
        return urlsplit(url).port
    except ValueError as error:
        raise BadAddress("the port in an authority's URL is a number below 65536") from error


def _hang_up(sock: socket.socket) -> None:
    with suppress(OSError):  # closed already: then nobody waits on it
        sock.shutdown(socket.SHUT_RDWR)


def _has_hung_up(sock: socket.socket) -> bool:
    """Whether the server closed a kept connection meanwhile: between messages it has nothing to say."""
    readable, _, _ = select.select([sock], [], [], 0)
    return bool(readable)


def _words(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return str(error.strerror)
    return str(error) or type(error).__name__
