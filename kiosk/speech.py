"""Prompts spoken to the citizen by a command of the office's choice, such as espeak-ng; off unless it is set."""

from __future__ import annotations

import shlex
import shutil
import subprocess

from kiosk.texts import Language

TEXT, VOICE = "{text}", "{voice}"
VOICES = {Language.CYRILLIC: "sr", Language.LATIN: "sr", Language.ENGLISH: "en"}
"""How espeak-ng names them."""
PATIENCE_S = 1.0


class NoSpeech(Exception):
    """The command that should speak is not installed, or is not a command; the message names it."""


class Speaker:
    """Says one thing at a time; what comes next cuts off what is still being said.

    `command` gets the words in place of `{text}`, or on its standard input where it has no such place; `{voice}` is
    `sr` or `en`. Empty: nothing is said. What is said is never a digit of a PIN, nor how many there are: this process
    does not know them. Raises `NoSpeech`.
    """

    def __init__(self, command: str = "") -> None:
        try:
            self._command = shlex.split(command)
        except ValueError as error:
            raise NoSpeech(f"{command}: {error}") from None
        if self._command and shutil.which(self._command[0]) is None:
            raise NoSpeech(f"{self._command[0]}: no such program")
        self._speaking: subprocess.Popen[bytes] | None = None

    def say(self, text: str, language: Language) -> None:
        """Begin to say it, and return at once. Raises `NoSpeech` when the command cannot be started."""
        if not self._command or not text:
            return
        self.hush()
        reads = not any(TEXT in word for word in self._command)
        words = [word.replace(TEXT, text).replace(VOICE, VOICES[language]) for word in self._command]
        try:
            self._speaking = subprocess.Popen(  # noqa: S603  # the command of the office's settings
                words,
                stdin=subprocess.PIPE if reads else subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError as error:
            raise NoSpeech(f"{words[0]}: {error.strerror}") from None
        if reads:
            self._give(text)

    def _give(self, text: str) -> None:
        """A prompt is shorter than a pipe is long, so nobody waits here."""
        assert self._speaking is not None and self._speaking.stdin is not None  # noqa: S101  # narrows; started above
        try:
            with self._speaking.stdin as words:
                words.write(text.encode())
        except BrokenPipeError:
            raise NoSpeech(f"{self._command[0]}: it reads nothing") from None

    def hush(self) -> None:
        """Stop saying it."""
        speaking, self._speaking = self._speaking, None
        if speaking is None:
            return
        speaking.terminate()
        try:
            speaking.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            speaking.kill()
            speaking.wait()
