"""The training card's data applet: files that anybody may read."""

from __future__ import annotations

from hardware.apdu import OK, Command, Response
from hardware.interface import DocumentType

AIDS = {
    DocumentType.IDENTITY_CARD: bytes.fromhex("F3810000025345524944" + "01"),
    DocumentType.FOREIGNER_CARD: bytes.fromhex("F3810000025345524946" + "01"),
    DocumentType.RESIDENCE_PERMIT: bytes.fromhex("F3810000025345525250" + "01"),
}


class DataApplet:
    """Answers SELECT and READ BINARY over `files`, which maps identifiers to whole files."""

    def __init__(self, files: dict[int, bytes]) -> None:
        self.files = files
        self._selected: int | None = None

    def reset(self) -> None:
        """Forget the selected file."""
        self._selected = None

    def answer(self, command: Command) -> Response:
        """Carry out one command."""
        if command.cla != 0x00:
            return Response(b"", 0x6E00)
        if command.ins == 0xA4:
            return self._select(command)
        if command.ins == 0xB0:
            return self._read(command)
        return Response(b"", 0x6D00)

    def _select(self, command: Command) -> Response:
        if command.p1 not in (0x00, 0x08) or len(command.data) != 2:
            return Response(b"", 0x6A86)
        file_id = int.from_bytes(command.data, "big")
        if file_id not in self.files:
            return Response(b"", 0x6A82)
        self._selected = file_id
        return Response(command.data + len(self.files[file_id]).to_bytes(2, "big"), OK)

    def _read(self, command: Command) -> Response:
        if self._selected is None:
            return Response(b"", 0x6986)
        return read_binary(self.files[self._selected], command)


def read_binary(content: bytes, command: Command) -> Response:
    """READ BINARY: an over-read with a length of its own warns with 6282, Le=00 takes what is there."""
    offset = command.p1 << 8 | command.p2
    if command.p1 & 0x80 or command.le is None:
        return Response(b"", 0x6A86)
    if offset > len(content) or (offset == len(content) and content):
        return Response(b"", 0x6B00)
    piece = content[offset : offset + command.le]
    return Response(piece, OK if len(piece) == command.le or command.le == 256 else 0x6282)
