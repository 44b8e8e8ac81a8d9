"""What an authority of our own has really issued: the rows of its register on disk, whoever wrote them."""

from __future__ import annotations

from pathlib import Path

from data.authority_register import FILE_NAME
from data.migrations import register_migrations
from data.store import Store


def registered(folder: Path) -> dict[str, bytes | None]:
    """Certificate (DER) of every order in the register by serial number, lower-case hex; `None` while only reserved."""
    store = Store.open(folder / FILE_NAME, register_migrations())
    try:
        with store.read() as db:
            return {row["serial"]: row["certificate"] for row in db.query("SELECT serial, certificate FROM issued")}
    finally:
        store.close()
