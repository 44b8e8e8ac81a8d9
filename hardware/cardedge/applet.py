"""The commands of the PKI applet, one method each, and files read and written whole."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from hardware.apdu import OK, Command, Response, exchange, transmit_and_wipe
from hardware.cardedge.layout import AID, Access, Place
from hardware.errors import CardFault, CardFull, MalformedCardData, NoSuchKey, NotUnlocked, Unsupported, WrongCard
from hardware.interface import Transmit
from hardware.pin import Pin, ProtectedPath

NOT_FOUND = 0x6A82
OVER_READ = 0x6282
NOT_ALLOWED = 0x6982
NO_ROOM = 0x6A84
BLOCKED = 0x6983

READ_CHUNK = 0xFF
WRITE_CHUNK = 0x80
LARGEST_FILE = 0x8000
PIN_LENGTH = 8
USER_PIN, ADMIN_KEY = 0x80, 0x81
USER, EVERYBODY = 0x01, 0x00
CAPABILITIES_LENGTH = 36
SHA256_DIGEST_INFO = bytes.fromhex("3031300D060960864801650304020105000420")
RSA_2048_CRT = 0x03
PKCS1_PADDING = 0x02
DUMMY = Command(0x00, 0xA4, 0x04, 0x00, bytes(16))
"""As long as the longest command that carries a PIN."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What the applet says of itself when it is selected (observed layout)."""

    free_memory: int


def tries_in(status: int) -> int | None:
    """Tries left that a status word tells (63Cx, 6983); `None` when it tells none."""
    if status == BLOCKED:
        return 0
    return status & 0x0F if status & 0xFFF0 == 0x63C0 else None


class CardEdgeApplet:
    """Speaks to the applet over a transmit function. Status words become the errors of `hardware/errors.py`."""

    def __init__(self, transmit: Transmit) -> None:
        self._transmit = transmit

    # --- selecting ----------------------------------------------------------------------------------------------------

    def select(self) -> Capabilities | None:
        """Select the applet; `None` when it says nothing of itself. Raises `WrongCard`."""
        response = self._send(Command(0x00, 0xA4, 0x04, 0x00, AID))
        if response.sw != OK:
            raise WrongCard("no_pki_applet")
        if len(response.data) < CAPABILITIES_LENGTH:
            return None
        return Capabilities(free_memory=int.from_bytes(response.data[10:12], "big"))

    def size_of(self, file_id: int) -> int | None:
        """Select a file and tell its size; `None` when there is none."""
        response = self._send(Command(0x00, 0xA4, 0x00, 0x00, file_id.to_bytes(2, "big")))
        if response.sw == NOT_FOUND:
            return None
        self._require(response, 0xA4)
        if len(response.data) < 4:
            raise MalformedCardData(f"{file_id:04X}")
        return int.from_bytes(response.data[2:4], "big")

    # --- files --------------------------------------------------------------------------------------------------------

    def read(self, file_id: int) -> bytes | None:
        """A whole file; `None` when there is none. Raises `MalformedCardData` when the card stops giving bytes."""
        size = self.size_of(file_id)
        if size is None:
            return None
        if size > LARGEST_FILE:
            raise MalformedCardData(f"{file_id:04X}")
        content = b""
        while len(content) < size:
            content += self._read_chunk(file_id, len(content), min(READ_CHUNK, size - len(content)))
        return content

    def _read_chunk(self, file_id: int, offset: int, length: int) -> bytes:
        response = self._send(Command(0x00, 0xB0, offset >> 8, offset & 0xFF, b"", length))
        if response.sw != OVER_READ:
            self._require(response, 0xB0)
        if not 0 < len(response.data) <= length:
            raise MalformedCardData(f"{file_id:04X}")
        return response.data

    def create(self, file_id: int, content: bytes, access: Access) -> None:
        """Make a new file with this content. Raises `CardFull`, `NotUnlocked`.

        A file that a cut left begins with zeros, whatever its length says: see `overwrite`.
        """
        words = (file_id, len(content), *access)
        self._do(Command(0x00, 0xE0, 0x00, 0x00, b"".join(word.to_bytes(2, "big") for word in words)))
        self.overwrite(file_id, content)

    def overwrite(self, file_id: int, content: bytes) -> None:
        """Write over the beginning of a file, last piece first: a header changes only when all behind it is there."""
        self.size_of(file_id)
        for offset in reversed(range(0, len(content), WRITE_CHUNK)):
            self._update(offset, content[offset : offset + WRITE_CHUNK])

    def replace(self, file_id: int, content: bytes, access: Access) -> None:
        """Give a file this content, made new if there is none or its size differs."""
        size = self.size_of(file_id)
        if size == len(content):
            self.overwrite(file_id, content)
            return
        if size is not None:
            self.delete(file_id)
        self.create(file_id, content, access)

    def delete(self, file_id: int) -> None:
        """Remove a file; no error if there is none."""
        if self.size_of(file_id) is not None:
            self._do(Command(0x00, 0xE4, 0x00, 0x00))

    def _update(self, offset: int, piece: bytes) -> None:
        self._do(Command(0x00, 0xD6, offset >> 8, offset & 0xFF, piece))

    # --- PINs ---------------------------------------------------------------------------------------------------------

    def pin_status(self) -> int:
        """Status word of a VERIFY without data, which spends no try."""
        return self._send(Command(0x00, 0x20, 0x00, USER_PIN)).sw

    def verify(self, pin: Pin | ProtectedPath) -> int:
        """Present the PIN; the status word."""
        if isinstance(pin, ProtectedPath):
            return pin.verify(_without_pins(0x20, 0x00, 1))
        return self._send_pins(0x20, 0x00, pin)

    def change_pin(self, old: Pin | ProtectedPath, new: Pin | ProtectedPath) -> int:
        """CHANGE REFERENCE DATA; the status word. A reader that takes the old PIN takes the new one too."""
        if isinstance(old, ProtectedPath):
            return old.modify(_without_pins(0x24, 0x00, 2), asks_old=True)
        if isinstance(new, ProtectedPath):
            raise Unsupported("protected path for the new PIN alone")
        return self._send_pins(0x24, 0x00, old, new)

    def set_pin(self, new: Pin | ProtectedPath) -> int:
        """Set a new PIN as administrator; the status word."""
        if isinstance(new, ProtectedPath):
            return new.modify(_without_pins(0x24, 0x01, 1), asks_old=False)
        return self._send_pins(0x24, 0x01, new)

    def _send_pins(self, instruction: int, p1: int, *pins: Pin) -> int:
        """Build the command in one buffer that is wiped, and push it out of the driver's with a longer one."""
        length = PIN_LENGTH * len(pins)
        buffer = bytearray(5 + length)
        buffer[:5] = (0x00, instruction, p1, USER_PIN, length)
        for index, pin in enumerate(pins):
            pin.copy_into(buffer, 5 + PIN_LENGTH * index, PIN_LENGTH)
        answer = transmit_and_wipe(self._transmit, buffer)
        self._transmit(DUMMY.encode())
        return Response.decode(answer).sw

    def challenge(self) -> bytes:
        """Eight random bytes that the administrator's key must answer."""
        challenge = self._do(Command(0x00, 0x84, 0x00, 0x00, b"", 8)).data
        if len(challenge) != 8:
            raise MalformedCardData("challenge")
        return challenge

    def external_authenticate(self, response: bytes) -> int:
        """Answer the challenge; the status word."""
        return self._send(Command(0x00, 0x82, 0x00, ADMIN_KEY, response)).sw

    def log_out(self, roles: int) -> None:
        """Forget what was proven (`USER` or `EVERYBODY`)."""
        self._do(Command(0xB0, 0x22, 0x00, roles))

    # --- keys ---------------------------------------------------------------------------------------------------------

    def generate(self, place: Place, public: tuple[Access, int], private: tuple[Access, int]) -> None:
        """Make an RSA-2048 key pair at a place; each key has its access and its usage bits. Raises `CardFull`."""
        data = bytes((RSA_2048_CRT,)) + place.public.to_bytes(2, "big") + place.private.to_bytes(2, "big")
        for access, usage in (public, private):
            data += b"".join(word.to_bytes(2, "big") for word in access) + bytes((usage,))
        self._do(Command(0xB0, 0x46, 0x00, 0x00, data))

    def sign(self, place: Place, data: bytes) -> bytes:
        """RSASSA-PKCS1-v1_5 with SHA-256; the card pads. Raises `NotUnlocked`, `NoSuchKey`."""
        key = bytes((0x80, 0x01, PKCS1_PADDING, 0x84, 0x02, 0x60, place.key_reference))
        self._require_key(self._send(Command(0x00, 0x22, 0x41, 0xB6, key)), 0x22)
        digest_info = SHA256_DIGEST_INFO + hashlib.sha256(data).digest()
        response = self._send(Command(0x00, 0x2A, 0x9E, 0x00, digest_info, 256))
        self._require_key(response, 0x2A)
        if not response.data:
            raise MalformedCardData("signature")
        return response.data

    def _require_key(self, response: Response, instruction: int) -> None:
        if response.sw in (NOT_FOUND, 0x6A88):
            raise NoSuchKey
        self._require(response, instruction)

    # --- the exchange -------------------------------------------------------------------------------------------------

    def _send(self, command: Command) -> Response:
        return exchange(self._transmit, command)

    def _do(self, command: Command) -> Response:
        response = self._send(command)
        self._require(response, command.ins)
        return response

    def _require(self, response: Response, instruction: int) -> None:
        if response.sw == NOT_ALLOWED:
            raise NotUnlocked
        if response.sw == NO_ROOM:
            raise CardFull
        if response.sw != OK:
            raise CardFault(instruction, response.sw)


def _without_pins(instruction: int, p1: int, count: int) -> bytes:
    """A command with zeros where the reader puts that many PINs; what the digits leave free stays so."""
    length = PIN_LENGTH * count
    return bytes((0x00, instruction, p1, USER_PIN, length)) + bytes(length)
