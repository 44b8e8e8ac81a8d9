"""python -m tests.proofs.fuzz [tlv|sod|cmapfile|directory|metadata|certificate|dialogue|kept|all …] --count N --seed S

One line for each target, `fuzz/sod: 200000 of 200000`; exit 1 when an input ended in anything but a sound result or a
named error, took longer than its limit, or when the process grew too much. A failed input is named, to come again.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from tests.proofs.fuzz import dialogues, files
from tests.proofs.fuzz.trial import MOST_MEMORY_MIB, Count, Target, run

TARGETS = {target.name: target for target in (*files.TARGETS, *dialogues.TARGETS)}
MILLION = sum(target.share for target in TARGETS.values())


def main(arguments: Sequence[str]) -> int:
    """Run the targets; 0 when every input passed."""
    parser = argparse.ArgumentParser(prog="python -m tests.proofs.fuzz", description=__doc__)
    parser.add_argument("targets", nargs="*", default=["all"], choices=(*TARGETS, "all"))
    parser.add_argument("--count", type=int, default=10_000, help="inputs: of each named target, or of all together")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="number of the first input, to make one come again")
    wanted = parser.parse_args(arguments)
    counts = [
        _report(TARGETS[name], run(TARGETS[name], count, wanted.seed, wanted.first), count)
        for name, count in _plan(wanted.targets, wanted.count)
    ]
    print(f"fuzz: {sum(one.passed for one in counts)} of {sum(one.inputs for one in counts)}")
    return 1 if any(one.failures for one in counts) else 0


def _plan(names: Sequence[str], count: int) -> list[tuple[str, int]]:
    if "all" not in names:
        return [(name, count) for name in names]
    shares = {name: count * target.share // MILLION for name, target in TARGETS.items()}
    shares["tlv"] += count - sum(shares.values())
    return list(shares.items())


def _report(target: Target, counted: Count, count: int) -> Count:
    print(
        f"fuzz/{target.name}: {counted.passed} of {count}"
        f"  ({counted.sound} sound, {counted.refused} refused; slowest {counted.slowest_s * 1000:.1f} ms"
        f" of {target.limit_s * 1000:.0f}; grown {counted.grown_mib:.0f} MiB of {MOST_MEMORY_MIB})",
        flush=True,
    )
    for failure in counted.failures:
        print(f"  {failure}", file=sys.stderr, flush=True)
    return counted


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
