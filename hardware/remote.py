"""The devices as the screen process sees them: the interface of `hardware.local`, through the device host."""

from __future__ import annotations

import fcntl
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from hardware.errors import HardwareError, HostLost
from hardware.host_process import HostProcess
from hardware.interface import (
    Identity,
    KeyPair,
    KeyPurpose,
    Leftover,
    PinMethod,
    PinObserver,
    PinPolicy,
    PinStatus,
    SlotObserver,
    SlotState,
    StoredCertificate,
    TokenInfo,
    TrainingCardInfo,
    UnblockChallenge,
    UnverifiedIdentity,
)
from hardware.messages import DEVICES, BadMessage
from hardware.settings import DeviceSettings

T = TypeVar("T")
SHORTEST_LIFE_S = 1.0
"""A host that ended sooner is not started again unasked: its devices would only end it again."""


def expect(kind: type[T], value: Any) -> T:
    """The value, if it is of the promised type. Raises `BadMessage`."""
    if not isinstance(value, kind):
        raise BadMessage(f"expected {kind.__name__}, got {type(value).__name__}")
    return value


class RemoteDevices:
    """`Devices` through the device host, which is started on first use, and anew on the first use after it was lost.

    `log` receives what drivers print. Calls may come from several threads.
    """

    def __init__(self, settings: DeviceSettings, *, log: Path | None = None) -> None:
        # A descriptor of our own, above the standard ones: the host gets none of those; the caller may close its own.
        fd = None if settings.pin_fd is None else fcntl.fcntl(settings.pin_fd, fcntl.F_DUPFD_CLOEXEC, 3)
        self._settings = replace(settings, pin_fd=fd)
        self._log = log
        self._lock = threading.RLock()
        self._host: HostProcess | None = None
        self._watches: dict[SlotObserver, int] = {}
        self._is_closed = False

    def reader_name(self) -> str:
        """The reader in use; empty when there is none."""
        return expect(str, self._call("reader_name"))

    def readers(self) -> tuple[str, ...]:
        """The readers that are plugged in. Raises `NoService`."""
        return tuple(expect(str, name) for name in expect(tuple, self._call("readers")))

    def choose_reader(self, name: str) -> None:
        """Work with that reader from now on: the host is replaced, the watches go on with the new one."""
        with self._lock:
            self._settings = replace(self._settings, reader=name)
            host, self._host = self._host, None
        if host is not None:
            host.close()
        if self._watches:
            self.host()

    def pin_method(self) -> PinMethod:
        """Where the PIN comes from."""
        return expect(PinMethod, self._call("pin_method"))

    def slot_state(self) -> SlotState:
        """What stands at the reader now; answered while a card call is under way, too."""
        return expect(SlotState, self._call("slot_state"))

    def open_chip(self) -> RemoteChip:
        """Open the inserted card. Raises `NoCard`, `NoReader`, `NoService`, `WrongCard`."""
        host = self.host()
        return RemoteChip(host, expect(int, host.call(DEVICES, "open_chip")))

    @contextmanager
    def watch(self, observer: SlotObserver) -> Iterator[None]:
        """Tell `observer` of every change while the block runs, over the end of one host and the start of the next."""
        with self._lock:
            self._watches[observer] = self.host().watch(observer)
        try:
            yield
        finally:
            self._unwatch(observer)

    def cancel_pin_entry(self) -> None:
        """End the entry under way."""
        host = self._host
        if host is not None and not host.is_lost:
            host.call(DEVICES, "cancel_pin_entry")

    def open_key_session(self, observer: PinObserver) -> None:
        """Let the clerk log in to the HSM; `observer` is told in this thread. A host that is lost loses the session."""
        self.host().call(DEVICES, "open_key_session", observer=observer)

    def answer_challenge(self, challenge: UnblockChallenge) -> bytes:
        """Let the office's HSM answer a card's challenge."""
        return expect(bytes, self._call("answer_challenge", challenge))

    def close_key_session(self) -> None:
        """Log out of the HSM; a host that is gone already has."""
        host = self._host
        if host is not None and not host.is_lost:
            host.call(DEVICES, "close_key_session")

    def training_cards(self) -> tuple[TrainingCardInfo, ...]:
        """The invented citizens' cards; none at a real reader."""
        return tuple(expect(TrainingCardInfo, card) for card in expect(tuple, self._call("training_cards")))

    def insert(self, citizen: str) -> None:
        """Put a training card into the training reader. Raises `Unsupported` at a real one."""
        self._call("insert", citizen)

    def eject(self) -> None:
        """Take the training card out. Raises `Unsupported` at a real reader."""
        self._call("eject")

    def close(self) -> None:
        """End the host; an entry under way is cancelled by that. Later calls raise `HostLost`."""
        with self._lock:
            host, self._host = self._host, None
            fd, self._settings = self._settings.pin_fd, replace(self._settings, pin_fd=None)
            self._is_closed = True
        if host is not None:
            host.close()
        if fd is not None:
            os.close(fd)

    def host(self) -> HostProcess:
        """The living host; started if there is none, with the watches that were set on the last one."""
        with self._lock:
            if self._is_closed:
                raise HostLost
            if self._host is None or self._host.is_lost:
                self._host = HostProcess(self._settings, self._log, self._revive)
                for observer in self._watches:
                    self._watches[observer] = self._host.watch(observer)
            return self._host

    def _revive(self, lost: HostProcess) -> None:
        """A lost host is replaced at once where somebody watches the reader; not if it ended as soon as it began."""
        if not self._watches or self._is_closed or lost.age_s < SHORTEST_LIFE_S:
            return
        try:
            self.host()
        except HardwareError as error:
            # Whoever uses the devices next is told the same.
            print(f"device host not started again: {type(error).__name__}", file=sys.stderr)

    def _call(self, method: str, *arguments: Any) -> Any:
        return self.host().call(DEVICES, method, *arguments)

    def _unwatch(self, observer: SlotObserver) -> None:
        with self._lock:
            number = self._watches.pop(observer)
            if self._host is not None and not self._host.is_lost:
                self._host.unwatch(number)


class RemoteChip:
    """`Chip` by its handle in one host; when that host ends, every call raises `HostLost`: open the card again."""

    def __init__(self, host: HostProcess, handle: int) -> None:
        self._host = host
        self._handle = handle

    def unverified(self) -> UnverifiedIdentity:
        """Document, holder and residence, before any signature was looked at."""
        return expect(UnverifiedIdentity, self._call("unverified"))

    def identity(self) -> Identity:
        """Document, holder and residence."""
        return expect(Identity, self._call("identity"))

    def portrait(self) -> bytes:
        """The portrait, JPEG."""
        return expect(bytes, self._call("portrait"))

    def token(self) -> TokenInfo:
        """What the key store is and can do."""
        return expect(TokenInfo, self._call("token"))

    def pin_status(self) -> PinStatus:
        """Tries left; costs none."""
        return expect(PinStatus, self._call("pin_status"))

    def key_pairs(self) -> tuple[KeyPair, ...]:
        """The key pairs on the chip."""
        return tuple(expect(KeyPair, pair) for pair in expect(tuple, self._call("key_pairs")))

    def certificates(self) -> tuple[StoredCertificate, ...]:
        """The certificates on the chip."""
        return tuple(expect(StoredCertificate, stored) for stored in expect(tuple, self._call("certificates")))

    def unlock(self, observer: PinObserver, policy: PinPolicy) -> None:
        """Let the citizen enter the PIN; `observer` is told in this thread."""
        self._host.call(self._handle, "unlock", policy, observer=observer)

    def lock(self) -> None:
        """End the PIN session on the chip."""
        self._call("lock")

    def change_pin(self, observer: PinObserver, policy: PinPolicy) -> None:
        """Let the citizen enter the old PIN, then the new one twice."""
        self._host.call(self._handle, "change_pin", policy, observer=observer)

    def unblock_challenge(self) -> UnblockChallenge:
        """What the key service must answer."""
        return expect(UnblockChallenge, self._call("unblock_challenge"))

    def unblock(self, response: bytes, observer: PinObserver, policy: PinPolicy) -> None:
        """Let the citizen enter a new PIN twice, then answer the challenge."""
        self._host.call(self._handle, "unblock", response, policy, observer=observer)

    def generate_key_pair(self, purpose: KeyPurpose) -> KeyPair:
        """Make a key pair beside those that are there."""
        return expect(KeyPair, self._call("generate_key_pair", purpose))

    def sign(self, key_id: bytes, data: bytes) -> bytes:
        """RSASSA-PKCS1-v1_5 with SHA-256 over `data`."""
        return expect(bytes, self._call("sign", key_id, data))

    def write_certificate(self, key_id: bytes, certificate: bytes) -> None:
        """Store a certificate for that key pair."""
        self._call("write_certificate", key_id, certificate)

    def read_certificate(self, key_id: bytes) -> bytes | None:
        """Read the certificate of that key pair back from the chip."""
        value = self._call("read_certificate", key_id)
        return None if value is None else expect(bytes, value)

    def delete_certificate(self, key_id: bytes) -> None:
        """Remove a certificate; no error if there is none."""
        self._call("delete_certificate", key_id)

    def delete_key_pair(self, key_id: bytes) -> None:
        """Remove a key pair; no error if there is none."""
        self._call("delete_key_pair", key_id)

    def leftovers(self) -> tuple[Leftover, ...]:
        """What lies on the chip and belongs to nothing."""
        return tuple(expect(Leftover, one) for one in expect(tuple, self._call("leftovers")))

    def remove_leftovers(self, chosen: tuple[Leftover, ...]) -> None:
        """Remove those of `chosen` that still are leftovers."""
        self._call("remove_leftovers", chosen)

    def apdu_count(self) -> int:
        """Commands this chip object sent."""
        return expect(int, self._call("apdu_count"))

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Hold the card exclusively over a sequence."""
        self._call("begin_transaction")
        try:
            yield
        finally:
            self._call("end_transaction")

    def close(self) -> None:
        """Let go of the card; a host that is gone already has."""
        with suppress(HostLost):
            self._call("close")

    def _call(self, method: str, *arguments: Any) -> Any:
        return self._host.call(self._handle, method, *arguments)
