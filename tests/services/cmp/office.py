"""A registration office that speaks to a CMP server of the tests."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from types import TracebackType

from kiosk.ca.cmp.authority import CmpAuthority, Terms
from kiosk.ca.cmp.credentials import Credentials
from kiosk.ca.cmp.protection import Trust
from kiosk.ca.cmp.transport import HttpTransport, Limits
from tests.services.cmp.pki import Identity, Pki

STATION = "7130"


def utc_now() -> datetime:
    return datetime.now(UTC)


def terms_of(pki: Pki) -> Terms:
    """What a registration office of this PKI has agreed."""
    return Terms(
        chain=pki.ca.certificates,
        trust=Trust(anchors=(pki.infrastructure.certificate,)),
        recipient=pki.responder.certificate.subject.public_bytes(),
        station=STATION,
        is_test=True,
    )


class Office(AbstractContextManager["Office"]):
    """The authority as the office sees it, over a connection that ends with the block."""

    def __init__(
        self,
        pki: Pki,
        url: str,
        terms: Terms | None = None,
        clock: Callable[[], datetime] = utc_now,
        identity: Identity | None = None,
        limits: Limits | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        identity = identity or pki.office
        self._transport = HttpTransport(url, limits, tls)
        credentials = Credentials(private_key=identity.key, certificate=identity.certificate)
        self.authority = CmpAuthority(terms or terms_of(pki), credentials, self._transport, clock)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._transport.close()
