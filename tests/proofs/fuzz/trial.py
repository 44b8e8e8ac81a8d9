"""One input put to the test, within limits of time and memory; and many of them counted."""

from __future__ import annotations

import resource
import signal
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from types import FrameType

from hardware.errors import HardwareError

MOST_MEMORY_MIB = 64
"""By how much the process may grow over a run, after its first inputs."""
ADDRESS_SPACE_MIB = 1024
"""By how much its address space may: an input that wants more gets `MemoryError` and has failed."""
WARM_UP = 200
MOST_FAILURES = 5
WATCH_FACTOR = 20
"""An input that takes so many times its limit by the clock on the wall is broken off."""


class Unsound(Exception):
    """The input was taken, but what was made of it cannot be right."""


class Hangs(BaseException):
    """The input has not come to an end. No `except Exception` may swallow it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Something that reads what a card gives. `run` returns for a sound result and raises `HardwareError` for others.

    `share` is its part of a run of all targets, in inputs of a million; `limit_s` the processor time of one input.
    """

    name: str
    run: Callable[[Random], None]
    share: int
    limit_s: float


@dataclass(slots=True)
class Count:
    """How a run went. `failures` are sentences, each naming the input that makes it happen again."""

    inputs: int = 0
    sound: int = 0
    refused: int = 0
    slowest_s: float = 0.0
    grown_mib: float = 0.0
    failures: list[str] = field(default_factory=list)

    @property
    def passed(self) -> int:
        return self.sound + self.refused


def run(target: Target, count: int, seed: int, first: int = 0) -> Count:
    """Put `count` inputs to a target, beginning with number `first`; stops after a few failures."""
    counted = Count()
    begun_with = 0.0
    with _bounded_memory(), _watch(target.limit_s), warnings.catch_warnings():
        # A warning would be written over the screens.
        warnings.simplefilter("error")
        for number in range(first, first + count):
            _one(target, number, seed, counted)
            if counted.inputs == min(WARM_UP, count):
                begun_with = _memory_mib(anew=True)
            if len(counted.failures) >= MOST_FAILURES:
                break
    counted.grown_mib = _memory_mib() - begun_with
    if counted.grown_mib > MOST_MEMORY_MIB:
        counted.failures.append(f"the process grew by {counted.grown_mib:.0f} MiB, more than {MOST_MEMORY_MIB}")
    return counted


def _one(target: Target, number: int, seed: int, counted: Count) -> None:
    counted.inputs += 1
    random = Random(f"{seed}/{target.name}/{number}")  # noqa: S311  # inputs must come again, not be secret
    signal.setitimer(signal.ITIMER_REAL, WATCH_FACTOR * target.limit_s)
    begun = time.thread_time()
    fault = ""
    is_sound = False
    try:
        target.run(random)
        is_sound = True
    except HardwareError as error:
        # The base class itself is what the device host makes of an unforeseen exception.
        fault = "" if type(error) is not HardwareError else "an error without a name"
    except Unsound as error:
        fault = f"unsound: {error}"
    except Hangs:
        fault = "no end"
    except Exception as error:  # whatever comes out is the finding
        fault = f"{type(error).__name__}: {error}"
    took = time.thread_time() - begun
    signal.setitimer(signal.ITIMER_REAL, 0)
    counted.slowest_s = max(counted.slowest_s, took)
    if not fault and took > target.limit_s:
        fault = f"{took:.2f} s, more than {target.limit_s:g}"
    if fault:
        counted.failures.append(f"{target.name} --seed {seed} --first {number} --count 1: {fault}")
    else:
        counted.sound += is_sound
        counted.refused += not is_sound


@contextmanager
def _watch(limit_s: float) -> Iterator[None]:
    def break_off(number: int, frame: FrameType | None) -> None:
        raise Hangs

    before = signal.signal(signal.SIGALRM, break_off)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@contextmanager
def _bounded_memory() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    now = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (now + ADDRESS_SPACE_MIB * 2**20, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def _memory_mib(*, anew: bool = False) -> float:
    """The most memory the process has held; `anew` counts from now on."""
    if anew:
        Path("/proc/self/clear_refs").write_text("5")
    status = Path("/proc/self/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) / 1024
