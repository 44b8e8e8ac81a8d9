"""Portraits for training cards: drawings with TEST and TRAINING across them, never a person."""

from __future__ import annotations

import hashlib
import io
from functools import lru_cache

from PIL import Image, ImageDraw, ImageFont

SIZE = (240, 320)
LARGEST = 7700
"""Bytes: the portrait buffer of the published reading library."""
SKIN = ((224, 180, 155), (206, 160, 130), (238, 200, 178), (184, 140, 110))
HAIR = ((60, 40, 30), (120, 80, 40), (30, 30, 34), (150, 150, 150))
COAT = ((40, 60, 95), (95, 45, 50), (50, 85, 60), (70, 60, 90))


@lru_cache(maxsize=32)
def draw_portrait(key: str) -> bytes:
    """A baseline JPEG of 240 by 320 for a citizen's key; the same key gives the same picture."""
    choice = hashlib.sha256(key.encode()).digest()
    image = Image.new("RGB", SIZE, (205, 208, 212))
    pen = ImageDraw.Draw(image)
    _draw_person(pen, SKIN[choice[0] % 4], HAIR[choice[1] % 4], COAT[choice[2] % 4])
    _draw_marks(pen)
    return _as_jpeg(image)


def _draw_person(pen: ImageDraw.ImageDraw, skin: tuple[int, ...], hair: tuple[int, ...], coat: tuple[int, ...]) -> None:
    pen.ellipse((20, 235, 220, 420), fill=coat)
    pen.polygon(((92, 238), (148, 238), (120, 290)), fill=(235, 235, 235))
    pen.rectangle((98, 200, 142, 248), fill=skin)
    pen.ellipse((58, 50, 182, 200), fill=hair)
    pen.ellipse((72, 80, 168, 228), fill=skin)
    for x in (98, 142):
        pen.ellipse((x - 12, 136, x + 12, 150), fill=(250, 250, 250))
        pen.ellipse((x - 5, 138, x + 5, 148), fill=(50, 70, 90))
    pen.line((120, 150, 114, 178, 124, 178), fill=(120, 90, 80), width=2)
    pen.arc((100, 180, 140, 206), 20, 160, fill=(150, 60, 60), width=4)


def _draw_marks(pen: ImageDraw.ImageDraw) -> None:
    for text, y, size in (("TEST", 4, 40), ("TRAINING", 276, 40)):
        font = ImageFont.load_default(size)
        width = pen.textlength(text, font=font)
        pen.text(((SIZE[0] - width) / 2, y), text, font=font, fill=(190, 20, 20))


def _as_jpeg(image: Image.Image) -> bytes:
    """The best quality that still fits the portrait buffer."""
    for quality in range(80, 20, -5):
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=quality, progressive=False)
        if buffer.tell() <= LARGEST:
            return buffer.getvalue()
    raise ValueError("the drawing does not fit the card")
