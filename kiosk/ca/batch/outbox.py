"""What the batch authority asks of the place where messages wait and answers come in; `data` keeps it."""

from __future__ import annotations

from typing import Protocol

from kiosk.ca.batch.entry import Approval, Kept
from kiosk.ca.interface import WireKind


class MessageStore(Protocol):
    """Every call is one transaction and durable when it returns. All raise `NotSent`, and then nothing has changed."""

    def put(self, kind: WireKind, about: str, message: bytes, approval: Approval) -> Kept:
        """Keep a message until it is answered; one that is kept already stays as it is.

        A change of status is the same only if it is the last one asked for about that certificate.
        """

    def find(self, kind: WireKind, about: str, message: bytes) -> Kept | None:
        """The message, if it was ever put."""
