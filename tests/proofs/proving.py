"""A proof run as its command runs it, and the lines it prints."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def prove(
    capsys: pytest.CaptureFixture[str], proof: str, *options: str, hours: float = 0.1
) -> dict[str, tuple[int, int]]:
    """Run `tests.proofs.<proof>`, show its lines, and tell them: how many trials held, of how many."""
    finished = subprocess.run(
        [sys.executable, "-m", f"tests.proofs.{proof}", *options],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=hours * 3600,
        check=False,
    )
    with capsys.disabled():
        print(f"\n{finished.stdout}", end="")
    assert finished.returncode == 0, finished.stdout + finished.stderr
    lines = re.findall(rf"({proof}/\S+): (\d+) of (\d+)", finished.stdout)
    return {name: (int(held), int(tried)) for name, held, tried in lines}
