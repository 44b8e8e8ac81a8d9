"""The centre's secret keys: files of a folder that only the centre's own user may read."""

from __future__ import annotations

from pathlib import Path

from data import age
from data.centre_card import CentreCard
from data.keys import create_once, named_disk_errors, require_private
from data.office_key import FileKey
from data.registry.worker import Centre

IDENTITY = "centre.age"
SIGNING = "centre.key"
CARD = "centre.json"


class CentreKey(FileKey):
    """The key that signs receipts, in a file, made on first use."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._path = folder / SIGNING


def make(folder: Path) -> CentreCard:
    """Make the centre's keys, once, and the card for the offices. Raises `ArchiveError`."""
    with named_disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not (folder / IDENTITY).exists():
            create_once(folder / IDENTITY, "\n".join(age.new_identity()).encode())
        card = _own_card(folder)
        (folder / CARD).write_text(card.as_file())
    return card


def load(folder: Path) -> Centre:
    """What a worker opens bundles with and signs receipts with. Raises `ArchiveError`."""
    with named_disk_errors(folder):
        secret, _ = _identity(folder)
        card = _own_card(folder)
    return Centre(identities=(secret,), key=CentreKey(folder), centre_keys=card.keys)


def _own_card(folder: Path) -> CentreCard:
    return CentreCard(recipients=(_identity(folder)[1],), keys=(CentreKey(folder).spki(),))


def _identity(folder: Path) -> tuple[str, str]:
    require_private(folder / IDENTITY)
    secret, public = (folder / IDENTITY).read_text().split()
    return secret, public
