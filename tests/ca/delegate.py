"""An authority that hands everything on to another: what tests put between an office and who signs."""

from __future__ import annotations

from collections.abc import Sequence

from kiosk.ca.interface import (
    Capabilities,
    CertificationAuthority,
    IssueRequest,
    Outcome,
    Settlement,
    StatusChange,
    Wire,
)


class DelegatingAuthority:
    """Implements `CertificationAuthority`. `inner` is asked anew for each call, so that it may change."""

    is_test = True

    def __init__(self, inner: CertificationAuthority) -> None:
        self.inner = inner
        self.name = inner.name

    @property
    def capabilities(self) -> Capabilities:
        return self.inner.capabilities

    def prepare(self, request: IssueRequest) -> Wire:
        return self.inner.prepare(request)

    def is_fresh(self, wire: Wire) -> bool:
        return self.inner.is_fresh(wire)

    def exchange(self, wire: Wire) -> bytes:
        return self.inner.exchange(wire)

    def accept(self, request: IssueRequest, wire: Wire, answer: bytes) -> Outcome:
        return self.inner.accept(request, wire, answer)

    def prepare_poll(self, request: IssueRequest, wire: Wire, answer: bytes) -> Wire:
        return self.inner.prepare_poll(request, wire, answer)

    def prepare_lookup(self, request: IssueRequest, wire: Wire) -> Wire:
        return self.inner.prepare_lookup(request, wire)

    def prepare_confirm(self, request: IssueRequest, wire: Wire, answer: bytes, *, accepted: bool) -> Wire | None:
        return self.inner.prepare_confirm(request, wire, answer, accepted=accepted)

    def accept_confirm(self, wire: Wire, answer: bytes) -> Settlement:
        return self.inner.accept_confirm(wire, answer)

    def prepare_status(self, change: StatusChange) -> Wire:
        return self.inner.prepare_status(change)

    def accept_status(self, change: StatusChange, wire: Wire, answer: bytes) -> Settlement:
        return self.inner.accept_status(change, wire, answer)

    def chain(self) -> Sequence[bytes]:
        return self.inner.chain()
