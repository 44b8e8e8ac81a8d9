"""`kiosk authority office|answer`: the TEST centre, which answers the batches of offices without a network."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from kiosk.cli.authority_options import pin_option
from kiosk.cli.options import config_option, load_config, one_sentence
from kiosk.config import Config

if TYPE_CHECKING:
    from kiosk.ca.batch.centre import Answered

SETTINGS = """[batch]
chain = "chain.pem"
centre = "centre.pem"
certificate = "office.pem"
private_key = "office.key"
is_test = true"""


@click.command()
@config_option
@click.argument("number")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def office(config_path: Path | None, number: str, folder: Path) -> None:
    """Make a TEST key and certificate for an office, and what it needs to know of the centre.

    Example: kiosk authority office 7130 /media/stick
    """
    from kiosk.batch_centre import FOLDER, enrol_office
    from kiosk.ca.files import replacing
    from kiosk.ca.root import load_or_create
    from kiosk.local_authority import FOLDER as AUTHORITY
    from kiosk.local_authority import certificates
    from kiosk.wiring import utc_now

    config = load_config(config_path)
    with one_sentence():
        place = config.folder / AUTHORITY
        if not place.exists():
            load_or_create(place, utc_now())
        enrol_office(config.folder / FOLDER, number, folder, utc_now())
        with replacing(folder / "chain.pem", 0o644) as file:
            file.write(b"".join(_pem(certificate) for certificate in certificates(place)))
    click.echo(f'authority = "batch"\n{SETTINGS}')


def _pem(certificate: object) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding
    from cryptography.x509 import Certificate

    assert isinstance(certificate, Certificate)  # noqa: S101  # narrows the type; nothing else is a chain
    return certificate.public_bytes(Encoding.PEM)


@click.command()
@config_option
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@pin_option
def answer(config_path: Path | None, folder: Path, pin_fd: int | None) -> None:
    """Answer the batches in a folder as the TEST centre. Example: kiosk authority answer /media/stick"""
    config = load_config(config_path)
    done = _answers(config, folder, pin_fd)
    for name, said in done.items():
        if isinstance(said, str):
            click.echo(f"{name}: {said}", err=True)
            continue
        click.echo(f"{name}: {len(said.answered)} answers")
        for left in said.left:
            click.echo(f"{name}: not answered: {left}", err=True)
    if bad := sum(isinstance(said, str) for said in done.values()):
        raise click.ClickException(f"{bad} of {len(done)} batches were bad")
    if not done:
        click.echo("no batch there without its answers")


def answer_as_centre(config: Config, folder: Path) -> bool:
    """Answer what lies in a folder, if this machine has a TEST centre; `False` when it has none."""
    from kiosk.batch_centre import FOLDER

    if not (config.folder / FOLDER).is_dir():
        return False
    _answers(config, folder, None)
    return True


def _answers(config: Config, folder: Path, pin_fd: int | None) -> dict[str, Answered | str]:
    from data.carriers import FolderCarrier
    from kiosk.batch_centre import FOLDER, answer_folder, build_centre
    from kiosk.cli.authority_status import authority_key, authority_register
    from kiosk.local_authority import build_authority
    from kiosk.wiring import utc_now

    with authority_register(config) as register, authority_key(config, pin_fd) as key:
        centre = build_centre(config.folder / FOLDER, build_authority(config, register, key, utc_now), utc_now)
        return answer_folder(centre, folder, FolderCarrier(folder).put)
