"""An authority's token, seen from the process that issues: its module runs in a process of its own.

A module that aborts takes only that process with it. Its PIN is not kept, so it is not started again by itself.
"""

from __future__ import annotations

import itertools
import os
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from hardware.errors import HostLost, PinEntryFault
from hardware.interface import KeyPair, TokenInfo
from hardware.messages import BadMessage, Call, Failure, Result, raised, receive, send
from hardware.pkcs11_module import CALL_LIMIT_S

T = TypeVar("T")
END_S = 2.0
TERMINAL = "/dev/tty"


class SigningProcess:
    """A token that is logged in to. Every call raises `HostLost` once the process has ended."""

    def __init__(self, module: Path, label: str, pin_fd: int | None = None) -> None:
        """Start the process, which asks for the PIN: at `pin_fd`, or at this process's terminal.

        Raises `ModuleFault`, `NoCard`, `TokenMismatch`, `WrongPin`, `PinBlocked`, `PinEntryCancelled`, `PinEntryFault`.
        """
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._peer, theirs = socket.socketpair()
        asked_at = _terminal() if pin_fd is None else os.dup(pin_fd)
        try:
            with theirs:
                self._process = _start(theirs.fileno(), asked_at)
        finally:
            os.close(asked_at)
        try:
            # A person may take their time.
            self._call("open", module, label, asked_at)
        except BaseException:
            self.close()
            raise
        self._peer.settimeout(2 * CALL_LIMIT_S)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def token(self) -> TokenInfo:
        """What the token says of itself."""
        return _of(TokenInfo, self._call("token"))

    def key_pairs(self) -> tuple[KeyPair, ...]:
        """The RSA key pairs on the token."""
        return tuple(_of(KeyPair, pair) for pair in self._call("key_pairs"))

    def make_key(self, label: str, bits: int) -> KeyPair:
        """Make an RSA key pair that never leaves the token."""
        return _of(KeyPair, self._call("make_key", label, bits))

    def sign_digest(self, key_id: bytes, digest: bytes) -> bytes:
        """RSASSA-PKCS1-v1_5 over a SHA-256 digest. Raises `NoSuchKey`."""
        return _of(bytes, self._call("sign_digest", key_id, digest))

    def close(self) -> None:
        """Log out and end the process."""
        with suppress(OSError):  # it may have closed first
            self._peer.shutdown(socket.SHUT_RDWR)
        self._peer.close()
        try:
            self._process.wait(END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _call(self, method: str, *arguments: Any) -> Any:
        with self._lock:
            number = next(self._numbers)
            answer = self._exchange(Call(number=number, target=0, method=method, arguments=arguments))
        if not (isinstance(answer, Result | Failure) and answer.number == number):
            self.close()
            raise HostLost
        if isinstance(answer, Failure):
            raise raised(answer)
        return answer.value

    def _exchange(self, call: Call) -> Any:
        """The answer; `None` when there is none. A call that was interrupted leaves one under way: then it is over."""
        try:
            send(self._peer, call)
            return receive(self._peer)
        except (OSError, BadMessage):
            return None
        except BaseException:
            self._process.kill()
            self.close()
            raise


def _of(kind: type[T], value: Any) -> T:
    if not isinstance(value, kind):
        raise HostLost
    return value


def _terminal() -> int:
    try:
        return os.open(TERMINAL, os.O_RDWR | os.O_NOCTTY)
    except OSError:
        raise PinEntryFault("no terminal to ask for the token's PIN at") from None


def _start(peer: int, pin_fd: int) -> subprocess.Popen[bytes]:
    """Away from this terminal but for the PIN: a session of its own; faults are told on our standard error."""
    root = Path(__file__).resolve().parent.parent
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return subprocess.Popen(  # noqa: S603  # our own interpreter and our own module
        [sys.executable, "-P", "-m", "hardware.signing_host", str(peer)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        pass_fds=[peer, pin_fd],
        start_new_session=True,
        env={**environment, "PYTHONPATH": str(root)},
    )
