"""Reads the data applet for a desk: with the signers it trusts, the data library loaded on first use."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from hardware.interface import Identity, Transmit

if TYPE_CHECKING:
    from hardware.id_data import IdDataSession


class DocumentReader:
    """An `IdentityReader` over one card. `trusted` is a folder of CA certificates; `None` trusts the TEST list only."""

    def __init__(self, transmit: Transmit, trusted: Path | None) -> None:
        self._transmit = transmit
        self._trusted = trusted
        self._opened: IdDataSession | None = None

    def identity(self) -> Identity:
        """Document, holder, residence, and whether their signatures hold."""
        return self._session().read_identity(trusted_signers(self._trusted))

    def portrait(self) -> bytes:
        """The portrait, JPEG."""
        return self._session().read_portrait()

    def _session(self) -> IdDataSession:
        from hardware.id_data import IdDataSession

        if self._opened is None:
            self._opened = IdDataSession(self._transmit)
        return self._opened


def trusted_signers(folder: Path | None) -> tuple[bytes, ...]:
    """CA certificates (DER) that may sign the data on a chip."""
    if folder is not None:
        return tuple(path.read_bytes() for path in sorted(folder.iterdir()) if path.suffix in (".der", ".cer", ".crt"))
    from hardware.training.test_authority import trusted_test_signers

    return trusted_test_signers()
