"""A key of the office or of a clerk on a token: a vendor's PKCS#11 module in a process of its own, asked by messages.

Whatever the module does to its process, the caller keeps its own memory and learns `ModuleFault`. The token's PIN is
read by that process from a descriptor it is given (a terminal, a pipe), so it never passes through the caller.
"""

from __future__ import annotations

import itertools
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

from hardware.errors import ModuleFault
from hardware.messages import BadMessage, Call, Failure, Result, raised, receive, send

END_S = 2.0


class OfficeToken:
    """One key of one token, logged in. Methods block, and may be called from one thread at a time.

    Raises `NoCard`, `TokenMismatch`, `WrongPin`, `PinBlocked`, `PinEntryCancelled`, `NoSuchKey`, `ModuleFault`.
    """

    def __init__(self, module: Path, token_label: str, key_label: str, *, pin_fd: int) -> None:
        """Start the process, load the module and log in with the PIN that `pin_fd` gives, up to Enter or its end."""
        self._numbers = itertools.count(1)
        self._peer, theirs = socket.socketpair()
        with theirs:
            command = [sys.executable, "-m", "hardware.office_token_process", str(theirs.fileno()), str(pin_fd)]
            self._process = subprocess.Popen(  # noqa: S603  # our own module, under our own interpreter
                command, pass_fds=(theirs.fileno(), pin_fd), cwd=Path(__file__).parents[1], env=dict(os.environ)
            )
        try:
            self._call("open", module, token_label, key_label)
        except BaseException:
            self.close()
            raise

    def spki(self) -> bytes:
        """The public key: SubjectPublicKeyInfo, DER."""
        return bytes(self._call("spki"))

    def sign(self, data: bytes) -> bytes:
        """ECDSA with SHA-256 over `data`, DER; the key must be on P-256."""
        return bytes(self._call("sign", data))

    def decrypt_oaep(self, wrapped: bytes) -> bytes:
        """RSAES-OAEP with SHA-1 and MGF1; the label is empty."""
        return bytes(self._call("decrypt_oaep", wrapped))

    def agree(self, point: bytes) -> bytes:
        """ECDH on P-256 with an uncompressed point: the 32 bytes of the shared x."""
        return bytes(self._call("agree", point))

    def close(self) -> None:
        """End the process, and with it the session."""
        self._peer.close()
        try:
            self._process.wait(END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _call(self, method: str, *arguments: Any) -> Any:
        number = next(self._numbers)
        try:
            send(self._peer, Call(number=number, target=0, method=method, arguments=arguments))
            answer = receive(self._peer)
        except (OSError, BadMessage) as error:
            raise ModuleFault(type(error).__name__) from None
        if isinstance(answer, Failure):
            raise raised(answer)
        if not isinstance(answer, Result) or answer.number != number:
            raise ModuleFault("the module's process has ended")
        return answer.value
