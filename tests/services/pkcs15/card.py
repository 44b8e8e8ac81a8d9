"""The card's commands: what OpenSC 0.23 sends to a MyEID applet, from `pkcs15-init` to signing."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from functools import partial

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from tests.services.pkcs15.files import (
    APPLICATION,
    DATA,
    FOLDER,
    FREE,
    NEVER,
    PKCS15_AID,
    RSA_KEY,
    File,
    FileSystem,
    from_template,
    tlvs,
    to_template,
)
from tests.services.pkcs15.pins import CountedPin, Pins
from tests.services.pkcs15.status import (
    CONDITIONS,
    DATA_NOT_FOUND,
    EXISTS,
    FILE_NOT_FOUND,
    NO_EF,
    NO_SPACE,
    NOT_ALLOWED,
    OK,
    OUT_OF_FILE,
    UNKNOWN_INSTRUCTION,
    Refused,
    refuse,
)

HISTORICAL = b"MyEID"
SERIAL = b"TEST000001"
VERSION = bytes((4, 5, 5))
BLANK_ACCESS = bytes.fromhex("FFFF000FFF000FFF")
READ, UPDATE, DELETE = 0, 1, 2
USE, GENERATE = 0, 3
CREATE_FOLDER, CREATE_FILE = 0, 1
CHAINED = 0x10


def answer_to_reset(historical: bytes) -> bytes:
    """Direct convention, T=1, with these historical bytes and the check byte."""
    body = bytes((0x80 | len(historical), 0x81, 0x31, 0xFE, 0x45)) + historical
    check = 0
    for byte in body:
        check ^= byte
    return b"\x3b" + body + bytes((check,))


class Pkcs15Card:
    """The card's state lives in memory, as long as the process."""

    def __init__(self) -> None:
        self.atr = answer_to_reset(HISTORICAL)
        self._erase(BLANK_ACCESS)

    def _erase(self, access: bytes) -> None:
        self._files = FileSystem(access[2:5], access[5:8])
        self._pins = Pins()
        self._is_operational = False
        self.reset()

    def reset(self) -> None:
        """Power on, or a reset: no PIN is proven, nothing is selected."""
        self._pins.proven.clear()
        self._files.path = [self._files.master]
        self._chain = b""
        self._rest = b""
        self._environment: dict[int, bytes] = {}

    power_on = reset

    # --- transport ----------------------------------------------------------------------------------------------------

    def transmit(self, command: bytes) -> bytes:
        """Answer one short APDU; long answers are fetched with GET RESPONSE."""
        try:
            return self._answer(command)
        except Refused as refused:
            self._chain = b""
            return refused.status.to_bytes(2, "big")

    def _answer(self, command: bytes) -> bytes:
        cla, ins, p1, p2 = command[:4]
        data, expected = _body(command[4:])
        if ins == 0xC0:
            return self._in_pieces(self._rest, expected)
        if cla & CHAINED:
            self._chain += data
            return OK.to_bytes(2, "big")
        whole, self._chain = self._chain + data, b""
        handler = self._handlers().get(ins) or refuse(UNKNOWN_INSTRUCTION)
        return self._in_pieces(handler(p1, p2, whole, expected) or b"", expected)

    def _in_pieces(self, answer: bytes, expected: int) -> bytes:
        self._rest = answer[expected:]
        status = 0x6100 | min(len(self._rest), 255) if self._rest else OK
        return answer[:expected] + status.to_bytes(2, "big")

    def _handlers(self) -> dict[int, Callable[[int, int, bytes, int], bytes | None]]:
        return {
            0xA4: self._select,
            0xE0: self._create_file,
            0xE4: self._delete_file,
            0xB0: self._read,
            0xD6: self._update,
            0x0E: self._erase_file,
            0xCA: self._get_data,
            0xDA: self._put_data,
            0x44: self._activate,
            0x20: self._verify,
            0x24: self._change_pin,
            0x2C: self._unblock,
            0x2E: self._deauthenticate,
            0x84: self._challenge,
            0x46: self._generate,
            0x22: self._security_environment,
            0x2A: self._perform,
        }

    def _require(self, file: File, operation: int) -> None:
        """Nothing is protected before the card has been activated."""
        nibble = file.nibble(operation)
        if self._is_operational and nibble != FREE and (nibble == NEVER or nibble not in self._pins.proven):
            refuse(NOT_ALLOWED)

    # --- files --------------------------------------------------------------------------------------------------------

    def _select(self, p1: int, p2: int, data: bytes, expected: int) -> bytes:
        files = self._files
        by_way: dict[int, Callable[[], None]] = {
            0x03: partial(files.select_path, files.folder_path[:-1] or [files.master], b""),
            0x04: partial(self._select_name, data),
            0x08: partial(files.select_path, [files.master], data),
            0x09: partial(files.select_path, files.folder_path, data),
        }
        by_way.get(p1, partial(files.select_identifier, int.from_bytes(data, "big") if data else 0x3F00))()
        return b"" if p2 & 0x0C == 0x0C else to_template(files.current, is_operational=self._is_operational)

    def _select_name(self, name: bytes) -> None:
        if name != PKCS15_AID:
            refuse(FILE_NOT_FOUND)
        self._files.select_application()

    def _create_file(self, p1: int, p2: int, data: bytes, expected: int) -> None:
        file = from_template(data)
        folder = self._files.folder
        self._require(folder, CREATE_FOLDER if file.kind == FOLDER else CREATE_FILE)
        if file.identifier in folder.children:
            refuse(EXISTS)
        folder.children[file.identifier] = file
        self._files.path = [*self._files.folder_path, file]

    def _delete_file(self, p1: int, p2: int, data: bytes, expected: int) -> None:
        self._require(self._files.current, DELETE)
        if len(self._files.path) < 2:
            refuse(CONDITIONS)
        self._files.remove_current()

    def _data_file(self) -> File:
        current = self._files.current
        return current if current.kind == DATA else refuse(NO_EF)

    def _read(self, p1: int, p2: int, data: bytes, expected: int) -> bytes:
        file, offset = self._data_file(), p1 << 8 | p2
        self._require(file, READ)
        if offset > file.size:
            refuse(OUT_OF_FILE)
        return bytes(file.content[offset : offset + expected])

    def _update(self, p1: int, p2: int, data: bytes, expected: int) -> None:
        file, offset = self._data_file(), p1 << 8 | p2
        self._require(file, UPDATE)
        if offset + len(data) > file.size:
            refuse(NO_SPACE)
        file.content[offset : offset + len(data)] = data

    def _erase_file(self, p1: int, p2: int, data: bytes, expected: int) -> None:
        file = self._data_file()
        self._require(file, UPDATE)
        file.content[:] = bytes(file.size)

    # --- data objects -------------------------------------------------------------------------------------------------

    def _get_data(self, p1: int, p2: int, data: bytes, expected: int) -> bytes:
        fixed = {
            0xA0: HISTORICAL + VERSION + SERIAL + b"\0\0",
            0xAA: b"\x01\x00\x09" + (4096).to_bytes(2, "big") + bytes(4) + (521).to_bytes(2, "big"),
            0xA1: b"".join(child.to_bytes(2, "big") for child in self._files.folder.children),
        }
        return fixed[p2] if p2 in fixed else self._public_part(p2)

    def _public_part(self, which: int) -> bytes:
        key = self._files.current.key or refuse(DATA_NOT_FOUND)
        numbers = key.public_key().public_numbers()
        parts = {0x01: numbers.n.to_bytes(key.key_size // 8, "big"), 0x02: numbers.e.to_bytes(3, "big")}
        return parts[which] if which in parts else refuse(DATA_NOT_FOUND)

    def _put_data(self, p1: int, p2: int, data: bytes, expected: int) -> None:
        if p2 == 0xE0:
            self._require(self._files.master, DELETE)
            self._erase(data)
        elif 1 <= p2 <= 14:
            if self._is_operational and p2 in self._pins.by_reference:
                refuse(CONDITIONS)
            self._pins.by_reference[p2] = CountedPin(data[:8], data[8:16], data[16], data[17])
        else:
            refuse(DATA_NOT_FOUND)

    def _activate(self, p1: int, p2: int, data: bytes, expected: int) -> None:
        self._is_operational = True

    # --- PINs ---------------------------------------------------------------------------------------------------------

    def _verify(self, p1: int, p2: int, data: bytes, expected: int) -> None:
        if data:
            self._pins.verify(p2, data)
        else:
            self._pins.status(p2)

    def _change_pin(self, p1: int, p2: int, data: bytes, expected: int) -> None:
        self._pins.change(p2, data)

    def _unblock(self, p1: int, p2: int, data: bytes, expected: int) -> None:
        self._pins.unblock(p2, data)

    def _deauthenticate(self, p1: int, p2: int, data: bytes, expected: int) -> None:
        if p2 == 0:
            self._pins.proven.clear()
        self._pins.proven.discard(p2)

    # --- keys ---------------------------------------------------------------------------------------------------------

    def _challenge(self, p1: int, p2: int, data: bytes, expected: int) -> bytes:
        return secrets.token_bytes(expected)

    def _generate(self, p1: int, p2: int, data: bytes, expected: int) -> None:
        file = self._files.current
        self._require(file, GENERATE)
        if file.kind != RSA_KEY:
            refuse(CONDITIONS)
        file.key = rsa.generate_private_key(65537, file.size)

    def _security_environment(self, p1: int, p2: int, data: bytes, expected: int) -> None:
        self._environment = tlvs(data)

    def _perform(self, p1: int, p2: int, data: bytes, expected: int) -> bytes:
        """Sign: pad here when the algorithm byte says PKCS#1, else raw."""
        identifier = int.from_bytes(self._environment.get(0x81, b"\0"), "big")
        file = self._files.master.children[APPLICATION].children.get(identifier) or self._files.current
        key = file.key or refuse(DATA_NOT_FOUND)
        self._require(file, USE)
        size = key.key_size // 8
        if self._environment.get(0x80, b"\0")[0] & 0x02:
            data = b"\x00\x01" + b"\xff" * (size - 3 - len(data)) + b"\x00" + data
        return _raw_rsa(key, data).to_bytes(size, "big")


def _raw_rsa(key: RSAPrivateKey, data: bytes) -> int:
    numbers = key.private_numbers()
    return pow(int.from_bytes(data, "big"), numbers.d, numbers.public_numbers.n)


def _body(body: bytes) -> tuple[bytes, int]:
    """Data and expected length of a short APDU; without an expected length up to 256 bytes."""
    if len(body) <= 1:
        return b"", (body[0] or 256) if body else 256
    data, rest = body[1 : 1 + body[0]], body[1 + body[0] :]
    return data, (rest[0] or 256) if rest else 256
