"""`kiosk archive backup|restore|compare`: generations of the archive, and the way back."""

from __future__ import annotations

from pathlib import Path

import click

from data import backup as generations
from data.slot_kinds import AgeIdentity
from kiosk.cli.opened_archive import opened
from kiosk.cli.options import config_option, load_config, one_sentence

FOLDER = click.Path(file_okay=False, path_type=Path)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@config_option
@click.argument("folder", type=FOLDER)
@click.option("--recovery", multiple=True, help="An age public key; without it, those of the archive's own slots.")
def backup(config_path: Path | None, folder: Path, recovery: tuple[str, ...]) -> None:
    """Write a generation, restore it beside and verify it. Example: kiosk archive backup /media/usb/backups"""
    with opened(config_path) as (config, archive, _):
        recipients = recovery or generations.recovery_keys(archive)
        if not recipients:
            raise click.ClickException("nobody could open it: give --recovery, or add a recovery slot")
        made = generations.make(archive, folder, recipients, config.office.clerk)
    click.echo(f"{made.folder.name}: {made.rows} of {made.rows} rows, restored and verified")


@click.command()
@config_option
@click.argument("generation", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--identity", type=FILE, required=True, help="The file with the age secret key.")
def restore(config_path: Path | None, generation: Path, identity: Path) -> None:
    """Bring the archive back into its empty folder, in a new epoch. Example: kiosk archive restore GENERATION …"""
    from kiosk.wiring import utc_now

    config = load_config(config_path)
    with one_sentence():
        secret = AgeIdentity.from_file(identity).identity
        archive = generations.restore(generation, config.folder, secret, utc_now, clerk=config.office.clerk)
        head = archive.heads.head()
        archive.close()
    click.echo(f"{head.size} rows, epoch {head.epoch}; it issues nothing before `kiosk archive compare`")


@click.command()
@config_option
@click.argument("note", type=FILE)
@click.option("--centre", type=FILE, required=True, help="The centre's public key, DER.")
@click.option("--accept-loss", help="Service number of a second clerk who accepts that rows stay at the centre only.")
def compare(config_path: Path | None, note: Path, centre: Path, accept_loss: str | None) -> None:
    """Compare with the head that the centre countersigned last. Example: kiosk archive compare head.note --centre K"""
    with opened(config_path) as (config, archive, _):
        told, key = note.read_text(encoding="utf-8"), centre.read_bytes()
        archive.compare_head(told, key, clerk=config.office.clerk, loss_accepted_by=accept_loss)
    click.echo("the heads agree; the office may issue")
