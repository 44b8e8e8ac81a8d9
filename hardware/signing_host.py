"""The signing host: the one process that loads the module of an authority's token, and that ever holds its PIN.

Started by `hardware.signing_process` as `python -m hardware.signing_host FD`, its end of a socketpair. Calls are
answered one after the other; the PIN is asked for in the first. It ends when the socket closes.
"""

from __future__ import annotations

import os
import socket
import sys
import traceback
from pathlib import Path
from typing import Any

from hardware.errors import HardwareError, NotUnlocked
from hardware.hardening import harden
from hardware.messages import Call, Failure, Result, failure, receive, send
from hardware.signing_token import SigningToken
from hardware.token_pin import ask_token_pin

CALLS = frozenset({"key_pairs", "make_key", "sign_digest", "token"})


class SigningHost:
    """Answers calls on one token."""

    def __init__(self, peer: socket.socket) -> None:
        self._peer = peer
        self._token: SigningToken | None = None

    def serve(self) -> None:
        """Take calls until the peer closes."""
        while isinstance(call := receive(self._peer), Call):
            send(self._peer, self._outcome(call))

    def close(self) -> None:
        """Log out and let go of the module."""
        if self._token is not None:
            self._token.close()

    def _outcome(self, call: Call) -> Result | Failure:
        try:
            return Result(number=call.number, value=self._value(call))
        except HardwareError as error:
            return failure(call.number, error)
        except Exception as error:  # a fault of ours or of a library must reach the caller
            traceback.print_exc()
            return failure(call.number, HardwareError(type(error).__name__))

    def _value(self, call: Call) -> Any:
        if call.method == "open":
            return self._open(*call.arguments)
        if self._token is None or call.method not in CALLS:
            raise NotUnlocked
        return getattr(self._token, call.method)(*call.arguments)

    def _open(self, module: Path, label: str, pin_fd: int) -> None:
        token = SigningToken(module, label=label)
        try:
            with ask_token_pin(pin_fd, self._peer.fileno(), f"PIN of the token «{label}» (Backspace clears): ") as pin:
                token.verify_pin(pin)
        except BaseException:
            token.close()
            raise
        self._token = token


def main(descriptor: int) -> None:
    """Serve the peer at this descriptor and end the process with it."""
    harden()
    with socket.socket(fileno=descriptor) as peer:
        host = SigningHost(peer)
        try:
            host.serve()
        except OSError as error:
            print(f"the peer is gone: {error}", file=sys.stderr)
        host.close()
    # Whatever threads a module has left behind do not hold up the end.
    sys.stderr.flush()
    os._exit(0)


if __name__ == "__main__":
    main(int(sys.argv[1]))
