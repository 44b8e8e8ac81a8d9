"""The portrait from the chip in quarter blocks and four greys: an aid; what counts is person beside printed card."""

from __future__ import annotations

from io import BytesIO
from itertools import product

from screens.parts.ink import Ink
from screens.parts.lines import Line

QUARTERS = " ▘▝▀▖▌▞▛▗▚▐▜▄▙▟█"
"""Block by which quarters are lit: 1 upper left, 2 upper right, 4 lower left, 8 lower right."""
CELL_ASPECT = 2
"""A console cell is twice as high as wide."""
PORTRAIT_ASPECT = 4 / 3

FLATTENED = [255 if shade > 215 else shade for shade in range(256)]
"""A background that is almost white is made white: spread over the few greys of a console it would be stripes."""

INKS: dict[tuple[int, int], Ink] = {
    (255, 0): Ink.GREY_15_0,
    (170, 0): Ink.GREY_7_0,
    (85, 0): Ink.GREY_8_0,
    (255, 170): Ink.GREY_15_7,
    (85, 170): Ink.GREY_8_7,
    (0, 170): Ink.GREY_0_7,
}
"""Foreground and background greys the console can put into one cell."""


def portrait_lines(jpeg: bytes, rows: int) -> list[Line]:
    """The picture `rows` cells high. Raises `OSError` when the bytes are no picture (`PIL.UnidentifiedImageError`)."""
    from PIL import Image, ImageOps

    columns = columns_for(rows)
    with Image.open(BytesIO(jpeg)) as picture:
        grey = ImageOps.autocontrast(picture.convert("L").resize((columns * 2, rows * 2)), cutoff=1).point(FLATTENED)
    shades = [float(value) for value in grey.tobytes()]
    return [tuple(_cell(shades, columns * 2, column * 2, row * 2) for column in range(columns)) for row in range(rows)]


def columns_for(rows: int) -> int:
    """Cells across for a picture that many cells high."""
    return round(rows * CELL_ASPECT / PORTRAIT_ASPECT)


def _cell(shades: list[float], width: int, x: int, y: int) -> tuple[str, Ink]:
    """The block and greys nearest to four pixels; what they are off by goes on to the right and below."""
    at = [y * width + x, y * width + x + 1, (y + 1) * width + x, (y + 1) * width + x + 1]
    wanted = [shades[i] for i in at]
    pair = min(INKS, key=lambda greys: sum(min(abs(value - grey) for grey in greys) ** 2 for value in wanted))
    lit = [abs(value - pair[0]) < abs(value - pair[1]) for value in wanted]
    error = sum(value - pair[0 if on else 1] for value, on in zip(wanted, lit, strict=True)) / 4
    _pass_on(shades, width, x, y, error)
    return QUARTERS[sum(1 << number for number, on in enumerate(lit) if on)], INKS[pair]


def _pass_on(shades: list[float], width: int, x: int, y: int, error: float) -> None:
    """Half of the error to the right, half below."""
    for dx, dy in product(range(2), range(2)):
        if x + 2 + dx < width:
            shades[(y + dy) * width + x + 2 + dx] += error / 2
        if (below := (y + 2 + dy) * width + x + dx) < len(shades):
            shades[below] += error / 2
