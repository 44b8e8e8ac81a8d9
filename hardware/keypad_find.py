"""Which of the kernel's input devices is the citizen's keypad."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from hardware.keypad_faults import KeypadFault
from hardware.keypad_keys import has_digit_keys

SYSFS = Path("/sys/class/input")
DEV = Path("/dev/input")
BY_KIND = re.compile(r"([0-9A-Fa-f]{4}):([0-9A-Fa-f]{4})")
WORD_BITS = 64 if os.uname().machine.endswith("64") else 32


@dataclass(frozen=True, slots=True, kw_only=True)
class InputNode:
    """One node under `/dev/input` whose device has digit keys."""

    path: str
    kind: str
    """Vendor and product, `vvvv:pppp`, lower case."""
    name: str
    """What the device calls itself."""
    socket: str
    """Where it is plugged in; the same for all nodes of one device."""


def input_nodes(sysfs: Path = SYSFS, dev: Path = DEV) -> tuple[InputNode, ...]:
    """Every input device with digit keys, keyboards included, read from sysfs: needs no permission for any of them."""
    return tuple(_nodes(sysfs, dev))


def find_keypad(wanted: str, nodes: tuple[InputNode, ...]) -> tuple[InputNode, ...]:
    """All nodes of the one keypad that `wanted` names: a path, or `VVVV:PPPP`.

    A keypad may have several nodes with digit keys, and each of them would write into the clerk's terminal.
    Raises `PinEntryFault` with a `KeypadFault`.
    """
    path = os.path.realpath(wanted)
    named = [n for n in nodes if (n.kind == wanted.lower() if BY_KIND.fullmatch(wanted) else n.path == path)]
    if not named:
        is_other = not BY_KIND.fullmatch(wanted) and os.path.exists(path)
        raise (KeypadFault.NOT_A_KEYPAD if is_other else KeypadFault.NOT_THERE).error()
    sockets = {node.socket for node in named}
    if len(sockets) > 1:
        raise KeypadFault.AMBIGUOUS.error()
    return tuple(node for node in nodes if node.socket in sockets)


def _nodes(sysfs: Path, dev: Path) -> Iterator[InputNode]:
    for entry in sorted(sysfs.glob("event*"), key=lambda one: (len(one.name), one.name)):
        device = entry / "device"
        try:
            if not has_digit_keys(_bits((device / "capabilities/key").read_text())):
                continue
            path = os.path.realpath(dev / entry.name)
            kind = ":".join((device / "id" / part).read_text().strip().lower() for part in ("vendor", "product"))
            name, place = ((device / part).read_text().strip() for part in ("name", "phys"))
        except OSError:
            continue  # unplugged while we look
        yield InputNode(path=path, kind=kind, name=name, socket=place.split("/input")[0] or path)


def _bits(words: str) -> int:
    """The kernel writes a bit field as hexadecimal words, the highest first."""
    value = 0
    for word in words.split():
        value = value << WORD_BITS | int(word, 16)
    return value
