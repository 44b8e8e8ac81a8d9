"""The card's side: it carries commands out whatever happens to the kiosk, and lets each cut come where it is due."""

from __future__ import annotations

import json
import os
import signal
import socket
import traceback
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

from hardware.training.card import TrainingCard
from tests.proofs.tear.cuts import Cut, Way
from tests.proofs.tear.line import Frame, Line, receive, send

GENERATE = b"\xb0\x46"
OK = b"\x90\x00"


class KioskFailed(Exception):
    """A kiosk that was not killed did not come to its end; the message is the fault it met."""


class Box:
    """One card and the cuts that are still to come. A kiosk is run against it until one comes to its end.

    Where it is not the commands that are cut (`cuts_commands`), the kiosk has a fuse of its own.
    """

    def __init__(
        self,
        card: TrainingCard,
        cuts: Iterable[Cut],
        after_cut: Callable[[], None],
        *,
        cuts_commands: bool = True,
    ) -> None:
        self.card = card
        self.commands = 0
        """Since the start or the last cut."""
        self.generated = 0
        self.stages: set[str] = set()
        self.has_refused_pin = False
        self.calls = 0
        self._cuts_commands = cuts_commands
        self._cuts = deque(cuts)
        self._after_cut = after_cut

    @property
    def cuts_left(self) -> int:
        """Cuts that have not come yet."""
        return len(self._cuts)

    @property
    def next_cut(self) -> Cut | None:
        return self._cuts[0] if self._cuts else None

    def run(self, kiosk: Callable[[Line], None]) -> bool:
        """Fork a kiosk and serve it. False when it was killed. Raises `KioskFailed`."""
        ours, its = socket.socketpair()
        pid = os.fork()
        if pid == 0:
            ours.close()
            _live(kiosk, Line(its))
        its.close()
        with ours:
            result = self._serve(ours, pid)
        _, status = os.waitpid(pid, 0)
        if result is not None and "error" in result:
            raise KioskFailed(result["error"])
        if result is None and not os.WIFSIGNALED(status):
            raise KioskFailed("it ended without a word")
        if result is None:
            self._cut_is_over()
        return result is not None

    def _serve(self, kiosk: socket.socket, pid: int) -> dict[str, Any] | None:
        """Until the kiosk ends; its result, or `None` when it was killed."""
        while (frame := receive(kiosk)) is not None:
            kind, content = frame
            if kind is Frame.COMMAND:
                self._command(kiosk, pid, content)
            elif kind is Frame.STAGE:
                self.stages.add(content.decode())
            elif kind is Frame.WRONG_PIN:
                self.has_refused_pin = True
            elif kind is Frame.CALLS:
                self.calls = int(content)
            else:
                return dict(json.loads(content))
        return None

    def _command(self, kiosk: socket.socket, pid: int, command: bytes) -> None:
        self.commands += 1
        cut = self.next_cut
        if cut is None or not self._cuts_commands or cut.number != self.commands:
            send(kiosk, Frame.ANSWER, self._carry_out(command))
            return
        if cut.is_after:
            self._carry_out(command)
        if cut.way is not Way.KILL:
            self.card.power_on()
        if cut.way is Way.REMOVE:
            self._cut_is_over()
            send(kiosk, Frame.REMOVED)
        else:
            os.kill(pid, signal.SIGKILL)

    def _cut_is_over(self) -> None:
        if self._cuts:
            self._cuts.popleft()
        self.commands = 0
        self._after_cut()

    def _carry_out(self, command: bytes) -> bytes:
        answer = self.card.transmit(command)
        self.generated += command[:2] == GENERATE and answer == OK
        return answer


def _live(kiosk: Callable[[Line], None], line: Line) -> None:
    """The life of a forked kiosk; it never returns into the proof."""
    try:
        kiosk(line)
        line.finish({})
    except Exception as error:  # whatever it is, the proof must hear of it
        where = traceback.extract_tb(error.__traceback__)[-1]
        line.finish({"error": f"{type(error).__name__}: {error} ({where.name}, line {where.lineno})"})
    finally:
        os._exit(0)
