"""The data applet of an identity card: document, holder, residence and portrait, read with the fewest commands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hardware import id_fields, sod
from hardware.apdu import OK, Command, Response, exchange
from hardware.errors import CardFault, MalformedCardData, WrongCard
from hardware.interface import DocumentType, Identity, Transmit

APOLLO_ATR = bytes.fromhex("3BB918008131FE9E8073FF614083000000DF")
"""Of the cards of 2008, which carry no certificates; the only ATR that tells anything about the document."""
AIDS = {
    bytes.fromhex("F381000002534552494401"): DocumentType.IDENTITY_CARD,
    bytes.fromhex("F381000002534552494601"): DocumentType.FOREIGNER_CARD,
    bytes.fromhex("F381000002534552525001"): DocumentType.RESIDENCE_PERMIT,
}
"""In the order they are tried."""
DOCUMENT, FIXED, VARIABLE, PORTRAIT, SOD_FIXED, SOD_VARIABLE = 0x0F02, 0x0F03, 0x0F04, 0x0F06, 0x0F1C, 0x0F1D
EVERY_FILE = (DOCUMENT, FIXED, VARIABLE, PORTRAIT, SOD_FIXED, SOD_VARIABLE)
HEADER = 4
CHUNK = 0xFF
LARGEST = 0x7FFF
"""Bytes a file may have: READ BINARY reaches no further."""
NOT_FOUND, OVER_READ = 0x6A82, 0x6282
JPEG_START = b"\xff\xd8\xff"
JPEG_WITHIN = 16


class IdDataSession:
    """Reads one card through `transmit`; each file at most once. Bound to the card it was opened on.

    A file takes one SELECT and a READ for every 255 bytes. Raises `WrongCard` when there is no data applet,
    `MalformedCardData` naming the file or field, `CardFault` for a refused command.
    """

    def __init__(self, transmit: Transmit) -> None:
        self._transmit = transmit
        self._type: DocumentType | None = None
        self._files: dict[int, bytes | None] = {}
        self._apdus = 0

    def read_identity(self, trusted: Sequence[bytes]) -> Identity:
        """Document, holder and residence; `trusted` are CA certificates (DER) that may vouch for the signatures.

        The portrait is read too, since the signature covers it.
        """
        applet = self._applet_for(EVERY_FILE)
        files = {file_id: self._required(file_id) for file_id in (DOCUMENT, FIXED, VARIABLE, PORTRAIT)}
        fixed, variable = self._file(SOD_FIXED), self._file(SOD_VARIABLE)
        return Identity(
            document=id_fields.document(_fields_in(files, DOCUMENT), applet),
            holder=id_fields.holder(_fields_in(files, FIXED)),
            residence=id_fields.residence(_fields_in(files, VARIABLE)),
            authenticity=sod.worst(
                sod.verify(fixed, [files[DOCUMENT], files[FIXED], files[PORTRAIT]], trusted),
                sod.verify(variable, [files[VARIABLE]], trusted),
            ),
            apdu_count=self._apdus,
        )

    def read_portrait(self) -> bytes:
        """The portrait as JPEG bytes; taken from memory when the identity has been read."""
        self._applet_for((PORTRAIT,))
        container = self._required(PORTRAIT)
        start = container.find(JPEG_START, 0, JPEG_WITHIN + len(JPEG_START) - 1)
        if start < 0:
            raise MalformedCardData(f"{PORTRAIT:04X}")
        return container[start:]

    # --- selecting and reading ----------------------------------------------------------------------------------------

    def _applet_for(self, files: Sequence[int]) -> DocumentType:
        """Select the data applet, unless all these files have been read; the type of document it stands for."""
        if self._type is not None and all(file_id in self._files for file_id in files):
            return self._type
        for aid, kind in AIDS.items():
            if self._send(Command(0x00, 0xA4, 0x04, 0x00, aid)).sw == OK:
                self._type = kind
                return kind
        raise WrongCard("no_data_applet")

    def _required(self, file_id: int) -> bytes:
        container = self._file(file_id)
        if container is None:
            raise MalformedCardData(f"{file_id:04X}")
        return container

    def _file(self, file_id: int) -> bytes | None:
        """Header and content of a file, without the padding behind them; `None` when there is no such file."""
        if file_id not in self._files:
            self._files[file_id] = self._read(file_id)
        return self._files[file_id]

    def _read(self, file_id: int) -> bytes | None:
        response = self._send(Command(0x00, 0xA4, 0x08, 0x00, file_id.to_bytes(2, "big"), 4))
        if response.sw == NOT_FOUND:
            return None
        if response.sw != OK:
            raise CardFault(0xA4, response.sw)
        size = int.from_bytes(response.data[2:4], "big") if len(response.data) >= 4 else 0
        read = self._chunk(file_id, 0, min(size, CHUNK) if size >= HEADER else HEADER)
        end = _end_of(read, file_id)
        while len(read) < end:
            read += self._chunk(file_id, len(read), min(CHUNK, end - len(read)))
        return read[:end]

    def _chunk(self, file_id: int, offset: int, length: int) -> bytes:
        """The next bytes, at least one: a card that gives none would be asked for ever."""
        response = self._send(Command(0x00, 0xB0, offset >> 8, offset & 0xFF, b"", length))
        if response.sw not in (OK, OVER_READ):
            raise CardFault(0xB0, response.sw)
        if not 0 < len(response.data) <= length:
            raise MalformedCardData(f"{file_id:04X}")
        return response.data

    def _send(self, command: Command) -> Response:
        return exchange(self._count, command)

    def _count(self, command: bytes | bytearray) -> bytes:
        self._apdus += 1
        return self._transmit(command)


def _end_of(beginning: bytes, file_id: int) -> int:
    """Length of header and content. The header's tag is the file's own identifier, little-endian."""
    declared = HEADER + int.from_bytes(beginning[2:HEADER], "little")
    if len(beginning) < HEADER or int.from_bytes(beginning[:2], "little") != file_id or declared > LARGEST:
        raise MalformedCardData(f"{file_id:04X}")
    return declared


def _fields_in(files: Mapping[int, bytes], file_id: int) -> id_fields.Fields:
    return id_fields.Fields(files[file_id][HEADER:], f"{file_id:04X}")
