"""Reads the data applet for a desk: with the signers it trusts, the data library loaded on first use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hardware.errors import WrongCard
from hardware.interface import Identity, Transmit, UnverifiedIdentity
from hardware.settings import DeviceSettings

if TYPE_CHECKING:
    from hardware.id_data import IdDataSession
    from hardware.trust_list import TrustList

APOLLO_ATR = bytes.fromhex("3BB918008131FE9E8073FF614083000000DF")
"""Of the cards of 2008, which carry no certificates; the only ATR that tells anything about the document."""


def refuse_by_atr(atr: bytes) -> None:
    """Raise `WrongCard` for what needs no command to be refused: a card of 2008, and a card without contacts.

    The ATR of a contactless card is made up by the reader: `3B 8n 80 01` and what the card said (PC/SC part 3, §3.1.3).
    """
    if atr == APOLLO_ATR:
        raise WrongCard("apollo")
    if len(atr) >= 4 and atr[0] == 0x3B and atr[1] >> 4 == 8 and atr[2:4] == b"\x80\x01":
        raise WrongCard("contactless")


class DocumentReader:
    """An `IdentityReader` over one card, with the list of signers that the settings name."""

    def __init__(self, transmit: Transmit, settings: DeviceSettings) -> None:
        self._transmit = transmit
        self._settings = settings
        self._opened: IdDataSession | None = None

    def unverified(self) -> UnverifiedIdentity:
        """Document, holder, residence: enough to show while the rest is read."""
        return self._session().read_unverified()

    def identity(self) -> Identity:
        """Document, holder, residence, and whether their signatures hold. Raises `TrustListInvalid` at once."""
        trusted = trust_list(self._settings)
        return self._session().read_identity(trusted)

    def portrait(self) -> bytes:
        """The portrait, JPEG."""
        return self._session().read_portrait()

    def _session(self) -> IdDataSession:
        from hardware.id_data import IdDataSession

        if self._opened is None:
            self._opened = IdDataSession(self._transmit)
        return self._opened


def trust_list(settings: DeviceSettings) -> TrustList:
    """The CA certificates that may sign the data on a chip. Raises `TrustListInvalid`."""
    from hardware.trust_list import TrustList, load

    if settings.trusted_signers is not None:
        return load(settings.trusted_signers, settings.trusted_signers_sha256)
    from hardware.training.test_authority import trusted_test_signers

    return TrustList(trusted_test_signers())
