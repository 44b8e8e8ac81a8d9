"""`kiosk archive erasable|erase`: who is to be erased, and doing it. Named by a case: a shell keeps what is typed."""

from __future__ import annotations

from pathlib import Path

import click

from data.retention import Retention
from kiosk.cli.opened_archive import opened
from kiosk.cli.options import config_option
from kiosk.config import Config


def _terms(config: Config) -> Retention:
    rules = config.rules
    return Retention(
        after_certificate_end=rules.kept_years_after_certificate, after_case_end=rules.kept_years_after_case
    )


@click.command()
@config_option
def erasable(config_path: Path | None) -> None:
    """List a case of each citizen who is to be erased. Example: kiosk archive erasable"""
    with opened(config_path) as (config, archive, _):
        for case in archive.erasable(_terms(config)):
            click.echo(case.case_id)


@click.command()
@config_option
@click.argument("case_id")
@click.option("--second-clerk", required=True, help="Service number of the clerk who agrees.")
def erase(config_path: Path | None, case_id: str, second_clerk: str) -> None:
    """Erase the citizen of a case when the term has run out. Example: kiosk archive erase 2026-000019 …"""
    with opened(config_path) as (config, archive, _):
        number = archive.case(case_id).citizen.personal_number
        name = archive.erase_person(number, _terms(config), clerk=config.office.clerk, second_clerk=second_clerk)
    click.echo(f"erased; the journal goes on calling the citizen {name}")
