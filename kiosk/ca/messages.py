"""What goes to the built-in authority, orders and questions, and its answers: canonical JSON, self-contained.

The same order always gives the same bytes, so that the authority can tell a repetition from a contradiction.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from dataclasses import asdict, dataclass
from typing import Any

from kiosk.ca.interface import Duplicate, IssueRequest, NoSuchOrder, Profile, Rejected, SubjectData

FORMAT = 1
MOST_YEARS = 10
"""Longest validity that can be ordered."""


class Malformed(Exception):
    """The bytes are not a message of this format."""


@dataclass(frozen=True, slots=True)
class IssueOrder:
    """What the authority is asked for: the request, and for how many years."""

    request: IssueRequest
    years: int


def encode_order(order: IssueOrder) -> bytes:
    """The order as bytes."""
    request = order.request
    return encode_fields(
        {
            "order": request.order_id,
            "profile": request.profile.value,
            "csr": b64encode(request.csr).decode("ascii"),
            "subject": asdict(request.subject),
            "email": request.email,
            "years": order.years,
        }
    )


def decode_order(body: bytes) -> IssueOrder:
    """The order in `body`. Raises `Malformed`."""
    fields = decode_fields(body)
    try:
        request = IssueRequest(
            order_id=text_of(fields["order"]),
            profile=Profile(fields["profile"]),
            csr=_binary(fields["csr"]),
            subject=SubjectData(**{name: text_of(value) for name, value in fields["subject"].items()}),
            email=None if fields["email"] is None else text_of(fields["email"]),
        )
        return IssueOrder(request, _years(fields["years"]))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Malformed("order") from error


def encode_lookup(order_id: str) -> bytes:
    """The question what became of an order."""
    return encode_fields({"lookup": order_id})


def decode_lookup(body: bytes) -> str | None:
    """The order id that `body` asks after; `None` if it asks something else. Raises `Malformed`."""
    order_id = decode_fields(body).get("lookup")
    return order_id if isinstance(order_id, str) else None


Answer = bytes | Rejected | Duplicate | NoSuchOrder
"""The certificate's DER, or why there is none."""


def encode_answer(order_id: str, answer: Answer) -> bytes:
    """An answer to an order or a question after one."""
    match answer:
        case Rejected(code=code, text=text):
            return encode_fields({"order": order_id, "rejected": {"code": code, "text": text}})
        case Duplicate(code=code):
            return encode_fields({"order": order_id, "duplicate": code})
        case NoSuchOrder():
            return encode_fields({"order": order_id, "unknown": True})
        case _:
            return encode_fields({"order": order_id, "certificate": b64encode(answer).decode("ascii")})


def decode_answer(answer: bytes) -> tuple[str, Answer]:
    """The order id and the answer in `answer`. Raises `Malformed`."""
    fields = decode_fields(answer)
    try:
        order_id = text_of(fields["order"])
        if "rejected" in fields:
            refusal = fields["rejected"]
            return order_id, Rejected(code=text_of(refusal["code"]), text=text_of(refusal["text"]))
        if "duplicate" in fields:
            return order_id, Duplicate(code=text_of(fields["duplicate"]))
        if fields.get("unknown") is True:
            return order_id, NoSuchOrder()
        return order_id, _binary(fields["certificate"])
    except (KeyError, TypeError, ValueError) as error:
        raise Malformed("answer") from error


def encode_fields(fields: dict[str, Any]) -> bytes:
    """A message of this format: the same fields always give the same bytes."""
    return json.dumps({"format": FORMAT, **fields}, sort_keys=True, ensure_ascii=True, separators=(",", ":")).encode(
        "ascii"
    )


def decode_fields(message: bytes) -> dict[str, Any]:
    """The fields of a message. Raises `Malformed`."""
    try:
        fields = json.loads(message)
    except (ValueError, RecursionError) as error:
        raise Malformed("not JSON") from error
    if not isinstance(fields, dict) or fields.get("format") != FORMAT:
        raise Malformed("not of this format")
    return fields


def text_of(value: object) -> str:
    """A field that is text. Raises `TypeError`."""
    if not isinstance(value, str):
        raise TypeError
    return value


def _years(value: object) -> int:
    if type(value) is not int or not 1 <= value <= MOST_YEARS:
        raise ValueError
    return value


def _binary(value: object) -> bytes:
    return b64decode(text_of(value), validate=True)
