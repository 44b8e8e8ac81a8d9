"""Running a proof as `make proofs` does, and its lines `name/part: N of N`."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINE = re.compile(r"^(\S+): (\d+) of (\d+)", re.MULTILINE)


def prove(
    name: str, capsys: pytest.CaptureFixture[str], *options: str, hours: float = 0.1
) -> dict[str, tuple[int, int]]:
    """Run the proof, show its lines, and tell them: how many trials held, of how many."""
    command = [sys.executable, "-m", f"tests.proofs.{name}", *options]
    finished = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=hours * 3600, check=False)
    with capsys.disabled():
        print(f"\n{finished.stdout}", end="")
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return {part: (int(held), int(tried)) for part, held, tried in LINE.findall(finished.stdout)}


def require_whole(lines: dict[str, tuple[int, int]], names: set[str], at_least: int) -> None:
    """The proof told exactly these parts, each whole and of enough trials."""
    assert set(lines) == names
    assert all(held == tried >= at_least for held, tried in lines.values()), lines
