"""Orders as CMP messages in a folder, one a file: `7130-000001-0a1b2c3d4e5f.pki`, answered as `….rsp.pki`.

Raw, as the authority takes them. A message that was cut is no message; its answer is verified before it is kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from data.batch_store import BatchStore, Single
from data.carriers import carrier_faults, write_whole
from data.order_answers import Taken
from data.order_files import Sent, named, set_aside
from kiosk.ca.batch.cmp_files import encode_exchange, message_for, outcome_of
from kiosk.ca.cmp.authority import CmpAuthority
from kiosk.ca.interface import AuthorityError, ClockSkew, Wire

MESSAGE, ANSWER = ".pki", ".rsp.pki"
MESSAGE_NAME = re.compile(r"(\w{1,16})-\d{6,9}-[0-9a-f]{12}\.pki\Z", re.ASCII)
ANSWER_NAME = re.compile(r"((\w{1,16})-\d{6,9}-[0-9a-f]{12})\.rsp\.pki\Z", re.ASCII)


def export_messages(store: BatchStore, folder: Path, office: str, cmp: CmpAuthority, *, again: bool) -> Sent:
    """Write a message for everything that has no answer; what went before goes as the same bytes, unless `again`.

    Raises `ArchiveError`, `AuthFailed`.
    """
    orders = written = there = old = 0
    for single in store.unanswered():
        if not single.name or single.told or again:
            orders += not single.name
            single = _made(store, office, single, message_for(cmp, single.entry, single.wire, single.told))
        if _has(folder, single):
            there += 1
            old += not cmp.is_fresh(single.wire)
        else:
            with carrier_faults(folder):
                write_whole(folder, single.name, single.wire.body)
            written += 1
    _tidy(store, folder, office)
    return Sent(orders=orders, files=written, there=there, old=old)


def _tidy(store: BatchStore, folder: Path, office: str) -> None:
    """Nobody need answer a message of ours that another has taken the place of."""
    due = {single.name for single in store.unanswered()}
    for name, match in named(folder, MESSAGE_NAME):
        if match[1] == office and name not in due:
            with carrier_faults(folder):
                (folder / name).unlink(missing_ok=True)


def _made(store: BatchStore, office: str, single: Single, wire: Wire) -> Single:
    name = f"{office}-{single.row:06}-{sha256(wire.body).hexdigest()[:12]}{MESSAGE}"
    # Kept before it leaves: without its state no answer to it can be verified.
    store.sent(single.entry.id, wire, name)
    made = store.single(name)
    assert made is not None, "just kept"  # noqa: S101  # narrows the type
    return made


def _has(folder: Path, single: Single) -> bool:
    with carrier_faults(folder):
        try:
            return (folder / single.name).read_bytes() == single.wire.body
        except FileNotFoundError:
            return False


def take_messages(
    store: BatchStore, folder: Path, office: str, cmp: CmpAuthority, clock: Callable[[], datetime]
) -> Taken:
    """Take every answer for this office; one that is bad is named and set aside. Raises `ArchiveError`."""
    taken = Taken()
    for name, match in named(folder, ANSWER_NAME):
        if match[2] == office:
            _take(store, folder, name, f"{match[1]}{MESSAGE}", cmp, clock, taken)
    return taken


def _take(
    store: BatchStore,
    folder: Path,
    name: str,
    question: str,
    cmp: CmpAuthority,
    clock: Callable[[], datetime],
    taken: Taken,
) -> None:
    with carrier_faults(folder):
        raw = (folder / name).read_bytes()
    single = store.single(question)
    try:
        if single is None:
            raise AuthorityError("answers a message that this office does not wait for")
        is_last, brings = outcome_of(cmp, single.entry, single.wire, raw)
    except ClockSkew as error:
        taken.bad.append(f"{name}: too old when it arrived; kiosk bundle export --again makes it anew ({error.code})")
        set_aside(folder, name)
        return
    except AuthorityError as error:
        taken.bad.append(f"{name}: {error} ({error.code}); set aside as {set_aside(folder, name)}")
        return
    if not is_last:
        store.told(single.entry.id, raw)
    elif store.take(single.entry.id, encode_exchange(single.wire, raw), brings=brings, at=clock()):
        taken.answers += 1
    else:
        taken.known += 1
    with carrier_faults(folder):
        (folder / name).unlink(missing_ok=True)
        (folder / question).unlink(missing_ok=True)
