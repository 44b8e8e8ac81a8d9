"""The card's file system: folders, data files and key files, with MyEID's access nibbles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from tests.services.pkcs15.status import FILE_NOT_FOUND, refuse

MASTER, APPLICATION = 0x3F00, 0x5015
FOLDER, DATA, RSA_KEY = 0x38, 0x01, 0x11
PKCS15_AID = bytes.fromhex("A000000063504B43532D3135")
FREE, NEVER = 0, 15
"""Access nibbles: 1 to 14 name a PIN."""


@dataclass
class File:
    """A file. `access` holds six nibbles: for data read, update, delete; for a key use, update, delete, generate."""

    identifier: int
    kind: int
    size: int = 0
    access: bytes = b"\xff\xff\xff"
    name: bytes = b""
    properties: bytes = b"\0\0"
    content: bytearray = field(default_factory=bytearray)
    key: RSAPrivateKey | None = None
    children: dict[int, File] = field(default_factory=dict)

    def nibble(self, index: int) -> int:
        """Who may do operation `index`."""
        byte = self.access[index // 2]
        return byte >> 4 if index % 2 == 0 else byte & 0x0F


def tlvs(data: bytes) -> dict[int, bytes]:
    """Tag, length, value triples with one-byte tags; lengths up to 255."""
    found = {}
    position = 0
    while position + 1 < len(data):
        tag, length = data[position], data[position + 1]
        position += 2
        if length == 0x81:
            length = data[position]
            position += 1
        found[tag] = data[position : position + length]
        position += length
    return found


def from_template(data: bytes) -> File:
    """The file that CREATE FILE describes (FCP template, tag 62)."""
    template = tlvs(tlvs(data)[0x62])
    kind = template[0x82][0]
    size = int.from_bytes(template.get(0x80, template.get(0x81, b"\0")), "big")
    return File(
        identifier=int.from_bytes(template[0x83], "big"),
        kind=kind,
        size=size,
        access=template[0x86],
        name=template.get(0x84, b""),
        properties=template.get(0x85, b"\0\0"),
        content=bytearray(size if kind == DATA else 0),
    )


def to_template(file: File, *, is_operational: bool) -> bytes:
    """What SELECT answers about a file (FCP in a tag 6F template)."""
    size_tag = b"\x80" if file.kind == DATA else b"\x81"
    body = size_tag + b"\x02" + file.size.to_bytes(2, "big")
    body += b"\x82\x01" + bytes((file.kind,)) + b"\x83\x02" + file.identifier.to_bytes(2, "big")
    body += b"\x86\x03" + file.access + b"\x85\x02" + file.properties
    body += b"\x8a\x01" + (b"\x05" if is_operational else b"\x01")
    if file.name:
        body += b"\x84" + bytes((len(file.name),)) + file.name
    return b"\x6f" + bytes((len(body),)) + body


class FileSystem:
    """The tree and the current path in it."""

    def __init__(self, master_access: bytes, application_access: bytes) -> None:
        self.master = File(MASTER, FOLDER, access=master_access)
        self.master.children[APPLICATION] = File(APPLICATION, FOLDER, access=application_access, name=PKCS15_AID)
        self.path = [self.master]

    @property
    def current(self) -> File:
        return self.path[-1]

    @property
    def folder_path(self) -> list[File]:
        """The path without a selected data or key file."""
        return self.path if self.current.kind == FOLDER else self.path[:-1]

    @property
    def folder(self) -> File:
        return self.folder_path[-1]

    def select_application(self) -> None:
        self.path = [self.master, self.master.children[APPLICATION]]

    def select_path(self, start: Sequence[File], data: bytes) -> None:
        """Follow two-byte identifiers from `start`."""
        path = list(start)
        for position in range(0, len(data), 2):
            identifier = int.from_bytes(data[position : position + 2], "big")
            path.append(path[-1].children.get(identifier) or refuse(FILE_NOT_FOUND))
        self.path = path

    def select_identifier(self, identifier: int) -> None:
        """A child, the folder itself, or a sibling of it (ISO 7816-4 §7.1.1)."""
        folders = self.folder_path
        if identifier == MASTER:
            self.path = [self.master]
        elif identifier in folders[-1].children:
            self.path = [*folders, folders[-1].children[identifier]]
        elif identifier == folders[-1].identifier:
            self.path = list(folders)
        elif len(folders) > 1 and identifier in folders[-2].children:
            self.path = [*folders[:-1], folders[-2].children[identifier]]
        else:
            refuse(FILE_NOT_FOUND)

    def remove_current(self) -> None:
        removed = self.path.pop()
        del self.path[-1].children[removed.identifier]
