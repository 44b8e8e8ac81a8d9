"""The other side of the CMP bench: answers every order with one certificate made beforehand, in a process of its own.

It signs every answer, as an authority must, and reads every request; it checks and keeps nothing.
"""

from __future__ import annotations

import http.server
import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from typing import Any

from kiosk.ca import der
from kiosk.ca.cmp import transaction as transactions
from kiosk.ca.cmp import writing
from kiosk.ca.cmp.credentials import Credentials
from kiosk.ca.cmp.reading import read_message
from kiosk.ca.cmp.transport import MEDIA_TYPE

CP, RP, PKICONF = 3, 12, 19
"""Tags of the bodies it answers with (RFC 9810, 5.1.2)."""
ECHO = "/echo"
"""Where a body is answered with one of the same length as a certificate's answer, and nothing is read or signed."""


@dataclass(frozen=True, slots=True)
class Responder:
    """What it answers with."""

    credentials: Credentials
    certificate: bytes

    def answer(self, raw: bytes) -> bytes:
        """A cp for an order, a pkiConf for a confirmation, an rp for a change of status."""
        request = read_message(raw)
        transaction = transactions.begin(request.transaction, datetime.now(UTC)).next(
            datetime.now(UTC), answered=request.sender_nonce
        )
        bodies = {"p10cr": self._cp, "certConf": _pkiconf, "rr": _rp}
        body = bodies[request.body]()
        return writing.message(transaction, body, self.credentials, request.sender)

    def _cp(self) -> bytes:
        accepted = der.sequence(der.integer(0))
        pair = der.sequence(der.explicit(0, self.certificate))
        response = der.sequence(der.signed_integer(transactions.P10CR_REQUEST_ID), accepted, pair)
        return der.explicit(CP, der.sequence(der.sequence(response)))


def _pkiconf() -> bytes:
    return der.explicit(PKICONF, der.tlv(0x05))


def _rp() -> bytes:
    return der.explicit(RP, der.sequence(der.sequence(der.sequence(der.integer(0)))))


@contextmanager
def serving(responder: Responder) -> Iterator[str]:
    """Its URL on this machine, as long as the block lasts."""
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(responder, theirs), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{ours.recv()}"
    finally:
        process.kill()
        process.join()


def _serve(responder: Responder, said: Connection) -> None:
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Without it an answer waits for the acknowledgement of its header: 40 ms that no authority needs.
        disable_nagle_algorithm = True

        def log_message(self, format: str, *arguments: Any) -> None: ...

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"]))
            answer = bytes(len(raw)) if self.path == ECHO else responder.answer(raw)
            self.send_response(200)
            self.send_header("Content-Type", MEDIA_TYPE)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    said.send(server.server_address[1])
    server.serve_forever()
