"""Run the proof: `python -m tests.proofs.keypad`.

One line, `keypad/grab: 28 of 28`; what fell short is told on stderr, and the exit code is 1, or 2 where the machine
cannot be made.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.proofs.keypad.machine import verdicts
from tests.services.requirement import ServiceMissing

CHECKS = 28
"""How many there are: a machine that ends early has not proved the rest."""


def main() -> int:
    """Exit code 1 when any check fell short, 2 when it could not be run."""
    parser = argparse.ArgumentParser(prog="keypad", description="The proof that only the kiosk hears the keypad.")
    parser.add_argument("--verbose", action="store_true", help="every check, and how long the keypad's return took")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        try:
            said = verdicts(Path(folder))
        except ServiceMissing as error:
            print(f"keypad/grab: not run, this machine lacks {error}", file=sys.stderr)
            return 2
    return report(said, is_verbose=options.verbose)


def report(said: list[str], *, is_verbose: bool = False) -> int:
    """Print the line; 0 when every check passed."""
    passed = sum(line.startswith("PASS ") for line in said)
    print(f"keypad/grab: {passed} of {CHECKS}", flush=True)
    if is_verbose:
        print(*(line for line in said if line.startswith(("PASS ", "TOOK "))), sep="\n")
    if passed == CHECKS and "DONE" in said:
        return 0
    print(*(line for line in said if not line.startswith(("PASS ", "MONITOR "))), sep="\n", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
