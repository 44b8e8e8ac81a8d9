"""Free ports and conditions that come true in a moment."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from contextlib import ExitStack

LIMIT_S = 15.0
PAUSE_S = 0.01


def free_ports(count: int) -> list[int]:
    """Loopback ports nobody listens on, all different."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in sockets]


def wait_until(condition: Callable[[], bool], what: str, limit_s: float = LIMIT_S) -> None:
    """Return as soon as the condition holds. Raises `TimeoutError` naming `what`."""
    end = time.monotonic() + limit_s
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(what)
        time.sleep(PAUSE_S)
