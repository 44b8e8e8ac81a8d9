"""The container map (file 7101, «cmapfile»): one record of 86 bytes per container, as in the Windows minidriver."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, replace

from hardware.cardedge.layout import Pair, Place
from hardware.errors import MalformedCardData

RECORD = struct.Struct("<80sBBHH")
PREFIX = 2
VALID, DEFAULT = 0x01, 0x02
BITS = 2048


@dataclass(frozen=True, slots=True)
class Container:
    """One record. Sizes are bits; 0 means the container has no such key."""

    name: str = ""
    flags: int = 0
    signature_bits: int = 0
    exchange_bits: int = 0

    @property
    def is_valid(self) -> bool:
        return bool(self.flags & VALID)

    def encode(self) -> bytes:
        """The 86 bytes of the record."""
        return RECORD.pack(self.name.encode("utf-16-le")[:78], self.flags, 0, self.signature_bits, self.exchange_bits)


def parse(content: bytes) -> tuple[Container, ...]:
    """Read the map, with or without its length prefix. Raises `MalformedCardData`.

    A prefix of zero before records was never written: the file was made, and a cut came before its first piece.
    """
    has_prefix = len(content) % RECORD.size == PREFIX
    body = content[PREFIX:] if has_prefix else content
    if len(body) % RECORD.size or (has_prefix and body and not any(content[:PREFIX])):
        raise MalformedCardData(f"{0x7101:04X}")
    return tuple(_container(record) for record in RECORD.iter_unpack(body))


def _container(record: tuple[bytes, int, int, int, int]) -> Container:
    name, flags, _, signature_bits, exchange_bits = record
    readable = name.decode("utf-16-le", errors="replace").split("\x00", 1)[0]
    return Container(readable, flags, signature_bits, exchange_bits)


def encode(containers: Sequence[Container]) -> bytes:
    """Write the map with its length prefix; the first container with an exchange key is the default one."""
    default = next((index for index, one in enumerate(containers) if one.is_valid and one.exchange_bits), None)
    body = b"".join(
        replace(one, flags=one.flags & ~DEFAULT | (DEFAULT if index == default else 0)).encode()
        for index, one in enumerate(containers)
    )
    return len(body).to_bytes(PREFIX, "little") + body


def has_key(containers: Sequence[Container], place: Place) -> bool:
    """Whether a valid record tells of a key at that place."""
    if place.container >= len(containers) or not (one := containers[place.container]).is_valid:
        return False
    return bool(one.signature_bits if place.pair is Pair.SIGNATURE else one.exchange_bits)


def with_key(containers: Sequence[Container], place: Place, new_name: str) -> tuple[Container, ...]:
    """The map with a key at that place; records that must come before it are made, invalid and empty."""
    grown = [*containers, *(Container() for _ in range(place.container + 1 - len(containers)))]
    old = grown[place.container]
    bits = {"signature_bits": BITS} if place.pair is Pair.SIGNATURE else {"exchange_bits": BITS}
    grown[place.container] = replace(
        old, name=old.name if old.is_valid and old.name else new_name, flags=old.flags | VALID, **bits
    )
    return tuple(grown)


def without_key(containers: Sequence[Container], place: Place) -> tuple[Container, ...]:
    """The map without that key; a container left without keys becomes invalid and keeps its record."""
    if place.container >= len(containers):
        return tuple(containers)
    old = containers[place.container]
    left = replace(old, signature_bits=0) if place.pair is Pair.SIGNATURE else replace(old, exchange_bits=0)
    if not left.signature_bits and not left.exchange_bits:
        left = Container()
    return tuple(left if index == place.container else one for index, one in enumerate(containers))
