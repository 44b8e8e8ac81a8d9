"""The wire between a client and a responder: HTTP on a loopback port, and all that can happen to one exchange on it."""

from __future__ import annotations

import http.server
import json
import socket
import struct
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from enum import Enum
from typing import Any

from tests.services.cmp.responder import Responder


class Line(Enum):
    """What happens to one exchange."""

    GOOD = "good"
    REQUEST_LOST = "request lost"
    """The bytes left the client and never arrived."""
    ANSWER_LOST = "answer lost"
    """The responder has acted; the connection breaks before its answer."""
    ANSWER_CUT = "answer cut"
    ANSWER_ENDLESS = "answer endless"
    ANSWER_SLOW = "answer slow"
    """A byte now and then, for ever."""
    REQUEST_TWICE = "request twice"
    """The responder gets the request twice, as from a line that repeats."""
    REQUEST_LATE = "request late"
    """The connection breaks; the request arrives all the same, after the next one."""
    ANSWER_TWICE = "answer twice"
    """The answer comes a second time, instead of the next one."""
    OTHER_TRANSACTION = "other transaction"
    """The answer is well signed, and belongs to somebody else's transaction."""
    UNAVAILABLE = "503"
    ELSEWHERE = "redirect"
    ANOTHER_TYPE = "another type"
    NOT_CMP = "not cmp"
    SAME_AGAIN = "same again"


UNHEARD = (Line.REQUEST_LOST, Line.UNAVAILABLE, Line.ELSEWHERE)
"""The responder never gets the request."""
BROKEN = (Line.REQUEST_LOST, Line.REQUEST_LATE, Line.ANSWER_LOST)
"""The connection breaks and nothing comes back."""


class Conversation:
    """A responder, and the line to it: `lines` are used up one after the other, then all goes well."""

    def __init__(self, responder: Responder, lines: Iterable[Line] = ()) -> None:
        self.responder = responder
        self.requests: list[bytes] = []
        self._lines = deque(lines)
        self._late: list[bytes] = []
        self._last_answer = b""

    def hear(self, raw: bytes) -> tuple[Line, bytes]:
        """What happens to a request, and its answer. Raises `ValueError` for one that is no CMP message."""
        line = self._lines.popleft() if self._lines else Line.GOOD
        self.requests.append(raw)
        if line in UNHEARD:
            return line, b""
        if line is Line.REQUEST_LATE:
            self._late.append(raw)
            return line, b""
        answer = self.responder.answer(raw)
        for late in [raw] if line is Line.REQUEST_TWICE else self._late:
            self.responder.answer(late)
        self._late.clear()
        if line is Line.ANSWER_TWICE:
            self._lines.appendleft(Line.SAME_AGAIN)
        elif line is Line.SAME_AGAIN:
            return line, self._last_answer
        elif line is Line.OTHER_TRANSACTION:
            return line, self.responder.in_another_transaction(answer)
        self._last_answer = answer
        return line, answer


class Server(http.server.ThreadingHTTPServer):
    """One responder on a port of its own."""

    daemon_threads = True

    def __init__(self, responder: Responder, lines: Iterable[Line] = ()) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self._only = Conversation(responder, lines)
        self.responder = responder
        self.requests = self._only.requests
        self.one_at_a_time = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/pkix/"

    def conversation(self, path: str) -> Conversation:
        """Which conversation goes on at a path: there is only one."""
        return self._only

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is what these tests are about."""


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def log_message(self, format: str, *args: Any) -> None: ...

    def do_GET(self) -> None:
        """The responder's books, for another process."""
        with self.server.one_at_a_time:
            books = self.server.conversation(self.path).responder.books()
        self._send(200, "application/json", json.dumps(books).encode())

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get_content_type() != "application/pkixcmp":
            self._send(415, "text/plain", b"")
            return
        try:
            with self.server.one_at_a_time:
                line, answer = self.server.conversation(self.path).hear(raw)
        except ValueError:
            self._send(400, "text/plain", b"")
            return
        self._deliver(line, answer)

    def _deliver(self, line: Line, answer: bytes) -> None:
        if line in BROKEN:
            self._break()
        elif line in (Line.UNAVAILABLE, Line.ELSEWHERE):
            self._send(503 if line is Line.UNAVAILABLE else 302, "text/html", b"<html>")
        elif line is Line.ANSWER_CUT:
            self._send(200, "application/pkixcmp", answer, cut=len(answer) // 2)
        elif line is Line.ANSWER_ENDLESS:
            self._send(200, "application/pkixcmp", answer + bytes(1_000_000))
        elif line is Line.ANSWER_SLOW:
            self._drip(answer)
        elif line is Line.ANOTHER_TYPE:
            self._send(200, "text/html", answer)
        elif line is Line.NOT_CMP:
            self._send(200, "application/pkixcmp", b"<html>" + answer)
        else:
            self._send(200, "application/pkixcmp", answer)

    def _send(self, status: int, kind: str, body: bytes, cut: int | None = None) -> None:
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "http://127.0.0.1:9/")
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[:cut])
        if cut is not None:
            self._break()

    def _drip(self, answer: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/pkixcmp")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        with suppress(OSError):  # until the client has had enough
            for at in range(len(answer)):
                self.wfile.write(answer[at : at + 1])
                self.wfile.flush()
                time.sleep(0.05)
        self.close_connection = True

    def _break(self) -> None:
        """End with a reset, as a line that was cut."""
        self.close_connection = True
        self.wfile.flush()
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@contextmanager
def serving(responder: Responder, lines: Iterable[Line] = ()) -> Iterator[Server]:
    """A server in a thread of this process."""
    with started(Server(responder, lines)) as server:
        yield server


@contextmanager
def started(server: Server) -> Iterator[Server]:
    """Let it serve until the block ends."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)
