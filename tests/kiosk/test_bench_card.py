"""`kiosk bench card` tells the truth about the commands that reading takes."""

from __future__ import annotations

import json
import math
import subprocess
import sys

from hardware.id_data import EVERY_FILE, TEXT_FILES
from tests.hardware.cards import card_of


def test_the_bench_reaches_the_bound_of_the_cards_own_files() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "kiosk", "bench", "card", "--runs", "2", "--json"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    lines = json.loads(done.stdout)
    files = card_of("jovana").data_files
    bound = 1 + sum(1 + math.ceil(len(files[file_id]) / 255) for file_id in EVERY_FILE)
    wasteful = 1 + sum(4 + math.ceil(len(files[file_id]) / 128) for file_id in EVERY_FILE)
    words = 1 + sum(1 + math.ceil(len(files[file_id]) / 255) for file_id in TEXT_FILES)
    told = [(line["bench"], line["value"], line["limit"]) for line in lines if line["unit"] == "APDU"]
    assert told == [
        ("card.apdus", bound, bound),
        ("card.apdus", bound, wasteful),
        ("card.apdus.words", words, words),
    ]
    beside_bound, beside_wasteful = (line["ratio"] for line in lines if line["bench"] == "card.read")
    [words_beside_all] = (line["ratio"] for line in lines if line["bench"] == "card.read.words")
    assert beside_wasteful < 1 <= beside_bound < 1.1
    assert words_beside_all < 0.2
    assert all(line["value"] > 0 and line["limit"] > 0 for line in lines)
