"""`kiosk run`: the station. `kiosk demo`: the same on the training card, with a throw-away archive."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import click

from kiosk.cli.options import config_option, load_config, one_sentence
from kiosk.config import Config


@click.command()
@config_option
def run(config_path: Path | None) -> None:
    """Open the station on this desk's devices. Example: kiosk run --config kiosk.toml"""
    _open(load_config(config_path))


@click.command()
@click.option("--keep", type=click.Path(file_okay=False, path_type=Path), help="Keep archive and training card here.")
@click.option("--citizen", default="jovana", show_default=True, help="Whose training card is in the reader.")
@click.option("--language", type=click.Choice(["sr-Cyrl", "sr-Latn", "en"]), default="sr-Cyrl", show_default=True)
def demo(keep: Path | None, citizen: str, language: str) -> None:
    """Open the station on the built-in training card. Example: kiosk demo --keep training"""
    folder = keep.resolve() if keep else Path(tempfile.mkdtemp(prefix="kiosk-demo-"))
    config = Config(folder=folder, language=language)
    devices = replace(config.devices, training_citizen=citizen, training_state=folder / "cards" if keep else None)
    try:
        _open(replace(config, devices=devices))
    finally:
        if keep is None:
            shutil.rmtree(folder, ignore_errors=True)


def _open(config: Config) -> None:
    from screens.environment import prepare

    prepare()
    # The citizen's keys go to the device host over a descriptor of its own; the screens never read them.
    keys = os.dup(0)
    try:
        with one_sentence():
            _run_app(replace(config, devices=replace(config.devices, pin_fd=keys)))
    finally:
        os.close(keys)


def _run_app(config: Config) -> None:
    from kiosk.cli.opened_archive import office_key_of, openers_of
    from kiosk.texts import Language
    from kiosk.wiring import build_desk
    from screens.app import KioskApp

    with ExitStack() as until_closed:
        # Pass phrases and the tokens' PINs are typed at the terminal before the screens take it.
        openers = tuple(openers_of(config.folder, until_closed))
        desk = build_desk(config, openers=openers, office_key=office_key_of(config, until_closed))
        until_closed.callback(desk.close)
        app = KioskApp(desk, language=Language(config.language))
        app.run(mouse=False)
    if app.return_code:
        raise SystemExit(app.return_code)
