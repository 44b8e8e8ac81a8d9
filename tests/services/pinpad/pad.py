"""The keys of a reader, and the firmware between them and the card: PINs never leave it but for the card."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable

from hardware.training.card import VirtualCard
from tests.services.pinpad.orders import BadOrder, Order, filled, modify_order, verify_order

MARK = 0xFF
VERIFY_START, VERIFY_FINISH, MODIFY_START, MODIFY_FINISH, KEY_PRESSED, VERIFY, MODIFY = range(1, 8)
PROPERTIES, ABORT, TLV_PROPERTIES = 0x0A, 0x0B, 0x12
EXPIRED, CANCELLED, DIFFERENT, BAD_LENGTH, BAD_STRUCTURE = 0x6400, 0x6401, 0x6402, 0x6403, 0x6B80
DIGIT, CLEARED, CONFIRMED, CANCEL_KEY, TIME_OUT, ABORTED, NO_KEY = 0x2B, 0x0A, 0x0D, 0x1B, 0x0E, 0x40, 0x00
OK = bytes((0x90, 0x00))


class Entry:
    """One order under way: what was typed, and how it ended."""

    def __init__(self, order: Order, asked: Callable[[], None]) -> None:
        self.order = order
        self.status: int | None = None
        self._asked = asked
        self._typed: list[bytes] = []
        self._ask()

    @property
    def is_complete(self) -> bool:
        return self.status is not None or len(self._typed) == self.order.entries

    @property
    def command(self) -> bytes:
        """For the card."""
        return filled(self.order, self._typed[: len(self.order.places)])

    def press(self, key: str) -> int:
        """`E` confirms, `C` cancels, `<` clears; what the computer may know of it."""
        if key == "C":
            return self._end(CANCELLED, CANCEL_KEY)
        if key == "<":
            self._digits = b""
            return CLEARED
        if key != "E":
            self._digits += key.encode()
            self._ends_at = time.monotonic() + (self.order.head.timeout2 or 30)
            return DIGIT
        if not self.order.head.shortest <= len(self._digits) <= self.order.head.longest:
            return self._end(BAD_LENGTH, CONFIRMED)
        self._confirm()
        return CONFIRMED

    def wait(self) -> float:
        """Seconds until time is up."""
        return max(0.0, self._ends_at - time.monotonic())

    def expire(self) -> int:
        return self._end(EXPIRED, TIME_OUT)

    def abort(self) -> None:
        self._end(CANCELLED, ABORTED)

    def _end(self, status: int, key: int) -> int:
        self.status = status
        return key

    def _ask(self) -> None:
        self._asked()
        self._digits = b""
        self._ends_at = time.monotonic() + (self.order.head.timeout or 30)

    def _confirm(self) -> None:
        self._typed.append(self._digits)
        if not self.is_complete:
            self._ask()
        elif self.order.is_confirmed and self._typed[-1] != self._typed[-2]:
            self.status = DIFFERENT


class PinPad:
    """A `VirtualCard` with keys before it: messages with a mark are for the pad, all others for the card."""

    def __init__(self, card: VirtualCard) -> None:
        self.card = card
        self.keys: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.habit = ""
        """What the citizen types each time a PIN is asked for."""
        self.asked = 0
        """How many times it was."""
        self.asking = threading.Event()
        self.orders: list[tuple[int, bytes]] = []
        self.properties = bytes((0, 0, 0x07, 0))
        self.tlv_properties = b""
        self._entry: Entry | None = None

    @property
    def atr(self) -> bytes:
        return self.card.atr

    def power_on(self) -> None:
        self.card.power_on()

    def reset(self) -> None:
        self.card.reset()

    def transmit(self, command: bytes) -> bytes:
        if command[0] != MARK:
            return self.card.transmit(command)
        try:
            return self._answer(command[1], command[2:])
        except BadOrder:
            return BAD_STRUCTURE.to_bytes(2, "big")

    def _answer(self, tag: int, data: bytes) -> bytes:
        if tag == PROPERTIES:
            return self.properties
        if tag == TLV_PROPERTIES:
            return self.tlv_properties
        if tag in (VERIFY, MODIFY, VERIFY_START, MODIFY_START):
            self.orders.append((tag, data))
            order = verify_order(data) if tag in (VERIFY, VERIFY_START) else modify_order(data)
            self._entry = Entry(order, self._ask)
            return self._finish(self._typed_out(self._entry)) if tag in (VERIFY, MODIFY) else OK
        if self._entry is None:
            raise BadOrder
        if tag == KEY_PRESSED:
            return bytes((self._key(self._entry),))
        if tag == ABORT:
            self._entry.abort()
            return OK
        return self._finish(self._entry)

    def _ask(self) -> None:
        self.asked += 1
        self.asking.set()
        for key in self.habit:
            self.keys.put(key)

    def _typed_out(self, entry: Entry) -> Entry:
        while not entry.is_complete:
            try:
                entry.press(self.keys.get(timeout=entry.wait()))
            except queue.Empty:
                entry.expire()
        return entry

    def _key(self, entry: Entry) -> int:
        if entry.is_complete:
            return ABORTED
        try:
            return entry.press(self.keys.get_nowait())
        except queue.Empty:
            return NO_KEY if entry.wait() else entry.expire()

    def _finish(self, entry: Entry) -> bytes:
        self._entry = None
        self.asking.clear()
        if entry.status is not None:
            return entry.status.to_bytes(2, "big")
        return self.card.transmit(entry.command)
