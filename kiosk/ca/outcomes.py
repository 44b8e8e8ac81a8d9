"""What an authority's answer comes to, once it is verified.

Of an order: `Issued`, `Pending`, `Rejected`, `Duplicate`; where there is no answer, `exchange` raises `NotSent` or
`Unknown` instead. A question after an order may also find that there is `NoSuchOrder`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """The certificate, believed: `accept` has verified chain, key, subject, e-mail, profile, validity and lint."""

    certificate: bytes
    """DER."""
    chain: tuple[bytes, ...]
    """Issuing CA first, root last; DER."""
    serial: str
    """Lower-case hex."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """The authority will answer later; ask with `prepare_poll` after `check_after_s` seconds."""

    check_after_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """The authority refuses; the clerk must act. Never retried by itself."""

    code: str
    """Name of the PKIFailureInfo bit of RFC 4210, or our own word where there is none."""
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Duplicate:
    """The authority knows this transaction, or this key, already: ask with `prepare_lookup`, never a new request."""

    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoSuchOrder:
    """The authority is sure that it has never issued for this order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A confirmation has arrived, or a certificate has the status that was asked for; also if it was so before."""


Outcome = Issued | Pending | Rejected | Duplicate | NoSuchOrder
"""Of an order, a poll or a lookup; only the last can find that there is no such order."""
Settlement = Done | Pending | Rejected
"""Of a confirmation or a change of status."""
