"""`kiosk forms print`: blank forms onto paper or into a file."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from kiosk.cli.options import config_option, load_config, one_sentence
from kiosk.config import Config
from kiosk.documents import FORMS, DocumentError, FormFacts, Script, render

NAMES = {key.replace("_", "-"): key for key in FORMS}


@click.group()
def forms() -> None:
    """Print the forms; filled in from a citizen's card they are printed at the station."""


@forms.command(name="print")
@click.argument("form", type=click.Choice(sorted(NAMES)))
@click.option("--blank", is_flag=True, help="To be filled in by hand; all that this command prints are.")
@click.option("--latin", is_flag=True, help="In Latin; without it, in the script of the settings.")
@click.option("--copies", type=click.IntRange(1, 99), default=1, show_default=True)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write the PDF here instead of printing.")
@click.option("--queue", help="CUPS queue; without it, the one of the settings.")
@config_option
def print_form(
    form: str,
    blank: bool,
    latin: bool,
    copies: int,
    out: Path | None,
    queue: str | None,
    config_path: Path | None,
) -> None:
    """Print a blank form. Example: kiosk forms print obrazac-1 --blank --out obrazac-1.pdf"""
    config = load_config(config_path)
    now = datetime.now()
    try:
        pdf = render(NAMES[form], _facts(NAMES[form], config, now), _script(config, latin))
    except DocumentError as error:
        raise click.ClickException(f"{error} ({error.code})") from error
    if out is not None:
        _save(pdf, out)
    else:
        _print(pdf, f"blank-{form}-{now:%Y%m%d-%H%M%S-%f}", copies, queue or config.printing.queue, config)


def _facts(key: str, config: Config, now: datetime) -> FormFacts:
    office = config.office
    return FormFacts(
        citizen=None,
        case_number="",
        office_number=office.number,
        office_name=office.name,
        place=office.place,
        clerk=office.clerk,
        printed_on=now.date(),
        status_options=tuple(config.rules.obrazac_3.split()),
        edition=FORMS[key].edition,
    )


def _script(config: Config, latin: bool) -> Script:
    if latin:
        return Script.LATIN
    try:
        return Script(config.printing.script)
    except ValueError as error:
        raise click.ClickException("settings: printing.script: one of cyrillic, latin") from error


def _save(pdf: bytes, path: Path) -> None:
    try:
        path.write_bytes(pdf)
    except OSError as error:
        raise click.ClickException(f"{path}: {error.strerror}") from error
    click.echo(str(path))


def _print(pdf: bytes, job_name: str, copies: int, queue: str, config: Config) -> None:
    from hardware.printer import Printer

    if not queue:
        raise click.ClickException("no printer queue is set: give --queue NAME or --out FILE, or set printing.queue")
    with one_sentence():
        job = Printer(queue, config.printing.socket).print_pdf(pdf, job_name, copies)
    click.echo(f"{queue}: job {job}")
