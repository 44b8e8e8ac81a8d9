"""A change of status on its way to the built-in authority, and the answer; the format of `messages`."""

from __future__ import annotations

import re

from kiosk.ca.interface import Done, Rejected, RevocationReason, StatusAction, StatusChange
from kiosk.ca.messages import Malformed, decode_fields, encode_fields, text_of

SERIAL = re.compile("[0-9a-f]{1,40}")


def encode_status(change: StatusChange) -> bytes:
    """The change as bytes."""
    return encode_fields({"status": change.serial, "action": change.action.value, "reason": change.reason.value})


def decode_status(body: bytes) -> StatusChange:
    """The change in `body`. Raises `Malformed`."""
    fields = decode_fields(body)
    try:
        serial = text_of(fields["status"])
        action, reason = StatusAction(fields["action"]), RevocationReason(fields["reason"])
    except (KeyError, TypeError, ValueError) as error:
        raise Malformed("status") from error
    if not SERIAL.fullmatch(serial):
        raise Malformed("status")
    return StatusChange(serial=serial, action=action, reason=reason)


def encode_settlement(serial: str, settlement: Done | Rejected) -> bytes:
    """What became of a change of this certificate's status."""
    if isinstance(settlement, Done):
        return encode_fields({"status": serial, "done": True})
    return encode_fields({"status": serial, "rejected": {"code": settlement.code, "text": settlement.text}})


def decode_settlement(answer: bytes) -> tuple[str, Done | Rejected]:
    """The serial number and the answer in `answer`. Raises `Malformed`."""
    fields = decode_fields(answer)
    try:
        serial = text_of(fields["status"])
        if fields.get("done") is True:
            return serial, Done()
        refusal = fields["rejected"]
        return serial, Rejected(code=text_of(refusal["code"]), text=text_of(refusal["text"]))
    except (KeyError, TypeError) as error:
        raise Malformed("answer") from error
