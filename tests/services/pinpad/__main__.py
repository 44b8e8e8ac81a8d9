"""A pin pad with a card in it, in the reader at a loopback port.

python -m tests.services.pinpad PORT SOCKET training CITIZEN STATE [PIN]
python -m tests.services.pinpad PORT SOCKET pkcs15

Whoever connects to SOCKET has the citizen's fingers and the tester's eyes: one JSON object a line, one answer.
"""

from __future__ import annotations

import json
import socket
import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

from hardware.training.card import VirtualCard
from hardware.training.server import serve
from tests.services.pinpad.pad import PinPad


def card_of(kind: str, *arguments: str) -> VirtualCard:
    """The card the arguments name; its modules are loaded only now, since many tests wait for the card."""
    if kind == "pkcs15":
        from tests.services.pkcs15.card import Pkcs15Card

        return Pkcs15Card()
    from hardware.training.card import TrainingCard
    from hardware.training.citizens import CITIZENS

    citizen, state, *pin = arguments
    whose = replace(CITIZENS[citizen], pin=pin[0].encode()) if pin else CITIZENS[citizen]
    return TrainingCard(whose, Path(state) if state else None)


def listen(pad: PinPad, listener: socket.socket) -> None:
    """Let tests press keys."""
    while True:
        peer, _ = listener.accept()
        with peer, peer.makefile("rw") as lines:
            for line in lines:
                print(json.dumps(obey(pad, json.loads(line))), file=lines, flush=True)


def obey(pad: PinPad, request: dict[str, Any]) -> dict[str, Any]:
    """Do as told; the answer is what the pad has seen."""
    for key in request.get("keys", ""):
        pad.keys.put(key)
    pad.habit = request.get("habit", pad.habit)
    pad.properties = bytes.fromhex(request.get("properties", pad.properties.hex()))
    pad.tlv_properties = bytes.fromhex(request.get("tlv_properties", pad.tlv_properties.hex()))
    return {
        "asked": pad.asked,
        "asking": pad.asking.is_set(),
        "orders": [[tag, raw.hex()] for tag, raw in pad.orders],
    }


port, path, *wanted = sys.argv[1:]
pad = PinPad(card_of(*wanted))
listener = socket.socket(socket.AF_UNIX)
listener.bind(path)
listener.listen()
threading.Thread(target=listen, args=(pad, listener), daemon=True).start()
serve(pad, "127.0.0.1", int(port))
