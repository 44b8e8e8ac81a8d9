"""`kiosk report …`: what was done, whether it balances, what ends soon, what went wrong; for eyes and for programs."""

from __future__ import annotations

import os
from datetime import date, datetime
from pathlib import Path

import click

from kiosk.cli.opened_archive import opened
from kiosk.cli.options import config_option
from kiosk.config import Config
from kiosk.documents import DocumentError
from kiosk.reports.csv_text import as_csv
from kiosk.reports.desk import ReportDesk
from kiosk.reports.plain_text import as_text
from kiosk.reports.report import REPORTS, Report
from kiosk.reports.worded import worded
from kiosk.texts import Language, Texts

SUFFIXES = {"text": "txt", "csv": "csv", "json": "json", "pdf": "pdf"}
DAY = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.argument("key", metavar="|".join(REPORTS), type=click.Choice(REPORTS))
@click.option("--from", "first", type=DAY, help="First day, 2026-03-02; without it today.")
@click.option("--to", "last", type=DAY, help="Last day; without it the first one, or 90 days on for `expiring`.")
@click.option("--format", "form", type=click.Choice(list(SUFFIXES)), default="text", show_default=True)
@click.option("--out", type=click.Path(path_type=Path), help="A file, or a folder where it gets a name of ours.")
@config_option
def report(
    key: str, first: datetime | None, last: datetime | None, form: str, out: Path | None, config_path: Path | None
) -> None:
    """Look at a report; the look is recorded. Example: kiosk report balance --format pdf --out .

    `sha256sum` of the JSON is the SHA-256 that text and paper show.
    """
    from kiosk.wiring import utc_now

    if form == "pdf" and out is None:
        raise click.UsageError("a PDF needs --out FILE")
    with opened(config_path) as (config, archive, _):
        desk = ReportDesk(archive, lambda: config, utc_now)
        made = desk.look(key, *_days(desk, key, first, last))
        written = _written(made, form, config, desk)
    if out is None:
        click.echo(written, nl=False)
    else:
        _save(written, out / f"{made.file_name}.{SUFFIXES[form]}" if out.is_dir() else out)


def _days(desk: ReportDesk, key: str, first: datetime | None, last: datetime | None) -> tuple[date, date]:
    today, until = desk.usual_days(key)
    begin = first.date() if first else today
    end = last.date() if last else begin + (until - today)
    if end < begin:
        raise click.UsageError("--to is before --from")
    return begin, end


def _written(made: Report, form: str, config: Config, desk: ReportDesk) -> bytes:
    match form:
        case "csv":
            return as_csv(made)
        case "json":
            return made.as_json()
        case "pdf":
            try:
                return desk.pdf(made)
            except DocumentError as error:
                raise click.ClickException(f"{error} ({error.code})") from error
            except ValueError as error:
                raise click.ClickException("settings: printing.script: one of cyrillic, latin") from error
    return as_text(worded(made, _texts(config), None), made.sha256).encode()


def _texts(config: Config) -> Texts:
    try:
        return Texts(Language(config.language))
    except ValueError as error:
        languages = ", ".join(language.value for language in Language)
        raise click.ClickException(f"settings: language: one of {languages}") from error


def _save(written: bytes, path: Path) -> None:
    """Readable by its owner only: names may stand in it."""
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(written)
    except OSError as error:
        raise click.ClickException(f"{path}: {error.strerror}") from error
    click.echo(str(path))
