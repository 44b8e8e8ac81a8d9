"""What the commands of `kiosk authority` share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])

file_argument = click.Path(exists=True, dir_okay=False, path_type=Path)


def pin_option(command: F) -> F:
    """Add `--pin-fd N`."""
    return click.option(
        "--pin-fd", type=int, help="Descriptor the token's PIN is read from; without it, it is asked at the terminal."
    )(command)


def out_option(command: F) -> F:
    """Add `--out FILE`."""
    return click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True)(command)


def serial_number(text: str) -> int:
    """A serial number as people write it: hexadecimal, with colons, spaces or capitals. Raises `click.BadParameter`."""
    digits = text.replace(":", "").replace(" ", "")
    try:
        number = int(digits, 16)
    except ValueError:
        number = 0
    if not 0 < number < 1 << 160 or digits.startswith("-"):
        raise click.BadParameter(f"{text}: a serial number is hexadecimal, at most 40 digits")
    return number
