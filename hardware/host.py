"""The device host: the one process that opens reader, PKCS#11 module and keypad, and that ever holds a PIN.

Started by `hardware.remote` as `python -m hardware.host FD`, its end of a socketpair. It ends when that closes.
"""

from __future__ import annotations

import os
import socket
import sys
import threading
import traceback
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from typing import Any

from hardware.errors import HardwareError
from hardware.hardening import harden
from hardware.id_card import IdCard
from hardware.interface import PinRequest, PinState, SlotState
from hardware.lane import Lane
from hardware.local import LocalDevices
from hardware.messages import DEVICES, BadMessage, Call, Failure, Message, Note, Result, failure, receive, send
from hardware.settings import DeviceSettings

FAREWELL_S = 0.3
"""How long an entry under way may take to overwrite its digits and give the terminal its echo back."""

PLAIN_CHIP_CALLS = frozenset(
    {
        "unverified",
        "identity",
        "portrait",
        "token",
        "pin_status",
        "key_pairs",
        "certificates",
        "lock",
        "unblock_challenge",
        "generate_key_pair",
        "sign",
        "write_certificate",
        "read_certificate",
        "delete_certificate",
        "delete_key_pair",
        "leftovers",
        "remove_leftovers",
        "apdu_count",
    }
)
PLAIN_DEVICE_CALLS = frozenset(
    {
        "reader_name",
        "readers",
        "pin_method",
        "slot_state",
        "answer_challenge",
        "close_key_session",
        "training_cards",
        "insert",
        "eject",
    }
)
HSM_CALLS = frozenset({"open_key_session", "answer_challenge", "close_key_session"})


class Observer:
    """Forwards what happens during call `number`; serves both a PIN entry and a watch."""

    def __init__(self, note: Callable[[Note], None], number: int) -> None:
        self._note = note
        self._number = number

    def pin_requested(self, request: PinRequest) -> None:
        self._tell("pin_requested", request)

    def pin_state(self, state: PinState) -> None:
        self._tell("pin_state", state)

    def dots(self, count: int) -> None:
        self._tell("dots", count)

    def slot_changed(self, state: SlotState) -> None:
        self._tell("slot_changed", state)

    def _tell(self, event: str, argument: PinRequest | PinState | SlotState | int) -> None:
        self._note(Note(number=self._number, event=event, argument=argument))


class OpenChip:
    """A chip with a handle, and the transaction that is held on it."""

    def __init__(self, chip: IdCard) -> None:
        self.chip = chip
        self._transactions: list[ExitStack] = []

    def begin(self) -> None:
        held = ExitStack()
        held.enter_context(self.chip.transaction())
        self._transactions.append(held)

    def end(self) -> None:
        self._transactions.pop().close()

    def close(self) -> None:
        while self._transactions:
            self.end()
        self.chip.close()


class Host:
    """Answers calls: what concerns a card in one lane, the HSM in another; the rest beside them, so it never waits."""

    def __init__(self, peer: socket.socket, devices: LocalDevices) -> None:
        self._peer = peer
        self._devices = devices
        self._writing = threading.Lock()
        self._cards = Lane("cards")
        self._desk = Lane("desk")
        self._hsm = Lane("HSM")
        self._chips: dict[int, OpenChip] = {}
        self._watches: dict[int, ExitStack] = {}
        self._opened = DEVICES

    def serve(self) -> None:
        """Take calls until the peer closes."""
        while isinstance(call := receive(self._peer), Call):
            if call.method == "cancel_pin_entry":
                self._answer(call)
            else:
                self._lane(call).submit(partial(self._answer, call))

    def farewell(self) -> None:
        """Give an entry under way the time to end decently; a card that hangs does not hold us up."""
        self._devices.cancel_pin_entry()
        for lane in (self._cards, self._hsm):
            try:
                lane.run(lambda: None, FAREWELL_S)
            except TimeoutError:
                print("a call to a card or an HSM did not end", file=sys.stderr)

    def _lane(self, call: Call) -> Lane:
        if call.target == DEVICES and call.method in HSM_CALLS:
            return self._hsm
        return self._desk if call.target == DEVICES and call.method != "open_chip" else self._cards

    def _answer(self, call: Call) -> None:
        self._send(self._outcome(call))

    def _outcome(self, call: Call) -> Result | Failure:
        try:
            value = self._on_devices(call) if call.target == DEVICES else self._on_chip(call)
            return Result(number=call.number, value=value)
        except HardwareError as error:
            return failure(call.number, error)
        except Exception as error:  # a fault of ours or of a library must reach the caller, not end in this thread
            traceback.print_exc()
            return failure(call.number, HardwareError(type(error).__name__))

    def _on_devices(self, call: Call) -> Any:
        if call.method in PLAIN_DEVICE_CALLS:
            return getattr(self._devices, call.method)(*call.arguments)
        calls: dict[str, Callable[..., Any]] = {
            "cancel_pin_entry": self._devices.cancel_pin_entry,
            "open_key_session": partial(self._devices.open_key_session, Observer(self._send, call.number)),
            "open_chip": self._open_chip,
            "watch": partial(self._watch, call.number),
            "unwatch": self._unwatch,
        }
        return calls[call.method](*call.arguments)

    def _on_chip(self, call: Call) -> Any:
        opened = self._chips[call.target]
        if call.method in PLAIN_CHIP_CALLS:
            return getattr(opened.chip, call.method)(*call.arguments)
        observer = Observer(self._send, call.number)
        calls: dict[str, Callable[..., Any]] = {
            "unlock": partial(opened.chip.unlock, observer),
            "change_pin": partial(opened.chip.change_pin, observer),
            "unblock": lambda response, policy: opened.chip.unblock(response, observer, policy),
            "begin_transaction": opened.begin,
            "end_transaction": opened.end,
            "close": partial(self._close_chip, call.target),
        }
        return calls[call.method](*call.arguments)

    def _open_chip(self) -> int:
        chip = self._devices.open_chip()
        self._opened += 1
        self._chips[self._opened] = OpenChip(chip)
        return self._opened

    def _close_chip(self, handle: int) -> None:
        self._chips.pop(handle).close()

    def _watch(self, number: int) -> None:
        watch = ExitStack()
        self._watches[number] = watch
        watch.enter_context(self._devices.watch(Observer(self._send, number)))

    def _unwatch(self, number: int) -> None:
        self._watches.pop(number).close()

    def _send(self, message: Message) -> None:
        try:
            with self._writing:
                send(self._peer, message)
        except OSError as error:
            # The peer is gone: `serve` sees it too and ends the process; nobody is left to be told.
            print(f"not delivered: {error}", file=sys.stderr)


def main(descriptor: int) -> None:
    """Serve the peer at this descriptor and end the process with it, whatever a driver is still doing."""
    harden()
    peer = socket.socket(fileno=descriptor)
    settings = receive(peer)
    if not isinstance(settings, DeviceSettings):
        raise BadMessage("settings come first")
    try:
        host = Host(peer, LocalDevices(settings))
    except HardwareError as error:
        send(peer, failure(0, error))
        return
    send(peer, Result(number=0))
    try:
        host.serve()
        host.farewell()
    finally:
        os._exit(0)


if __name__ == "__main__":
    main(int(sys.argv[1]))
