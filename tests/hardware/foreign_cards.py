"""Cards that are no identity card: as their issuers' ATRs and applets would show them, invented by rule or named.

Run as a program it puts a named one into a virtual reader: python -m tests.hardware.foreign_cards NAME PORT
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field

from hardware.training.server import serve

PKI = bytes.fromhex("A000000063504B43532D3135")
HEALTH = bytes.fromhex("F38100000253455256535A4B01")
VEHICLE = bytes.fromhex("F381000002534552564C040201")
VEHICLE_EVL = bytes.fromhex("A0000000183414010065564C2D303031")
ANNEX = bytes.fromhex("F3810000025345524F44494401")
CARD_MANAGER = bytes.fromhex("A000000003000000")
NOT_FOUND, OK = b"\x6a\x82", b"\x90\x00"
SELECT_APPLET = b"\x00\xa4\x04"


@dataclass
class ForeignCard:
    """Answers SELECT of its own applets with success, of any other with `refusal`, and any other command likewise."""

    atr: bytes
    applets: Mapping[bytes, bytes] = field(default_factory=dict)
    """Application identifier to what selecting it answers."""
    refusal: bytes = NOT_FOUND
    commands: list[bytes] = field(default_factory=list)

    def transmit(self, command: bytes) -> bytes:
        self.commands.append(bytes(command))
        if command[:3] != SELECT_APPLET:
            return self.refusal
        return self.applets.get(bytes(command[5 : 5 + command[4]]), self.refusal)

    def power_on(self) -> None:
        """Nothing is kept."""

    def reset(self) -> None:
        """Nothing is kept."""


@dataclass(frozen=True)
class Named:
    """A card of the fact sheet: its ATR, its applets, and the reason it must be refused for."""

    atr: str
    applets: tuple[bytes, ...]
    reason: str

    def card(self) -> ForeignCard:
        return ForeignCard(bytes.fromhex(self.atr), dict.fromkeys(self.applets, OK))


ID_2014 = "3BFF9400008131804380318065B0850201F3120FFF82900079"
SCE7_GCN3 = "3BF99600008031FE45534345372047434E335E"
SCE8_C1 = "3B9E968031FE4553434520382E302D433156300D0A6F"
NAMED: dict[str, Named] = {
    "apollo": Named("3BB918008131FE9E8073FF614083000000DF", (), "apollo"),
    "health_jcop": Named("3BF41300008131FE4552465A4FED", (HEALTH,), "health_card"),
    "health_sce8s": Named("3B9E978031FE4553434520382E302D433156300D0A6E", (HEALTH, PKI), "health_card"),
    "health_like_id": Named(SCE7_GCN3, (HEALTH, PKI), "health_card"),
    "health_like_id_2023": Named(SCE8_C1, (HEALTH, PKI), "health_card"),
    "vehicle_like_id": Named(ID_2014, (VEHICLE, CARD_MANAGER), "vehicle_licence"),
    "vehicle_evl": Named("3B9D13813160378031C0694D54434F537302020440", (VEHICLE_EVL,), "vehicle_licence"),
    "chamber_2e": Named("3BDE97008031FE4553434520382E302D433156300D0A2E", (PKI,), "no_identity_data"),
    "chamber_2d": Named("3BDE97008031FE4553434520382E302D433256300D0A2D", (PKI,), "no_identity_data"),
    "eporezi_c0": Named("3B7D94000080318065B08311C0A983009000", (PKI,), "no_identity_data"),
    "eporezi_00": Named("3B7D94000080318065B0831100C883009000", (PKI,), "no_identity_data"),
    "newest": Named(ID_2014, (ANNEX, bytes.fromhex("A0000002471001")), "newer_generation"),
    "blank_like_id": Named(ID_2014, (CARD_MANAGER, bytes.fromhex("A000000018434D00")), "no_data_applet"),
    "mute": Named("", (), "mute"),
    "contactless_id": Named("3B8980015343452E372020202044", (), "contactless"),
}


def atr(first: int, protocols: tuple[int, ...], interface: bytes, historical: bytes) -> bytes:
    """A well-formed ATR (ISO 7816-3 §8.2): one group of interface bytes per protocol, check byte where it must be.

    `interface` gives the values of TA, TB and TC in turn; a zero leaves that byte out.
    """
    groups = [interface[3 * index : 3 * index + 3].ljust(3, b"\x00") for index in range(len(protocols) + 1)]
    body = bytearray()
    for index, group in enumerate(groups):
        present = sum(bit for bit, value in zip((0x10, 0x20, 0x40), group, strict=True) if value)
        present |= 0x80 if index < len(protocols) else 0
        low = len(historical) if index == 0 else protocols[index - 1]
        body += bytes((present | low,)) + bytes(value for value in group if value)
    body += historical
    if any(protocols):
        check = 0
        for value in body:
            check ^= value
        body.append(check)
    return bytes((first,)) + bytes(body)


if __name__ == "__main__":
    serve(NAMED[sys.argv[1]].card(), "127.0.0.1", int(sys.argv[2]))
