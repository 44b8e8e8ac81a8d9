"""What an office knows of the centre: to whom it encrypts, and whose receipts it believes. One public file."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from data.exchange_errors import MalformedFile


@dataclass(frozen=True, slots=True, kw_only=True)
class CentreCard:
    """The centre's public keys; several of each while one takes over from another."""

    recipients: tuple[str, ...]
    """age public keys, `age1…`."""
    keys: tuple[bytes, ...]
    """Keys that sign receipts: SPKI, DER."""

    def as_file(self) -> str:
        """The card as JSON; `read_card` takes it back."""
        return json.dumps({"recipients": self.recipients, "keys": [key.hex() for key in self.keys]}, indent=2) + "\n"


def read_card(path: Path) -> CentreCard:
    """The card in a file. Raises `MalformedFile`."""
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        card = CentreCard(
            recipients=tuple(str(one) for one in record["recipients"]),
            keys=tuple(bytes.fromhex(key) for key in record["keys"]),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise MalformedFile(f"{path.name}: not the centre's card ({type(error).__name__})") from error
    if not card.recipients or not card.keys:
        raise MalformedFile(f"{path.name}: a card without keys")
    return card
