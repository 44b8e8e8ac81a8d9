"""A photograph of the console: its cells drawn with our own console font and the VGA colours."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

import screens

PALETTE = (
    (0, 0, 0), (0, 0, 170), (0, 170, 0), (0, 170, 170), (170, 0, 0), (170, 0, 170), (170, 85, 0), (170, 170, 170),
    (85, 85, 85), (85, 85, 255), (85, 255, 85), (85, 255, 255), (255, 85, 85), (255, 85, 255), (255, 255, 85),
    (255, 255, 255),
)  # fmt: skip


@dataclass(frozen=True)
class ConsoleFont:
    """A PSF2 font: glyph bitmaps, and which glyph shows a character."""

    width: int
    height: int
    glyphs: tuple[bytes, ...]
    index: dict[str, int]

    @classmethod
    def shipped(cls) -> ConsoleFont:
        """The font the kiosk ships."""
        return cls.load(Path(screens.__path__[0]) / "fonts" / "SrbKiosk16.psf")

    @classmethod
    def load(cls, path: Path) -> ConsoleFont:
        data = path.read_bytes()
        _, header, _, count, size, height, width = struct.unpack_from("<7I", data, 4)
        glyphs = tuple(data[header + i * size : header + (i + 1) * size] for i in range(count))
        index: dict[str, int] = {}
        for glyph, entry in enumerate(data[header + count * size :].split(b"\xff")[:count]):
            for character in entry.split(b"\xfe")[0].decode("utf-8"):
                index.setdefault(character, glyph)
        return cls(width, height, glyphs, index)


def photograph(text: list[str], cells: bytes, path: Path) -> None:
    """Draw the screen: characters from `text`, colours from the attribute bytes of `cells` (vcsa layout)."""
    font = ConsoleFont.shipped()
    rows, columns = cells[0], cells[1]
    image = Image.new("RGB", (columns * font.width, rows * font.height))
    for row in range(rows):
        line = text[row].ljust(columns)
        for column in range(columns):
            attribute = cells[4 + 2 * (row * columns + column) + 1]
            _draw(image, font, line[column], attribute, column, row)
    image.save(path, optimize=True)


def _draw(image: Image.Image, font: ConsoleFont, character: str, attribute: int, column: int, row: int) -> None:
    glyph = font.glyphs[font.index.get(character, font.index["?"])]
    ink, paper = PALETTE[attribute & 15], PALETTE[(attribute >> 4) & 7]
    stride = (font.width + 7) // 8
    for y in range(font.height):
        bits = int.from_bytes(glyph[y * stride : (y + 1) * stride], "big")
        for x in range(font.width):
            colour = ink if bits >> (stride * 8 - 1 - x) & 1 else paper
            image.putpixel((column * font.width + x, row * font.height + y), colour)
