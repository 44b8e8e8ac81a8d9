"""`kiosk archive keys …`: who may open the archive."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import click

from hardware.office_token import OfficeToken
from kiosk.cli.opened_archive import opened_custody
from kiosk.cli.options import config_option


@click.group()
def keys() -> None:
    """Say who may open the archive: its key slots."""


@keys.command("list")
@config_option
def list_slots(config_path: Path | None) -> None:
    """List the slots by name and kind. Example: kiosk archive keys list"""
    with opened_custody(config_path) as custody:
        for slot in custody.slots():
            click.echo(f"{slot['id']}  {slot['kind']}")


@keys.command()
@config_option
@click.option("--recovery", help="An age public key, age1…: the ministry's, kept away from here.")
@click.option("--passphrase", is_flag=True, help="A pass phrase, asked for; for training.")
@click.option("--card", type=(click.Path(exists=True, path_type=Path), str, str), help="PKCS#11 module, token, key.")
def add(config_path: Path | None, recovery: str | None, passphrase: bool, card: tuple[Path, str, str] | None) -> None:
    """Let one more open the archive. Example: kiosk archive keys add --recovery age1…"""
    with opened_custody(config_path) as custody:
        if recovery is not None:
            click.echo(custody.add_recovery(recovery))
        if passphrase:
            click.echo(
                custody.add_passphrase(click.prompt("New pass phrase", hide_input=True, confirmation_prompt=True))
            )
        if card is not None:
            with closing(OfficeToken(*card, pin_fd=0)) as key:
                click.echo(custody.add_card(key.spki()))


@keys.command()
@config_option
@click.argument("slot")
def remove(config_path: Path | None, slot: str) -> None:
    """Take a slot away and give the archive a new key. Example: kiosk archive keys remove bare"""
    with opened_custody(config_path) as custody:
        custody.remove(slot)


@keys.command()
@config_option
def rotate(config_path: Path | None) -> None:
    """Give the archive a new key that every slot opens. Example: kiosk archive keys rotate"""
    with opened_custody(config_path) as custody:
        custody.rotate()
