"""Where a training card keeps its memory between runs: a JSON file, replaced whole after each change."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from hardware.cardedge.layout import Access
from hardware.training.files import FileSystem
from hardware.training.secrets_store import Guard

FORMAT = "training-card-1"


class BadState(ValueError):
    """The file is not the state of this training card; the message says why."""


@dataclass(slots=True, kw_only=True)
class CardState:
    """Everything lasting in a training card. The keys in it are training keys."""

    citizen: str
    made_on: date
    system: FileSystem = field(repr=False)
    guard: Guard


def save(path: Path, state: CardState) -> None:
    """Replace the file; after a power cut it holds the state before or after, never between."""
    draft = path.with_name(f".{path.name}.new")
    with open(draft, "w", encoding="utf-8", opener=_private) as file:
        json.dump(_as_record(state), file)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _as_record(state: CardState) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "citizen": state.citizen,
        "made_on": state.made_on.isoformat(),
        "pin": state.guard.pin.hex(),
        "pin_tries": state.guard.pin_tries,
        "admin_key": state.guard.admin_key.hex(),
        "admin_tries": state.guard.admin_tries,
        "capacity": state.system.capacity,
        "files": {
            f"{file_id:04X}": [*one.access, bytes(one.content).hex()] for file_id, one in state.system.files.items()
        },
    }


def load(path: Path, citizen: str) -> CardState | None:
    """The state in a file; `None` when there is none yet. Raises `BadState`."""
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise BadState(f"{path.name}: not JSON") from error
    try:
        state = _from_record(record)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadState(f"{path.name}: not the state of a training card") from error
    if state.citizen != citizen:
        raise BadState(f"{path.name}: the card of {state.citizen}, not of {citizen}")
    return state


def _from_record(record: dict[str, Any]) -> CardState:
    if record["format"] != FORMAT:
        raise ValueError(record["format"])
    system = FileSystem(capacity=int(record["capacity"]))
    for file_id, (read, write, use, content) in record["files"].items():
        system.put(int(file_id, 16), bytes.fromhex(content), Access(read, write, use))
    guard = Guard(
        pin=bytes.fromhex(record["pin"]),
        admin_key=bytes.fromhex(record["admin_key"]),
        pin_tries=int(record["pin_tries"]),
        admin_tries=int(record["admin_tries"]),
    )
    return CardState(
        citizen=str(record["citizen"]), made_on=date.fromisoformat(record["made_on"]), system=system, guard=guard
    )
