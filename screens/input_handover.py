"""Lets another program read the terminal for a while: what the citizen types must never become a key event here."""

from __future__ import annotations

import signal
import termios
from collections.abc import Callable
from contextlib import suppress
from threading import Thread
from types import FrameType
from typing import Any

from textual.app import App
from textual.drivers.linux_driver import LinuxDriver

Handler = Callable[[int, FrameType | None], Any] | int | None


class InputHandover:
    """Takes the terminal's input away from Textual, and gives it back; both may be called more than once.

    Without a terminal (headless) there is nothing to hand over.
    """

    def __init__(self, app: App[Any]) -> None:
        self._app = app
        self._resize: Handler = None
        self.is_handed_over = False

    def hand_over(self) -> None:
        """Stop Textual's input thread; keys typed before are thrown away. Takes up to 0.1 s."""
        driver = self._terminal()
        if driver is None or self.is_handed_over:
            return
        self._resize = signal.getsignal(signal.SIGWINCH)
        driver.disable_input()
        signal.signal(signal.SIGWINCH, self._resize)
        self.is_handed_over = True

    def take_back(self) -> None:
        """Start reading keys again; whatever the citizen typed too late is thrown away unread."""
        driver = self._terminal()
        if driver is None or not self.is_handed_over:
            return
        self.is_handed_over = False
        # A terminal that was hung up meanwhile cannot be flushed; the input thread below finds that out by itself.
        with suppress(termios.error):
            termios.tcflush(driver.fileno, termios.TCIFLUSH)
        driver._key_thread = Thread(target=driver._run_input_thread, name="textual-input", daemon=True)
        driver._key_thread.start()

    def _terminal(self) -> LinuxDriver | None:
        driver = self._app._driver
        return driver if isinstance(driver, LinuxDriver) else None
