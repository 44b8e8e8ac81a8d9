"""Blocking calls beside the screen: a card that hangs blocks neither the keys nor the exit."""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread
from typing import TypeVar

from textual.message import Message
from textual.message_pump import MessagePump

from kiosk.desk import FAULTS

T = TypeVar("T")


class Done(Message):
    """A background call has ended; `proceed` is run by whoever started it."""

    def __init__(self, proceed: Callable[[], None]) -> None:
        super().__init__()
        self.proceed = proceed


def in_background(
    owner: MessagePump, call: Callable[[], T], then: Callable[[T], None], on_fault: Callable[[Exception], None]
) -> None:
    """Run `call` in a thread of its own; `then` or `on_fault` runs as a message of `owner`, if it still stands.

    The thread is a daemon: a driver that never answers must not keep the program from ending.
    """

    def work() -> None:
        try:
            value = call()
        except FAULTS as fault:
            owner.post_message(Done(lambda error=fault: on_fault(error)))  # type: ignore[misc]  # early binding
        except Exception as error:
            # A defect of ours: it ends the program by the crash path, which only the owner's own thread can take.
            owner.post_message(Done(lambda error=error: _raise(error)))  # type: ignore[misc]  # early binding
        else:
            owner.post_message(Done(lambda: then(value)))

    Thread(target=work, name="kiosk-background", daemon=True).start()


def _raise(error: Exception) -> None:
    raise error
