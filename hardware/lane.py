"""One thread that runs calls one after the other, and may be left behind when a driver hangs."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")


class Lane:
    """A daemon thread with a queue: unlike an executor's, it never blocks the end of the process."""

    def __init__(self, name: str) -> None:
        self._orders: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        threading.Thread(target=self._work, name=name, daemon=True).start()

    def submit(self, call: Callable[[], T]) -> Future[T]:
        """Run `call` after those already ordered."""
        future: Future[T] = Future()
        self._orders.put(lambda: _settle(future, call))
        return future

    def run(self, call: Callable[[], T], limit_s: float | None = None) -> T:
        """Run `call` and wait. Raises `TimeoutError` after `limit_s`; the call itself goes on."""
        return self.submit(call).result(limit_s)

    def close(self) -> None:
        """End the thread when what was ordered is done; does not wait."""
        self._orders.put(None)

    def _work(self) -> None:
        while (order := self._orders.get()) is not None:
            order()
            # An idle lane must not keep the last call's values alive.
            del order


def _settle(future: Future[T], call: Callable[[], T]) -> None:
    try:
        future.set_result(call())
    except BaseException as error:  # whatever it is, it belongs to the caller, not to this thread
        future.set_exception(error)
