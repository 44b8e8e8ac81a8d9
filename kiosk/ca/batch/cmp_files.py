"""CMP as files (RFC 4210, 5.3 and its file transfer): one PKIMessage a file, for authorities that take nothing else.

The same outbox and the same orders as batches; only what leaves is a p10cr or an rr, signed when it is exported. Such a
message says when it was made, and an authority refuses one that is a few minutes old: this format is for a stick that
is carried across a room, or an authority that was told to allow for days. And it is signed, not secret.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable
from datetime import datetime

from kiosk.ca.batch.authority import BatchAuthority, Terms
from kiosk.ca.batch.entry import Entry
from kiosk.ca.batch.outbox import MessageStore
from kiosk.ca.cmp.authority import CmpAuthority
from kiosk.ca.interface import (
    AuthorityError,
    Done,
    Duplicate,
    Issued,
    Outcome,
    Pending,
    ProtocolAlarm,
    Settlement,
    StatusChange,
    Wire,
    WireKind,
)
from kiosk.ca.messages import IssueOrder, Malformed, decode_fields, decode_order, encode_fields, text_of
from kiosk.ca.status_messages import decode_status

TRANSACTION_KNOWN = "transactionIdInUse"


class CmpFileAuthority(BatchAuthority):
    """A `BatchAuthority` whose answers are CMP messages, which `cmp` verifies."""

    def __init__(
        self,
        terms: Terms,
        store: MessageStore,
        clerk: Callable[[], str],
        clock: Callable[[], datetime],
        cmp: CmpAuthority,
    ) -> None:
        super().__init__(terms, store, clerk, clock)
        self._cmp = cmp

    def _outcome(self, order: IssueOrder, wire: Wire, answer: bytes) -> Outcome:
        message, raw = decode_exchange(answer)
        return self._cmp.accept(order.request, message, raw)

    def _settlement(self, change: StatusChange, wire: Wire, answer: bytes) -> Settlement:
        message, raw = decode_exchange(answer)
        return self._cmp.accept_status(change, message, raw)


def encode_exchange(message: Wire, answer: bytes) -> bytes:
    """A message with its answer, as outbox and journal keep them: one cannot be verified without the other."""
    return encode_fields(
        {
            "kind": message.kind.value,
            "body": b64encode(message.body).decode("ascii"),
            "state": b64encode(message.state).decode("ascii"),
            "cmp": b64encode(answer).decode("ascii"),
        }
    )


def decode_exchange(stored: bytes) -> tuple[Wire, bytes]:
    """The message and its answer. Raises `ProtocolAlarm`."""
    try:
        fields = decode_fields(stored)
        body, state, answer = (b64decode(text_of(fields[name]), validate=True) for name in ("body", "state", "cmp"))
        return Wire(kind=WireKind(fields["kind"]), body=body, state=state), answer
    except (Malformed, KeyError, TypeError, ValueError) as error:
        raise ProtocolAlarm("malformed: answer") from error


def message_for(cmp: CmpAuthority, entry: Entry, went: Wire, told: bytes) -> Wire:
    """What goes for an entry now: its first message, or a question after one that was only taken note of.

    A first message made anew is in the same transaction, so both are never issued. Raises `AuthFailed`.
    """
    if entry.kind is WireKind.STATUS:
        return cmp.prepare_status(decode_status(entry.message))
    request = decode_order(entry.message).request
    if told and isinstance(cmp.accept(request, went, told), Duplicate):
        return cmp.prepare_lookup(request, went)
    is_question = told or went.kind is not WireKind.ISSUE
    return cmp.prepare_poll(request, went, told) if is_question else cmp.prepare(request)


def outcome_of(cmp: CmpAuthority, entry: Entry, went: Wire, raw: bytes) -> tuple[bool, bool]:
    """Whether an answer is the last one to an entry, and whether it brings what was asked. Raises `AuthorityError`."""
    if entry.kind is WireKind.STATUS:
        settlement = cmp.accept_status(decode_status(entry.message), went, raw)
        return not isinstance(settlement, Pending), isinstance(settlement, Done)
    outcome = cmp.accept(decode_order(entry.message).request, went, raw)
    if isinstance(outcome, Duplicate) and outcome.code == TRANSACTION_KNOWN:
        # An earlier copy has arrived, and what became of it can be asked.
        return False, False
    return not isinstance(outcome, Pending), isinstance(outcome, Issued)


class NoKey:
    """Where messages are only read."""

    def sign_digest(self, key_id: bytes, digest: bytes) -> bytes:
        """Never asked for."""
        raise AuthorityError("the office's key is opened where orders are exported")
