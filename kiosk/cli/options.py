"""What the commands share: the settings file, and errors as one sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import click

from data.errors import ArchiveError
from hardware.errors import HardwareError
from hardware.interface import PinMethod
from hardware.settings import DeviceSettings
from kiosk.ca.interface import AuthorityError
from kiosk.config import BadConfig, Config, load

F = TypeVar("F", bound=Callable[..., Any])

DEFAULT_CONFIG = Path("/etc/registration-kiosk/kiosk.toml")


def config_option(command: F) -> F:
    """Add `--config FILE`."""
    return click.option(
        "--config",
        "config_path",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help=f"Settings file; {DEFAULT_CONFIG} is read when it is there.",
    )(command)


@contextmanager
def one_sentence() -> Iterator[None]:
    """Turn every named error into one sentence on standard error and exit code 1."""
    try:
        yield
    except BadConfig as error:
        raise click.ClickException(f"settings: {error}") from error
    except (HardwareError, AuthorityError, ArchiveError) as error:
        raise click.ClickException(f"{str(error) or type(error).__name__} ({error.code})") from error


def without_pin(devices: DeviceSettings) -> DeviceSettings:
    """The same desk for a command that asks for no PIN: it must not take the citizen's keypad from the station."""
    return replace(devices, pin_method=PinMethod.TRAINING, pin_fd=None)


def load_config(path: Path | None) -> Config:
    """The settings of that file, of the default file, or the built-in ones. Raises `click.ClickException`."""
    if path is None and DEFAULT_CONFIG.exists():
        path = DEFAULT_CONFIG
    with one_sentence():
        return load(path)
