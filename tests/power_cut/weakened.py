"""The durability settings of the archive, ours and weaker ones, and programs that say or do a thing too early."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

from data import sqlcipher


@dataclass(frozen=True, slots=True)
class Variant:
    """A way to run the desk."""

    name: str
    journal_mode: str = "wal"
    synchronous: str = "FULL"
    acknowledges_early: bool = False
    acts_first: bool = False
    is_sound: bool = False
    """True when no cut may do harm; of the others the proof must find harm."""


VARIANTS = {
    variant.name: variant
    for variant in (
        Variant("wal-full", is_sound=True),
        Variant("delete-extra", journal_mode="delete", synchronous="EXTRA", is_sound=True),
        Variant("wal-normal", synchronous="NORMAL"),
        Variant("wal-off", synchronous="OFF"),
        Variant("acknowledged-before-commit", acknowledges_early=True),
        Variant("effect-before-intent", acts_first=True),
    )
}


@contextmanager
def settings_of(variant: Variant) -> Iterator[None]:
    """Open databases with the variant's settings while the block runs."""
    pragmas = (f"synchronous={variant.synchronous}", *sqlcipher.PRAGMAS[1:])
    with (
        patch.object(sqlcipher, "PRAGMAS", pragmas),
        patch.object(sqlcipher, "JOURNAL_MODE", variant.journal_mode),
    ):
        yield


class Told:
    """What happened outside the machine, a line each, in a file that no cut can touch."""

    def __init__(self, write: Callable[[str], None], variant: Variant) -> None:
        self._write = write
        self._variant = variant

    def acknowledging(self, call: Callable[..., Any], line: Callable[..., str]) -> Callable[..., Any]:
        """`call`, and the line once it has returned; too early in one variant."""

        def told(*arguments: Any, **named: Any) -> Any:
            if self._variant.acknowledges_early:
                self._write(line(*arguments))
            result = call(*arguments, **named)
            if not self._variant.acknowledges_early:
                self._write(line(*arguments))
            return result

        return told

    def acting(self, call: Callable[..., Any], act: str) -> Callable[..., Any]:
        """`call` as an effect outside the machine: the line stands before anything is done."""

        def told(*arguments: Any, **named: Any) -> Any:
            self._write(f"EFFECT {act}")
            return call(*arguments, **named)

        return told
