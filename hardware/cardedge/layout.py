"""Where things are in the PKI applet: file identifiers and access rules."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

from hardware.interface import KeyPurpose

AID = bytes.fromhex("A000000063504B43532D3135")

ROOT = 0x7000
CARD_ID = 0x7001
CARD_APPS = 0x7002
CHANGE_COUNTERS = 0x70F1
PIN_INFO = 0x70F2
TOKEN_INFO = 0x70F3
MSCP = 0x7100
CONTAINER_MAP = 0x7101
FIRST_CERTIFICATE = 0x7102
PKCS11_DATA = 0x7200
METADATA_INDEX = 0x8FFF

CONTAINERS = 16
"""The container is four bits of a key's file identifier."""
USUAL_CONTAINERS = 4
"""Two pairs in use and two beside them during a renewal."""


class Access(NamedTuple):
    """Who may read, write and use a file: 0 nobody, 1 user, 2 administrator, 3 either, FFFF anybody."""

    read: int
    write: int
    use: int


GENERAL = Access(0xFFFF, 0x0003, 0x0000)
PUBLIC_KEY = Access(0xFFFF, 0x0003, 0xFFFF)
PRIVATE_KEY = Access(0x0000, 0x0003, 0x0001)
ADMINISTRATIVE = Access(0xFFFF, 0x0002, 0x0000)


class Pair(IntEnum):
    """Which of a container's two key pairs (Windows minidriver)."""

    EXCHANGE = 1
    SIGNATURE = 2


PAIR_FOR = {KeyPurpose.AUTHENTICATION: Pair.EXCHANGE, KeyPurpose.SIGNATURE: Pair.SIGNATURE}


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """One key pair's place: container 0 to 15 and pair within it."""

    container: int
    pair: Pair

    @property
    def public(self) -> int:
        return 0x6000 | self.container << 4 | self.pair << 2

    @property
    def private(self) -> int:
        return self.public | 1

    @property
    def pin_link(self) -> int:
        """File that says which PIN protects the container."""
        return 0x600F | self.container << 4

    @property
    def public_metadata(self) -> int:
        return 0x8000 | self.public & 0x0FFF

    @property
    def private_metadata(self) -> int:
        return self.public_metadata | 1

    @property
    def certificate_metadata(self) -> int:
        return self.public_metadata | 3

    @property
    def certificate_name(self) -> str:
        """Name of the certificate in the directory, such as `kxc00`."""
        return f"{'kxc' if self.pair is Pair.EXCHANGE else 'ksc'}{self.container:02d}"

    @property
    def usual_certificate_file(self) -> int:
        """7102 for container 0 and 7103 for container 1, where other programs look for them."""
        return FIRST_CERTIFICATE + self.container

    @property
    def key_reference(self) -> int:
        """Second byte of the key reference in MANAGE SECURITY ENVIRONMENT."""
        return self.private & 0xFF

    @property
    def purpose(self) -> KeyPurpose:
        return KeyPurpose.AUTHENTICATION if self.pair is Pair.EXCHANGE else KeyPurpose.SIGNATURE


def places(containers: int) -> tuple[Place, ...]:
    """All places in the first containers, in the order of their identifiers."""
    return tuple(Place(container, pair) for container in range(containers) for pair in Pair)
