"""The HTTPS drop: what offices send is put into the spool, and their receipts are handed out. It has no key.

    PUT  /bundles/NAME      201 when the whole file is on the disk, 200 when it was there already
    HEAD /bundles/NAME      200 when a file of that name waits in the spool
    GET  /receipts/OFFICE   the newest receipt

Who may connect at all is decided by TLS: the server asks every office for its certificate.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from data.bundle_header import OFFICE, SUFFIX, named_rows
from data.carriers import write_whole
from data.exchange_errors import CarrierFault, TornFile
from data.framing import MOST_BYTES, unframed
from data.receipts import SUFFIX as RECEIPT_SUFFIX
from data.registry.spool import Spool
from data.registry.sticks import own_name

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

PATIENCE_S = 120.0
"""For one request: an office with a slow line sends 32 MiB in it at 300 kB/s."""
AT_ONCE = 32


class Refused(Exception):
    """The request ends with this status."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Drop:
    """An ASGI application over a spool."""

    def __init__(self, spool: Spool, patience_s: float = PATIENCE_S) -> None:
        self._spool = spool
        self._patience_s = patience_s

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise ValueError(f"no {scope['type']} here")
        try:
            async with asyncio.timeout(self._patience_s):
                status, body = await self._answer(scope, receive)
        except Refused as refused:
            status, body = refused.status, b""
        except TimeoutError:
            status, body = 408, b""
        except (OSError, CarrierFault):
            # The office keeps its copy and sends it again.
            status, body = 507, b""
        await _send(send, status, b"" if scope["method"] == "HEAD" else body)

    async def _answer(self, scope: Message, receive: Receive) -> tuple[int, bytes]:
        match scope["method"], scope["path"].split("/"):
            case "PUT", ["", "bundles", name] if named_rows(name):
                return await self._put(name, await _body(scope, receive)), b""
            case "HEAD" | "GET", ["", "bundles", name] if named_rows(name):
                return 200 if await asyncio.to_thread(self._waits, name) else 404, b""
            case "GET" | "HEAD", ["", "receipts", office] if OFFICE.match(office):
                return await asyncio.to_thread(self._receipt, office)
            case _:
                raise Refused(404)

    async def _put(self, name: str, file: bytes) -> int:
        try:
            unframed(file)
        except TornFile:
            raise Refused(422) from None
        return await asyncio.to_thread(self._keep, own_name(name, file), file)

    def _keep(self, name: str, file: bytes) -> int:
        inbox = self._spool.folder / "in"
        if (inbox / name).exists():
            return 200
        write_whole(inbox, name, file)
        return 201

    def _waits(self, name: str) -> bool:
        stem = name.removesuffix(SUFFIX)
        return any(path.name.startswith(f"{stem}.") for path in (self._spool.folder / "in").iterdir())

    def _receipt(self, office: str) -> tuple[int, bytes]:
        path: Path = self._spool.folder / "out" / f"{office}{RECEIPT_SUFFIX}"
        return (200, path.read_bytes()) if path.exists() else (404, b"")


async def _body(scope: Message, receive: Receive) -> bytes:
    """The whole body. Raises `Refused` when it is too long, or when the sender has gone before its end."""
    told = dict(scope["headers"]).get(b"content-length", b"")
    if told.isdigit() and int(told) > MOST_BYTES:
        raise Refused(413)
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise Refused(400)
        body += message.get("body", b"")
        if len(body) > MOST_BYTES:
            raise Refused(413)
        if not message.get("more_body"):
            return bytes(body)


async def _send(send: Send, status: int, body: bytes) -> None:
    headers = [(b"content-length", str(len(body)).encode()), (b"content-type", b"application/octet-stream")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
