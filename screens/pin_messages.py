"""What another thread tells the citizen's screen, as messages. None of them holds a digit."""

from __future__ import annotations

from textual.message import Message

from hardware.interface import PinRequest, PinState
from kiosk.enrolment.interface import Stage


class Requested(Message):
    """The citizen is now asked for this PIN."""

    def __init__(self, request: PinRequest) -> None:
        super().__init__()
        self.request = request


class StateChanged(Message):
    """The entry has come to this state."""

    def __init__(self, state: PinState) -> None:
        super().__init__()
        self.state = state


class Dots(Message):
    """How many dots to show."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self.count = count


class StageBegun(Message):
    """An act has begun."""

    def __init__(self, stage: Stage) -> None:
        super().__init__()
        self.stage = stage


class StageFinished(Message):
    """An act is done."""

    def __init__(self, stage: Stage) -> None:
        super().__init__()
        self.stage = stage
