"""A card as a T=0 reader driver shows it that leaves the protocol's own work to its caller (ISO 7816-3 §10.3.3)."""

from __future__ import annotations

from hardware.apdu import GET_RESPONSE, MAX_LE, OK, Command, Response
from hardware.training.card import VirtualCard

T0_ATR = bytes.fromhex("3B7A9600008065A20101023D72D643")
"""Of an identity card that offers T=0 only."""


class T0Card:
    """Another card over T=0: an answer to a command with data waits for GET RESPONSE; a wrong length is refused.

    `wrong_lengths` counts the refusals (6Cxx).
    """

    def __init__(self, card: VirtualCard) -> None:
        self._card = card
        self._waiting = b""
        self.wrong_lengths = 0

    @property
    def atr(self) -> bytes:
        return T0_ATR

    def power_on(self) -> None:
        self._waiting = b""
        self._card.power_on()

    def reset(self) -> None:
        self._waiting = b""
        self._card.reset()

    def transmit(self, command: bytes) -> bytes:
        """Answer one TPDU."""
        asked = Command.decode(command)
        if asked.ins == GET_RESPONSE:
            piece, self._waiting = self._waiting[: asked.le], self._waiting[asked.le or 0 :]
            return Response(piece, 0x6100 | len(self._waiting) & 0xFF if self._waiting else OK).encode()
        answer = Response.decode(self._card.transmit(command))
        if not answer.data or answer.sw not in (OK, 0x6282):
            return answer.encode()
        if asked.data:
            self._waiting = answer.data
            return Response(b"", 0x6100 | len(answer.data) & 0xFF).encode()
        if len(answer.data) != (asked.le or MAX_LE):
            self.wrong_lengths += 1
            return Response(b"", 0x6C00 | len(answer.data) & 0xFF).encode()
        return answer.encode()
