"""`kiosk card show|readers|trust|answer|serve`: read a card, list readers and trusted signers, and what drills need."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import click

from kiosk.cli.options import config_option, load_config, one_sentence, without_pin


@click.group()
def card() -> None:
    """Read the card in the reader, list whom its data may be signed by, or serve the training card."""


@card.command()
@config_option
@click.option("--reader", help="PC/SC reader name or its beginning; `training` for the built-in card.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of lines.")
@click.option("--portrait", type=click.Path(dir_okay=False, path_type=Path), help="Save the portrait (JPEG) here.")
def show(config_path: Path | None, reader: str | None, as_json: bool, portrait: Path | None) -> None:
    """Show identity, authenticity, containers, keys, certificates and tries left. Example: kiosk card show --json

    Nothing is written to the card and no PIN is asked for. Exit code 1 when the key part cannot be read.
    """
    from hardware.local import LocalDevices
    from kiosk.cli.card_report import as_lines, read_card

    settings = without_pin(load_config(config_path).devices)
    if reader is not None:
        settings = replace(settings, reader=reader)
    with one_sentence():
        devices = LocalDevices(settings)
        try:
            shown = read_card(devices, portrait)
        finally:
            devices.close()
    click.echo(json.dumps(shown, ensure_ascii=False, indent=2) if as_json else as_lines(shown))
    if "error" in shown["token"]:
        raise click.ClickException(shown["token"]["error"])


@card.command()
@config_option
def readers(config_path: Path | None) -> None:
    """List the card readers and mark the one in use. Example: kiosk card readers

    To have another one, put its name, or the beginning of it, into the settings: devices.reader.
    """
    from hardware.local import LocalDevices
    from hardware.pcsc import plugged_readers

    devices = LocalDevices(without_pin(load_config(config_path).devices))
    try:
        used = devices.reader_name()
    finally:
        devices.close()
    with one_sentence():
        found = plugged_readers()
    for name, state in found:
        click.echo(f"{'*' if name == used else ' '} {name}: {state.value}")
    if used not in (name for name, _ in found):
        click.echo(f"in use: {used or 'none'}")


@card.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--date", "dated", type=click.DateTime(["%Y-%m-%d"]), help="Date of the list; today when left out.")
def trust(folder: Path, dated: datetime | None) -> None:
    """List the ministry's CA certificates (DER) in FOLDER as those that may sign the data on a card.

    Writes trust-list.toml there and prints what belongs into the settings. Check each certificate against what the
    ministry publishes before you run it. Example: kiosk card trust /etc/registration-kiosk/ministry-cas
    """
    from hardware.trust_list import write

    with one_sentence():
        pin = write(folder, dated.date() if dated is not None else date.today())
    click.echo(f'[devices]\ntrusted_signers = "{folder.resolve()}"\ntrusted_signers_sha256 = "{pin}"')


@card.command()
@click.argument("code", nargs=-1, required=True)
def answer(code: tuple[str, ...]) -> None:
    """Answer, as the centre would, the question CODE that the station shows at an unblock: TRAINING cards only.

    Example: kiosk card answer 1990 0000 7700 0002 8368 6952 3061 8367
    """
    from kiosk.code_exchange import Misread, grouped
    from kiosk.training_centre import training_answer

    with one_sentence():
        try:
            reply = training_answer(" ".join(code))
        except Misread:
            raise click.ClickException("the question's digits do not agree: read it again") from None
    click.echo("TRAINING: " + " ".join(grouped(reply)))


@card.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=35963, show_default=True, help="Where the virtual reader (vpcd) listens.")
@click.option("--citizen", default="jovana", show_default=True, help="Whose training card.")
@click.option("--state", type=click.Path(dir_okay=False, path_type=Path), help="File the card keeps its state in.")
@click.option("--fault", default="", help="Fault to show, such as remove@40; see hardware/training/faults.py.")
def serve(host: str, port: int, citizen: str, state: Path | None, fault: str) -> None:
    """Put the training card into a virtual reader. Example: kiosk card serve --citizen milan

    Needs pcscd with vpcd running; ends when the reader closes the connection. It is a virtual card, not a real one.
    """
    from hardware.training.card import TrainingCard
    from hardware.training.citizens import CITIZENS
    from hardware.training.faults import FaultyCard
    from hardware.training.server import serve as serve_card

    if citizen not in CITIZENS:
        raise click.UsageError(f"no training citizen {citizen}; there are {', '.join(CITIZENS)}")
    training = TrainingCard(CITIZENS[citizen], state)
    try:
        serve_card(FaultyCard(training, fault) if fault else training, host, port)
    except OSError as error:
        raise click.ClickException(f"no virtual reader at {host}:{port}: {error.strerror}") from error
