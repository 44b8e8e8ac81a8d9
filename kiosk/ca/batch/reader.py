"""How an office reads what the centre sends: which entry an answer is to, whether it holds, and what it brings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from kiosk.ca.batch.answer import verified_answer
from kiosk.ca.batch.authority import BatchAuthority, Terms
from kiosk.ca.batch.entry import Entry
from kiosk.ca.batch.files import is_receipt_for
from kiosk.ca.interface import Done, Issued, Wire, WireKind
from kiosk.ca.messages import decode_order
from kiosk.ca.status_messages import decode_status


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """The office's eyes. `clock` gives the time in UTC."""

    authority: BatchAuthority
    terms: Terms
    clock: Callable[[], datetime]

    def is_receipt(self, receipt: bytes, batch_sha256: str) -> bool:
        """Whether the centre says that it has the batch with that digest."""
        return is_receipt_for(receipt, self.terms.office, batch_sha256, self.terms.centre, self.clock())

    def entry_of(self, answer: bytes) -> str:
        """Id of the entry that a signed answer is to. Raises `ProtocolAlarm`."""
        return verified_answer(answer, self.terms.centre, self.clock()).to

    def brings(self, entry: Entry, answer: bytes) -> bool:
        """Whether an answer, verified as the authority does it, does what was asked for. Raises `AuthorityError`."""
        wire = Wire(kind=entry.kind, body=entry.message)
        if entry.kind is WireKind.STATUS:
            return isinstance(self.authority.accept_status(decode_status(entry.message), wire, answer), Done)
        return isinstance(self.authority.accept(decode_order(entry.message).request, wire, answer), Issued)
