"""One entry on the citizen's terminal: the citizen sees dots, the host hears states, one frame carries the digits."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable

from hardware.citizen_keys import CitizenKeys, Countdown
from hardware.citizen_phrases import ASKED_RINGS, HURRY_RINGS, REFUSED_RINGS, STATES, Phrase
from hardware.citizen_pin_frame import send_pin
from hardware.citizen_screen import Shown
from hardware.citizen_socket import is_readable
from hardware.citizen_tty import HungUp, Tty
from hardware.citizen_views import Progress, asked
from hardware.citizen_wire import Ask, Kind, Plain, Reported, frame
from hardware.errors import PinEntryCancelled, PinEntryExpired
from hardware.interface import PinPolicy, PinState
from hardware.pin_collect import collect_pin

BEAT_S = 1.0


class CitizenEntry:
    """Asks once. A `pin_collect.Progress`; everything it tells the host, it tells by the clock and not by the key."""

    def __init__(
        self,
        tty: Tty,
        host: socket.socket,
        ask: Ask,
        show: Callable[[list[Shown]], None],
        next_language: Callable[[], None],
    ) -> None:
        self._tty = tty
        self._host = host
        self._ask = ask
        self._show = show
        self._countdown = Countdown(ask.timeout_s, ask.warn_s)
        self._keys = CitizenKeys(tty.keys, host.fileno(), on_key=self._countdown.restart, on_language=next_language)
        self._progress = Progress(STATES[ask.refused or PinState.WAITING], seconds=ask.timeout_s)
        self._state = PinState.WAITING
        self._is_warned = False
        self._beat_at = 0.0

    def run(self) -> bool:
        """Let the citizen type; whether a PIN was handed over. Raises `HungUp`, and `OSError` when the host is gone.

        When the host says something meanwhile, the entry is over: what it said waits to be read.
        """
        self._tty.forget_keys()
        self._countdown.restart()
        self._beat()
        self._tty.bell(ASKED_RINGS if self._ask.refused is None else REFUSED_RINGS)
        try:
            self._collect()
        except PinEntryCancelled:
            if not is_readable(self._host):
                self._tell(Kind.CANCELLED)
        except PinEntryExpired:
            self._tell(Kind.EXPIRED)
        except HungUp:
            self._tell(Kind.HUNG_UP)
            raise
        else:
            return True
        finally:
            self._progress.dots = 0
        return False

    def _collect(self) -> None:
        policy = PinPolicy(min_length=self._ask.fewest, max_length=self._ask.most, timeout_s=self._ask.timeout_s)
        with collect_pin(self._keys, policy, self) as pin:
            send_pin(self._host, self._ask.entry, pin)
        self._tty.forget_keys()

    # --- progress -----------------------------------------------------------------------------------------------------

    def typed(self, count: int) -> None:
        """See `pin_collect.Progress`: only this screen learns the count."""
        self._state = PinState.UNDER_WAY
        self._progress.dots, self._progress.state = count, Phrase.UNDER_WAY
        self._paint()

    def cleared(self, state: PinState) -> None:
        """See `pin_collect.Progress`."""
        is_new = state is not self._state
        self._state = state
        self._progress.dots = 0
        self._progress.state = Phrase.TOO_SHORT if state is PinState.TOO_SHORT else Phrase.CLEARED
        self._paint()
        if state is PinState.TOO_SHORT and is_new:
            self._report()
            self._tty.bell(REFUSED_RINGS)

    def pause_s(self) -> float:
        """See `pin_collect.Progress`."""
        return max(0.0, self._beat_at - time.monotonic())

    def pause_over(self) -> None:
        """See `pin_collect.Progress`: every second, whatever was pressed."""
        if time.monotonic() >= self._beat_at:
            self._beat()

    def _beat(self) -> None:
        self._beat_at = time.monotonic() + BEAT_S
        self._paint()
        self._report()
        self._warn()

    def _warn(self) -> None:
        if self._countdown.is_short and not self._is_warned:
            self._tty.bell(HURRY_RINGS)
        self._is_warned = self._countdown.is_short

    def _paint(self) -> None:
        self._progress.seconds, self._progress.is_short_of_time = self._countdown.left, self._countdown.is_short
        self._show(asked(self._ask, self._progress))

    def _report(self) -> None:
        self._host.sendmsg([frame(Reported(entry=self._ask.entry, state=self._state))])

    def _tell(self, kind: Kind) -> None:
        self._host.sendmsg([frame(Plain(kind=kind, entry=self._ask.entry))])
