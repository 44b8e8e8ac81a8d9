"""Asking something in a process of its own, so that this one stays without threads and without loaded modules."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import Any


class ForkFailed(Exception):
    """The question could not be answered; the message is the fault it met."""


def in_fork(question: Callable[[], Any]) -> Any:
    """The answer (anything JSON can carry) from a forked process. Raises `ForkFailed`."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        _answer(question, writing)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        content = pipe.read()
    os.waitpid(pid, 0)
    answer = json.loads(content or b'{"error": "no word"}')
    if "error" in answer:
        raise ForkFailed(answer["error"])
    return answer["value"]


def _answer(question: Callable[[], Any], pipe: int) -> None:
    try:
        with os.fdopen(pipe, "wb") as answer:
            try:
                value = {"value": question()}
            except Exception as error:  # whatever it is, the asking process must hear of it
                value = {"error": f"{type(error).__name__}: {error}"}
            answer.write(json.dumps(value).encode())
    finally:
        os._exit(0)
