"""The keypad while it is ours: every node of it open and grabbed, dropped when it goes, taken again when it is back."""

from __future__ import annotations

import ctypes
import os
import select

from hardware.errors import PinEntryFault
from hardware.keypad_faults import reason_of
from hardware.keypad_find import DEV, InputNode, find_keypad, input_nodes
from hardware.keypad_kernel import EV_LED, EVENT, LED_NUM_LOCK, codes, grab, led_event

QUEUE = 64
"""Events read at once when keys are thrown away; the kernel keeps about as many."""


class Keypad:
    """Holds the one keypad that `wanted` names (see `find_keypad`). The kernel lets go of it when this process ends."""

    def __init__(self, wanted: str) -> None:
        self._wanted = wanted
        self._held: dict[str, int] = {}
        self._known: frozenset[tuple[str, str]] = frozenset()
        self._seen: tuple[object, ...] = ()
        self._dropped = bytearray(EVENT.size * QUEUE)

    @property
    def descriptors(self) -> tuple[int, ...]:
        """Of every node that is held."""
        return tuple(self._held.values())

    def hold(self) -> None:
        """Take what is not held yet. Raises `PinEntryFault` with a `KeypadFault`."""
        self._let_the_dead_go()
        self._seen = self._sight()
        for node in self._nodes():
            if node.path not in self._held:
                self._held[node.path] = _take(node.path)

    def has_changed(self) -> bool:
        """Whether something was plugged in or out since `hold` looked; costs a few microseconds."""
        return bool(_hung_up(self.descriptors)) or self._sight() != self._seen

    def forget_keys(self) -> None:
        """Throw away, and overwrite, keys that were pressed while nobody was asked for a PIN."""
        for descriptor in self.descriptors:
            self._drain(descriptor)

    def release(self) -> None:
        """Give the keypad back."""
        while self._held:
            os.close(self._held.popitem()[1])

    def _nodes(self) -> tuple[InputNode, ...]:
        """The nodes to hold. A keypad that comes back into its socket is known before udev gives it its lasting name:

        udev may take half a second for that, and all the while the terminals would hear it.
        """
        nodes = input_nodes()
        try:
            found = find_keypad(self._wanted, nodes)
        except PinEntryFault:
            found = tuple(node for node in nodes if (node.kind, node.socket) in self._known)
            if not found:
                raise
        self._known = frozenset((node.kind, node.socket) for node in found)
        return found

    def _sight(self) -> tuple[object, ...]:
        try:
            names = frozenset(os.listdir(DEV))
        except FileNotFoundError:  # no input device at all
            names = frozenset()
        return names, os.path.realpath(self._wanted)

    def _let_the_dead_go(self) -> None:
        dead = _hung_up(self.descriptors)
        for path, descriptor in tuple(self._held.items()):
            if descriptor in dead:
                os.close(self._held.pop(path))

    def _drain(self, descriptor: int) -> None:
        try:
            while os.readv(descriptor, [self._dropped]):
                pass
        except BlockingIOError:
            return
        except OSError as error:
            raise reason_of(error).error() from None
        finally:
            size = len(self._dropped)
            ctypes.memset(ctypes.addressof((ctypes.c_char * size).from_buffer(self._dropped)), 0, size)


def _take(path: str) -> int:
    """Open one node, grab it, and light its num-lock: some keypads send arrows instead of digits while it is out."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise reason_of(error).error() from None
    try:
        grab(descriptor)
        if codes(descriptor, EV_LED) >> LED_NUM_LOCK & 1:
            os.write(descriptor, led_event(LED_NUM_LOCK, lit=True))
    except OSError as error:
        os.close(descriptor)
        raise reason_of(error).error() from None
    return descriptor


def _hung_up(descriptors: tuple[int, ...]) -> set[int]:
    """Those whose device is gone: the kernel tells it to whoever asks for nothing else."""
    poll = select.poll()
    for descriptor in descriptors:
        poll.register(descriptor, 0)
    return {descriptor for descriptor, _ in poll.poll(0)}
