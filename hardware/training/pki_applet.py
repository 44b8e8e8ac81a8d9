"""The training card's PKI applet: every command of the published and the observed set."""

from __future__ import annotations

import secrets
import struct
from collections.abc import Callable

from hardware.apdu import OK, Command, Response
from hardware.cardedge.layout import AID, Access
from hardware.errors import MalformedCardData
from hardware.training import rsa_engine
from hardware.training.data_applet import read_binary
from hardware.training.files import CardFile, FileSystem
from hardware.training.secrets_store import ADMIN, MAX_TRIES, PIN_LENGTH, USER, Guard, is_well_formed

__all__ = ["AID", "PkiApplet"]

WRONG_LENGTH, NOT_ALLOWED, BLOCKED, NO_CONDITION = 0x6700, 0x6982, 0x6983, 0x6985
NO_FILE_SELECTED, BAD_DATA, NOT_FOUND, NO_ROOM = 0x6986, 0x6A80, 0x6A82, 0x6A84
WRONG_P1P2, NO_SUCH_REFERENCE, EXISTS, PAST_END = 0x6A86, 0x6A88, 0x6A89, 0x6B00
UNKNOWN_INS, UNKNOWN_CLA = 0x6D00, 0x6E00
CREATORS = 0x0003
KEY_MAKING = struct.Struct(">BHH3HB3HB")
RSA_2048, RSA_2048_CRT = 2, 3
RAW, PKCS1_PADDING = 0x00, 0x02
USER_PIN, ADMIN_KEY = 0x80, 0x81

Handler = Callable[["PkiApplet", Command], Response]


def _sw(status: int, data: bytes = b"") -> Response:
    return Response(data, status)


class PkiApplet:
    """Carries out commands over its files and its guard. `changed` tells that something lasting is different now."""

    def __init__(self, system: FileSystem, guard: Guard) -> None:
        self.system = system
        self.guard = guard
        self.changed = False
        self._selected: int | None = None
        self._key: tuple[int, int] | None = None

    def reset(self) -> None:
        """Power was lost, or the reader reset the card."""
        self.guard.reset()
        self.leave()
        self._key = None

    def leave(self) -> None:
        """Another selection: no file is current; what was proven stays proven."""
        self._selected = None

    def capabilities(self) -> bytes:
        """The 36 bytes the vendor's module wants from SELECT and GET CAPABILITIES."""
        answer = bytearray(36)
        answer[10:12] = min(0x7FFF, self.system.free()).to_bytes(2, "big")
        answer[12:14] = (PIN_LENGTH, 0x03)
        answer[14] = answer[23] = self.guard.pin_tries
        answer[15] = answer[24] = self.guard.admin_tries
        answer[31:33] = CREATORS.to_bytes(2, "big")
        answer[33] = answer[35] = 0x0F
        return bytes(answer)

    def answer(self, command: Command) -> Response:
        """Carry out one command."""
        if command.cla not in (0x00, 0xB0):
            return _sw(UNKNOWN_CLA)
        handler = HANDLERS.get((command.cla, command.ins))
        return _sw(UNKNOWN_INS) if handler is None else handler(self, command)

    # --- files --------------------------------------------------------------------------------------------------------

    def select(self, command: Command) -> Response:
        """SELECT a file by identifier; its size and access words are the answer."""
        if command.p1 or len(command.data) != 2:
            return _sw(WRONG_P1P2)
        file_id = int.from_bytes(command.data, "big")
        found = self.system.files.get(file_id)
        if found is None:
            return _sw(NOT_FOUND)
        self._selected = file_id
        return _sw(OK, struct.pack(">HH3H", file_id, len(found.content), *found.access))

    def read(self, command: Command) -> Response:
        """READ BINARY."""
        found = self._current()
        if found is None:
            return _sw(NO_FILE_SELECTED)
        if not self.guard.allows(found.access.read):
            return _sw(NOT_ALLOWED)
        return read_binary(bytes(found.content), command)

    def update(self, command: Command) -> Response:
        """UPDATE BINARY."""
        found = self._current()
        if found is None:
            return _sw(NO_FILE_SELECTED)
        if not self.guard.allows(found.access.write):
            return _sw(NOT_ALLOWED)
        offset = command.p1 << 8 | command.p2
        if offset > len(found.content):
            return _sw(PAST_END)
        if offset + len(command.data) > len(found.content):
            return _sw(NO_ROOM)
        found.content[offset : offset + len(command.data)] = command.data
        return self._changed()

    def create(self, command: Command) -> Response:
        """CREATE FILE, filled with zeros."""
        if len(command.data) != 10:
            return _sw(WRONG_LENGTH)
        file_id, size, *access = struct.unpack(">5H", command.data)
        if not self.guard.allows(CREATORS):
            return _sw(NOT_ALLOWED)
        if file_id in self.system.files:
            return _sw(EXISTS)
        if not self.system.has_room(size):
            return _sw(NO_ROOM)
        self.system.put(file_id, bytes(size), Access(*access))
        return self._changed()

    def delete(self, command: Command) -> Response:
        """DELETE the selected file."""
        found = self._current()
        if found is None or self._selected is None:
            return _sw(NO_FILE_SELECTED)
        if not self.guard.allows(found.access.write):
            return _sw(NOT_ALLOWED)
        del self.system.files[self._selected]
        self._selected = None
        return self._changed()

    def _current(self) -> CardFile | None:
        return None if self._selected is None else self.system.files.get(self._selected)

    def _changed(self) -> Response:
        self.changed = True
        return _sw(OK)

    # --- PIN and admin key --------------------------------------------------------------------------------------------

    def verify(self, command: Command) -> Response:
        """VERIFY; without data it tells the tries and spends none."""
        if (command.p1, command.p2) != (0x00, USER_PIN):
            return _sw(NO_SUCH_REFERENCE)
        if not command.data:
            return _sw(OK) if self.guard.roles & USER else self._tries(self.guard.pin_tries)
        if len(command.data) != PIN_LENGTH:
            return _sw(WRONG_LENGTH)
        refused = self._refuse_pin(command.data)
        if refused is not None:
            return refused
        self.guard.roles |= USER
        return _sw(OK)

    def change_pin(self, command: Command) -> Response:
        """CHANGE REFERENCE DATA: old and new PIN, or (P1=01) a new PIN under the administrator's authority."""
        if command.p2 != USER_PIN or command.p1 not in (0x00, 0x01):
            return _sw(NO_SUCH_REFERENCE)
        old, new = command.data[:-PIN_LENGTH], command.data[-PIN_LENGTH:]
        if len(command.data) != (PIN_LENGTH if command.p1 else 2 * PIN_LENGTH):
            return _sw(WRONG_LENGTH)
        if not is_well_formed(new):
            return _sw(BAD_DATA)
        if command.p1:
            if not self.guard.roles & ADMIN:
                return _sw(NOT_ALLOWED)
        elif (refused := self._refuse_pin(old)) is not None:
            return refused
        self.guard.set_pin(new)
        return self._changed()

    def _refuse_pin(self, offered: bytes) -> Response | None:
        """The refusal of a wrong or blocked PIN; `None` for the right one."""
        if not self.guard.pin_tries:
            return _sw(BLOCKED)
        before = self.guard.pin_tries
        is_right = self.guard.check_pin(offered)
        self.changed = self.changed or self.guard.pin_tries != before
        return None if is_right else self._tries(self.guard.pin_tries)

    def _tries(self, left: int) -> Response:
        return _sw(0x63C0 | left if left else BLOCKED)

    def challenge(self, command: Command) -> Response:
        """GET CHALLENGE."""
        return _sw(OK, self.guard.new_challenge()) if command.le == 8 else _sw(WRONG_LENGTH)

    def authenticate(self, command: Command) -> Response:
        """EXTERNAL AUTHENTICATE of the administrator, once for each challenge."""
        if (command.p1, command.p2) != (0x00, ADMIN_KEY):
            return _sw(NO_SUCH_REFERENCE)
        if not self.guard.admin_tries:
            return _sw(BLOCKED)
        if not self.guard.has_challenge():
            return _sw(NO_CONDITION)
        self.changed = True
        return _sw(OK) if self.guard.check_response(command.data) else self._tries(self.guard.admin_tries)

    def change_admin_key(self, command: Command) -> Response:
        """A new admin key under the old one's authority."""
        if not self.guard.roles & ADMIN:
            return _sw(NOT_ALLOWED)
        if len(command.data) != 24:
            return _sw(WRONG_LENGTH)
        self.guard.admin_key = command.data
        self.guard.admin_tries = MAX_TRIES
        return self._changed()

    def log_out(self, command: Command) -> Response:
        """Forget roles: those in P2, or all."""
        self.guard.roles &= ~(command.p2 or 0xFF)
        return _sw(OK)

    # --- keys ---------------------------------------------------------------------------------------------------------

    def generate(self, command: Command) -> Response:
        """GENERATE RSA PAIR: two key files at once, or none."""
        if len(command.data) != KEY_MAKING.size:
            return _sw(WRONG_LENGTH)
        algorithm, public, private, *rest = KEY_MAKING.unpack(command.data)
        if not self.guard.allows(CREATORS):
            return _sw(NOT_ALLOWED)
        if algorithm not in (RSA_2048, RSA_2048_CRT):
            return _sw(BAD_DATA)
        if public in self.system.files or private in self.system.files:
            return _sw(EXISTS)
        contents = rsa_engine.generate(public, private, rest[3], rest[7])
        if not self.system.has_room(sum(len(content) for content in contents) + 64):
            return _sw(NO_ROOM)
        self.system.put(public, contents[0], Access(*rest[0:3]))
        self.system.put(private, contents[1], Access(*rest[4:7]))
        return self._changed()

    def set_key(self, command: Command) -> Response:
        """MANAGE SECURITY ENVIRONMENT: the key and how it pads."""
        data = command.data
        if command.p1 != 0x41 or command.p2 not in (0xB6, 0xB8):
            return _sw(WRONG_P1P2)
        if len(data) != 7 or data[:2] != b"\x80\x01" or data[3:5] != b"\x84\x02" or data[2] not in (RAW, PKCS1_PADDING):
            return _sw(BAD_DATA)
        key = int.from_bytes(data[5:7], "big")
        if key not in self.system.files:
            return _sw(NO_SUCH_REFERENCE)
        self._key = (key, data[2])
        return _sw(OK)

    def use_key(self, command: Command) -> Response:
        """PERFORM SECURITY OPERATION: sign (9E) or decipher (80). A block of 256 bytes has its first byte in P2."""
        if command.p1 not in (0x9E, 0x80):
            return _sw(WRONG_P1P2)
        found = self.system.files.get(self._key[0]) if self._key else None
        if found is None or self._key is None:
            return _sw(NO_CONDITION)
        if not self.guard.allows(found.access.use):
            return _sw(NOT_ALLOWED)
        block = self._block(command, pads=self._key[1] == PKCS1_PADDING)
        try:
            result = rsa_engine.private_operation(bytes(found.content), block) if block else None
        except MalformedCardData:
            return _sw(NO_CONDITION)
        return _sw(BAD_DATA) if result is None else _sw(OK, result)

    def _block(self, command: Command, pads: bool) -> bytes | None:
        """The block to raise to the private exponent; `None` for one the card refuses."""
        if len(command.data) == rsa_engine.BLOCK - 1:
            is_odd_cryptogram = command.p1 == 0x80 and command.p2 == 0x86
            return None if is_odd_cryptogram else bytes((command.p2,)) + command.data
        return rsa_engine.pad_signature(command.data) if pads and command.p1 == 0x9E else None

    # --- the rest -----------------------------------------------------------------------------------------------------

    def get_capabilities(self, command: Command) -> Response:
        """GET CAPABILITIES."""
        return _sw(OK, self.capabilities())

    def random(self, command: Command) -> Response:
        """Random bytes."""
        return _sw(OK, secrets.token_bytes(command.le or 0))


HANDLERS: dict[tuple[int, int], Handler] = {
    (0x00, 0xA4): PkiApplet.select,
    (0x00, 0xB0): PkiApplet.read,
    (0x00, 0xD6): PkiApplet.update,
    (0x00, 0xE0): PkiApplet.create,
    (0x00, 0xE4): PkiApplet.delete,
    (0x00, 0x20): PkiApplet.verify,
    (0x00, 0x24): PkiApplet.change_pin,
    (0x00, 0x84): PkiApplet.challenge,
    (0x00, 0x82): PkiApplet.authenticate,
    (0x00, 0x22): PkiApplet.set_key,
    (0x00, 0x2A): PkiApplet.use_key,
    (0xB0, 0xD8): PkiApplet.change_admin_key,
    (0xB0, 0x22): PkiApplet.log_out,
    (0xB0, 0x46): PkiApplet.generate,
    (0xB0, 0xAA): PkiApplet.get_capabilities,
    (0xB0, 0x83): PkiApplet.random,
}
