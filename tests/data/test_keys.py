"""The key file is made once, whole, and by one of those who try."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from data.keys import KEY_BYTES, key_of


def test_a_key_is_made_once_and_differs_from_file_to_file(tmp_path: Path) -> None:
    key = key_of(tmp_path / "archive.db")
    assert len(key) == KEY_BYTES
    assert key_of(tmp_path / "archive.db") == key
    assert key_of(tmp_path / "authority.db") != key
    assert {path.name for path in tmp_path.iterdir()} == {"archive.key", "authority.key"}


def test_all_who_make_a_key_at_once_get_the_same_one(tmp_path: Path) -> None:
    for attempt in range(20):
        with ThreadPoolExecutor(8) as pool:
            keys = set(pool.map(key_of, [tmp_path / f"{attempt}.db"] * 8))
        assert len(keys) == 1
    assert len(list(tmp_path.iterdir())) == 20
