"""How the station ends when it must: one line and a code, never a traceback with what the variables held."""

from __future__ import annotations

from rich.text import Text
from textual.app import App

from kiosk.texts import Texts

CODE = "К-0900"


class CrashWithoutSecrets(App[None]):
    """Replaces Textual's crash report, which prints local variables."""

    texts: Texts

    def _handle_exception(self, error: Exception) -> None:
        self._return_code = 1
        if self._exception is None:
            self._exception = error
            self._exception_event.set()
        self._end_with(_place_of(error))

    def _fatal_error(self) -> None:
        self._return_code = 1
        self._end_with("")

    def _end_with(self, where: str) -> None:
        words = self.texts(
            "Програм је прекинут; ништа сачувано није изгубљено. Код {code} {where}", code=CODE, where=where
        )
        self._exit_renderables.append(Text(words))
        self._close_messages_no_wait()


def _place_of(error: Exception) -> str:
    """The error's type and the function and line it came from; none of its text, which may quote what was typed."""
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    place = f" {frame.tb_frame.f_code.co_name}:{frame.tb_lineno}" if frame is not None else ""
    return type(error).__name__ + place
