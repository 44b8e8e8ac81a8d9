"""The enrolment journal: how far each order has come, over any cut.

The journal tells each act and what it changed in the order: sealed, like everything about a person.
"""

from __future__ import annotations

import json
from dataclasses import fields
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from data import journal
from data.errors import RecordConflict
from data.journal import Entry
from kiosk.ca.interface import Profile
from kiosk.orders import Act, Order, OrderState

if TYPE_CHECKING:
    from sqlite_utils import Database

    from data.archive import Archive

DIGESTED = ("public_key", "csr", "wire_body", "question_body", "confirm_body", "answer", "certificate")
"""What of an order the journal names by its SHA-256."""
ENDED = (OrderState.CLOSED, OrderState.REJECTED, OrderState.WITHDRAWN, OrderState.REVOKED)


class OrderJournal:
    """Keeps the orders of all cases in the archive; implements `kiosk.orders.EnrolmentJournal`."""

    def __init__(self, archive: Archive, clerk: str) -> None:
        self._archive = archive
        self.clerk = clerk
        """Whose acts they are from now on."""

    def orders(self, case_id: str) -> tuple[Order, ...]:
        """The orders of a case, authentication first. Raises `ArchiveError`."""
        with self._archive.store.read() as db:
            return tuple(_orders(db, "case_id = ?", [case_id]))

    def open_orders(self) -> list[Order]:
        """The orders of all cases that are neither closed, rejected, withdrawn nor revoked. Raises `ArchiveError`."""
        with self._archive.store.read() as db:
            return _orders(db, "state NOT IN (?, ?, ?, ?)", [state.value for state in ENDED])

    def begin(self, order: Order, act: Act) -> None:
        """Store the order as it stands and that `act` is about to happen. Durable when it returns."""
        self._store(order, act, is_finished=False)

    def finish(self, order: Order, act: Act) -> None:
        """Store the order as `act` has left it. Durable when it returns."""
        self._store(order, act, is_finished=True)

    def _store(self, order: Order, act: Act, *, is_finished: bool) -> None:
        row = _columns(order) | {"act": act.value, "act_finished": int(is_finished)}
        at = self._archive.clock()
        kind = "order_finished" if is_finished else "order_begun"
        with self._archive.store.immediate() as db:
            body = _body(order, act) | {"set": _changes(db, order, row)}
            entry = Entry(at=at, clerk=self.clerk, kind=kind, body=body, case_id=order.case_id)
            journal.append(db, entry)
            apply(db, body)


def _columns(order: Order) -> dict[str, Any]:
    values = {field.name: getattr(order, field.name) for field in fields(order)}
    return values | {
        "profile": order.profile.value,
        "state": order.state.value,
        "keys_before": json.dumps(order.keys_before),
        "replaces": json.dumps(order.replaces),
        "is_held": int(order.is_held),
    }


def _body(order: Order, act: Act) -> dict[str, Any]:
    made = {name: sha256(value).hexdigest() for name in DIGESTED if (value := getattr(order, name))}
    return {
        "order_id": order.order_id,
        "profile": order.profile.value,
        "act": act.value,
        "state": order.state.value,
        "token_serial": order.token_serial,
        "key_id": order.key_id.hex(),
        "serial": order.serial,
        "sha256": made,
    }


def _changes(db: Database, order: Order, row: dict[str, Any]) -> dict[str, Any]:
    """The columns that differ from the stored ones, as JSON-ready values. Raises `RecordConflict`."""
    known = next(db.query("SELECT * FROM orders WHERE order_id = ?", [order.order_id]), None)
    if known is not None and (known["case_id"], known["profile"]) != (order.case_id, order.profile.value):
        raise RecordConflict(f"order {order.order_id} belongs to another case or profile")
    changed = {name: value for name, value in row.items() if known is None or known[name] != value}
    return {name: {"hex": value.hex()} if isinstance(value, bytes) else value for name, value in changed.items()}


def apply(db: Database, body: dict[str, Any]) -> None:
    """Store what a journal row tells of an order."""
    values = {
        name: bytes.fromhex(value["hex"]) if isinstance(value, dict) else value for name, value in body["set"].items()
    }
    if db.execute("SELECT 1 FROM orders WHERE order_id = ?", [body["order_id"]]).fetchone():
        db.table("orders").update(body["order_id"], values)
    else:
        db.table("orders").insert(values)


def _orders(db: Database, condition: str, values: list[str]) -> list[Order]:
    order_by = " ORDER BY case_id, profile"  # `authentication` sorts before `signature`
    rows = db.query(f"SELECT * FROM orders WHERE {condition}{order_by}", values)  # noqa: S608  # conditions are ours
    return [_order(row) for row in rows]


def _order(row: dict[str, Any]) -> Order:
    values = {name: value for name, value in row.items() if name not in ("act", "act_finished")}
    return Order(
        **values
        | {
            "profile": Profile(row["profile"]),
            "state": OrderState(row["state"]),
            "keys_before": tuple(json.loads(row["keys_before"])),
            "replaces": tuple(json.loads(row["replaces"])),
            "is_held": bool(row["is_held"]),
        }
    )
