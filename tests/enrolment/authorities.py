"""An authority of the tests: the built-in one behind a bad line, a slow desk, or a clerk who says no."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from enum import Enum, auto

from kiosk.ca.interface import (
    CertificationAuthority,
    IssueRequest,
    NotSent,
    Outcome,
    Pending,
    Rejected,
    Unknown,
    Wire,
    WireKind,
)
from kiosk.ca.messages import decode_answer, encode_answer
from tests.ca.delegate import DelegatingAuthority

LATER, SOON, REFUSED = b"later", b"soon", b"refused"
CHECK_AFTER_S = 90
SOON_S = 5
REFUSAL = Rejected(code="badCertTemplate", text="Презиме није исправно.")


class Line(Enum):
    """What happens to one exchange."""

    GOOD = auto()
    NOT_SENT = auto()
    ANSWER_LOST = auto()
    """The authority has issued; its answer never came."""
    REQUEST_LOST = auto()
    """The bytes left, and the authority never got them."""
    LATER = auto()
    SOON = auto()
    REFUSED = auto()
    ALTERED = auto()
    """Somebody changed one bit of the answer on its way."""


INSTEAD = {Line.LATER: LATER, Line.SOON: SOON, Line.REFUSED: REFUSED}
"""What the test's own authority answers by itself."""


class FarAuthority(DelegatingAuthority):
    """Implements `CertificationAuthority`. `lines` says how the exchanges go, one after the other; then all go well."""

    def __init__(self, inner: CertificationAuthority, lines: Sequence[Line] = ()) -> None:
        super().__init__(inner)
        self._lines: Iterator[Line] = iter(lines)
        self.sent: list[bytes] = []
        """Orders, and polls for them, that left."""
        self.questions: list[bytes] = []
        """Lookups that left."""
        self.before_answer: Callable[[], object] = lambda: None

    def exchange(self, wire: Wire) -> bytes:
        line = next(self._lines, Line.GOOD)
        if line is Line.NOT_SENT:
            raise NotSent("connection refused")
        (self.questions if wire.kind is WireKind.LOOKUP else self.sent).append(wire.body)
        if line is Line.REQUEST_LOST:
            raise Unknown("connection reset")
        if line in INSTEAD:
            return INSTEAD[line]
        answer = self.inner.exchange(wire)
        self.before_answer()
        if line is Line.ANSWER_LOST:
            raise Unknown("connection reset")
        return _altered(answer) if line is Line.ALTERED else answer

    def accept(self, request: IssueRequest, wire: Wire, answer: bytes) -> Outcome:
        if answer in (LATER, SOON):
            return Pending(check_after_s=CHECK_AFTER_S if answer == LATER else SOON_S)
        return REFUSAL if answer == REFUSED else self.inner.accept(request, wire, answer)


def _altered(answer: bytes) -> bytes:
    """One bit of the signature over the certificate is another."""
    order_id, certificate = decode_answer(answer)
    assert isinstance(certificate, bytes)
    return encode_answer(order_id, certificate[:-1] + bytes((certificate[-1] ^ 1,)))
