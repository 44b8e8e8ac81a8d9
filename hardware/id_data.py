"""The data applet of an identity card: document, holder, residence and portrait, read with the fewest commands."""

from __future__ import annotations

from hardware import foreign_cards, id_fields, sod
from hardware.apdu import OK, Command, Response, exchange
from hardware.errors import CardFault, MalformedCardData, WrongCard
from hardware.interface import DocumentType, Identity, Transmit, UnverifiedIdentity
from hardware.trust_list import TrustList

AIDS = {
    bytes.fromhex("F381000002534552494401"): DocumentType.IDENTITY_CARD,
    bytes.fromhex("F381000002534552494601"): DocumentType.FOREIGNER_CARD,
    bytes.fromhex("F381000002534552525001"): DocumentType.RESIDENCE_PERMIT,
}
"""In the order they are tried."""
DOCUMENT, FIXED, VARIABLE, PORTRAIT, SOD_FIXED, SOD_VARIABLE = 0x0F02, 0x0F03, 0x0F04, 0x0F06, 0x0F1C, 0x0F1D
TEXT_FILES = (DOCUMENT, FIXED, VARIABLE)
EVERY_FILE = (*TEXT_FILES, PORTRAIT, SOD_FIXED, SOD_VARIABLE)
HEADER = 4
CHUNK = 0xFF
LARGEST = 0x7FFF
"""Bytes a file may have: READ BINARY reaches no further."""
SMALLEST_BUFFER = 64
"""Bytes a card gives at once, at the least; one that gives fewer is played with."""
NOT_FOUND, OVER_READ, MORE_DATA = 0x6A82, 0x6282, 0x61
JPEG_START = b"\xff\xd8\xff"
JPEG_WITHIN = 16


class IdDataSession:
    """Reads one card through `transmit`; each file at most once. Bound to the card it was opened on.

    A file takes one SELECT and a READ for every 255 bytes, the applet one SELECT for each kind that is tried. Raises
    `WrongCard` when there is no data applet, `MalformedCardData` naming the file or field, `CardFault` for a refused
    command.
    """

    def __init__(self, transmit: Transmit) -> None:
        self._transmit = transmit
        self._aid = b""
        self._is_selected = False
        self._files: dict[int, bytes | None] = {}
        self._apdus = 0

    def read_unverified(self) -> UnverifiedIdentity:
        """Document, holder and residence before their signatures are looked at: a seventh of the way."""
        applet = self._begin()
        return UnverifiedIdentity(
            document=id_fields.document(self._fields_in(DOCUMENT), applet),
            holder=id_fields.holder(self._fields_in(FIXED)),
            residence=id_fields.residence(self._fields_in(VARIABLE)),
        )

    def read_identity(self, trusted: TrustList) -> Identity:
        """Document, holder and residence, and what their signatures prove beside that list.

        The portrait is read too, since the signature covers it; what has been read before is not read again.
        """
        text = self.read_unverified()
        covered = [self._required(file_id) for file_id in (DOCUMENT, FIXED, PORTRAIT)]
        fixed, variable = self._file(SOD_FIXED), self._file(SOD_VARIABLE)
        return Identity(
            document=text.document,
            holder=text.holder,
            residence=text.residence,
            authenticity=sod.worst(
                sod.verify(fixed, covered, trusted.certificates),
                sod.verify(variable, [self._required(VARIABLE)], trusted.certificates),
            ),
            trust_list_date=trusted.dated,
            apdu_count=self._apdus,
        )

    def read_portrait(self) -> bytes:
        """The portrait as JPEG bytes; taken from memory when the identity has been read."""
        self._begin()
        container = self._required(PORTRAIT)
        start = container.find(JPEG_START, 0, JPEG_WITHIN + len(JPEG_START) - 1)
        if start < 0:
            raise MalformedCardData(f"{PORTRAIT:04X}")
        return container[start:]

    # --- selecting and reading ----------------------------------------------------------------------------------------

    def _begin(self) -> DocumentType:
        """Find the data applet, the first time; the type of document it stands for.

        Later another program may have selected something else: nothing is taken for granted, and nothing asked twice
        unless the card says that it is so.
        """
        self._is_selected = False
        if not self._aid:
            self._find_applet()
        return AIDS[self._aid]

    def _find_applet(self) -> None:
        """The document is read at once: a card that only claims to have the applet is asked for nothing else."""
        for aid in AIDS:
            if self._select(aid):
                self._is_selected = True
                if self._file(DOCUMENT) is None:
                    raise WrongCard("no_document")
                self._aid = aid
                return
        raise WrongCard(foreign_cards.kind_of(self._select))

    def _select(self, aid: bytes) -> bool:
        """Under T=0 a card may offer (61xx) what it has to say of the applet; nobody needs to fetch that."""
        status = Response.decode(self._count(Command(0x00, 0xA4, 0x04, 0x00, aid).encode())).sw
        return status == OK or status >> 8 == MORE_DATA

    def _select_file(self, file_id: int) -> Response:
        """Select a file; when that fails, select the applet anew first, once in a reading."""
        select = Command(0x00, 0xA4, 0x08, 0x00, file_id.to_bytes(2, "big"), 4)
        response = self._send(select)
        if response.sw == OK or self._is_selected:
            return response
        self._is_selected = self._select(self._aid)
        return self._send(select) if self._is_selected else response

    def _fields_in(self, file_id: int) -> id_fields.Fields:
        return id_fields.Fields(self._required(file_id)[HEADER:], f"{file_id:04X}")

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
        response = self._select_file(file_id)
        if response.sw == NOT_FOUND:
            return None
        if response.sw != OK:
            raise CardFault(0xA4, response.sw)
        size = int.from_bytes(response.data[2:4], "big") if len(response.data) >= 4 else 0
        read = self._chunk(file_id, 0, min(size, CHUNK) if size >= HEADER else HEADER)
        end = _end_of(read, file_id)
        for _ in range(2 + end // SMALLEST_BUFFER):
            if len(read) >= end:
                return read[:end]
            read += self._chunk(file_id, len(read), min(CHUNK, end - len(read)))
        raise MalformedCardData(f"{file_id:04X}")

    def _chunk(self, file_id: int, offset: int, length: int) -> bytes:
        """The next bytes: at least one, and no more than were asked for."""
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
