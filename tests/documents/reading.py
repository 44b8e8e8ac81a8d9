"""Reads a PDF with poppler: what is on the page, wherever it came from."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from html import unescape
from io import BytesIO

from PIL import Image

POINTS_PER_MM = 72 / 25.4
DPI = 127
PIXELS_PER_MM = DPI / 25.4


@dataclass(frozen=True, slots=True)
class Word:
    """A word where it stands, mm from the upper left corner of its page."""

    text: str
    left: float
    top: float
    right: float
    bottom: float


def _poppler(pdf: bytes, *command: str) -> bytes:
    return subprocess.run(command, input=pdf, capture_output=True, check=True).stdout


def pages(pdf: bytes) -> list[str]:
    """The text of each page in the order in which it was drawn."""
    text = _poppler(pdf, "pdftotext", "-raw", "-enc", "UTF-8", "-", "-").decode()
    return text.split("\f")[:-1]


def squeezed(text: str) -> str:
    """The text without any white space, so that line breaks do not matter."""
    return re.sub(r"\s+", "", text)


def words(pdf: bytes) -> list[list[Word]]:
    """The words of each page with their boxes."""
    xml = _poppler(pdf, "pdftotext", "-bbox", "-enc", "UTF-8", "-", "-").decode()
    pattern = r'<word xMin="([\d.-]+)" yMin="([\d.-]+)" xMax="([\d.-]+)" yMax="([\d.-]+)">(.*?)</word>'
    found = []
    for page in xml.split("<page ")[1:]:
        boxes = re.findall(pattern, page)
        found.append([Word(unescape(text), *(float(n) / POINTS_PER_MM for n in box)) for *box, text in boxes])
    return found


def picture(pdf: bytes, page: int = 1) -> Image.Image:
    """The page as printed, in grey, 5 pixels to the millimetre."""
    return Image.open(
        BytesIO(_poppler(pdf, "pdftoppm", "-gray", "-r", str(DPI), "-f", str(page), "-l", str(page), "-"))
    )


def fonts(pdf: bytes) -> list[list[str]]:
    """The table of `pdffonts` without its heading, as columns from the right: object, generation, uni, sub, emb."""
    lines = _poppler(pdf, "pdffonts", "-").decode().splitlines()[2:]
    return [line.split()[:-6:-1] for line in lines]


def is_dark(image: Image.Image, x: float, y: float) -> bool:
    """Whether there is ink at (x, y), mm."""
    level = image.getpixel((int(x * PIXELS_PER_MM), int(y * PIXELS_PER_MM)))
    assert isinstance(level, int | float)
    return level < 128
