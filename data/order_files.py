"""Batches of orders into a folder and answers out of it, beside the journal's bundles: whole files or none.

A file is named by office, number and digest, and tells of no person: `7130-000001-0a1b2c3d4e5f.orders`, and for it
`7130-000001-0a1b2c3d4e5f-66778899aabb.answers`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from data.batch_store import BatchStore
from data.carriers import FolderCarrier, carrier_faults, write_whole
from data.framing import framed, unframed
from kiosk.ca.batch.files import Manifest

ORDERS, ANSWERS, BAD = ".orders", ".answers", ".bad"
ANSWERS_NAME = re.compile(r"((\w{1,16})-\d{6,9}-[0-9a-f]{12})-[0-9a-f]{12}\.answers\Z", re.ASCII)
ORDERS_NAME = re.compile(r"(\w{1,16})-\d{6,9}-[0-9a-f]{12}\.orders\Z", re.ASCII)


def orders_name(office: str, number: int, digest: str) -> str:
    """Name of a batch's file."""
    return f"{office}-{number:06}-{digest[:12]}{ORDERS}"


def answers_name(orders: str, content: bytes) -> str:
    """Name of a file of answers to the batch in a file of that name."""
    return f"{orders.removesuffix(ORDERS)}-{sha256(content).hexdigest()[:12]}{ANSWERS}"


def named(folder: Path, pattern: re.Pattern[str]) -> list[tuple[str, re.Match[str]]]:
    """The files of a folder whose names fit, in the order of their names. Raises `CarrierFault`."""
    with carrier_faults(folder):
        names = sorted(path.name for path in folder.iterdir())
    return [(name, match) for name in names if (match := pattern.match(name)) is not None]


def content(folder: Path, name: str) -> bytes:
    """What a file carries. Raises `CarrierFault`, `TornFile`."""
    with carrier_faults(folder):
        return unframed((folder / name).read_bytes())


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What went out."""

    orders: int
    """Messages that went into new batches."""
    files: int
    """Files that were written."""
    there: int
    """Files that were there already."""
    old: int = 0
    """Of these, how many an authority that looks at its clock will refuse: only where each message is a file."""


def export(store: BatchStore, folder: Path, office: str, seal: Callable[[Manifest], bytes] | None) -> Sent:
    """Write every batch the centre has not receipted; what waits goes into a new one. Raises `ArchiveError`.

    A batch is sealed once: exported twice, it is the same bytes. Without `seal` nothing new is made.
    """
    orders = 0
    while seal is not None and (made := store.make_batch(office, seal, orders_name)):
        orders += made
    carrier = FolderCarrier(folder)
    written = there = 0
    for batch in store.due():
        if carrier.has(batch.name):
            there += 1
        else:
            carrier.put(batch.name, framed(batch.file))
            written += 1
    _tidy(store, folder, office)
    return Sent(orders=orders, files=written, there=there)


def _tidy(store: BatchStore, folder: Path, office: str) -> None:
    """Nobody need answer a batch of ours that is settled."""
    due = {batch.name for batch in store.due()}
    for name, match in named(folder, ORDERS_NAME):
        if match[1] == office and name not in due:
            with carrier_faults(folder):
                (folder / name).unlink(missing_ok=True)


def set_aside(folder: Path, name: str, part: int | None = None, found: bytes = b"") -> str:
    """Keep what is bad where it lies, under a name that nobody reads again, and give that name.

    A part of a file is written beside it. Raises `CarrierFault`.
    """
    aside = f"{name}{BAD}" if part is None else f"{name}.{part}{BAD}"
    with carrier_faults(folder):
        if part is None:
            (folder / name).replace(folder / aside)
        else:
            write_whole(folder, aside, found)
    return aside
