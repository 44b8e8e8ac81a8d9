"""`kiosk archive …`: the local archive without a screen."""

from __future__ import annotations

import json
from pathlib import Path

import click

from data.head_code import BadCode
from data.records import CaseSummary
from kiosk.cli.archive_backup import backup, compare, restore
from kiosk.cli.archive_keys import keys
from kiosk.cli.archive_retention import erasable, erase
from kiosk.cli.opened_archive import opened_archive
from kiosk.cli.options import config_option


@click.group()
def archive() -> None:
    """Verify, rebuild, export, back up, search and show the local archive."""


@archive.command()
@config_option
@click.option("--head", "code", help="A code printed on a paper of this office.")
def verify(config_path: Path | None, code: str | None) -> None:
    """Hold rows, signed heads, tables and a printed code against each other. Example: kiosk archive verify"""
    try:
        with opened_archive(config_path) as opened:
            result = opened.verify(code)
            head_code = opened.head_code()
    except BadCode as error:
        raise click.ClickException(f"--head: {error} is no code of ours") from error
    for finding in result.findings:
        click.echo(f"{finding.where}: {finding.what}", err=True)
    if not result.ok:
        raise click.ClickException(f"{len(result.findings)} things are not as they were written")
    click.echo(f"{result.rows} of {result.rows} rows, code {head_code}")


@archive.command()
@config_option
def rebuild(config_path: Path | None) -> None:
    """Make every table anew from the journal, beside, and compare. Example: kiosk archive rebuild"""
    with opened_archive(config_path) as opened:
        results = opened.rebuild()
    for result in results:
        if not result.is_equal:
            click.echo(f"{result.name}: differs from row {result.difference} on", err=True)
    equal = sum(result.is_equal for result in results)
    click.echo(f"{equal} of {len(results)} tables equal, {sum(result.rows for result in results)} rows")
    if equal != len(results):
        raise click.ClickException("the archive is not what its journal tells")


@archive.command()
@config_option
@click.argument("folder", type=click.Path(path_type=Path))
def export(config_path: Path | None, folder: Path) -> None:
    """Write the journal and its verifier for an inspector. Example: kiosk archive export /media/usb/7130"""
    with opened_archive(config_path) as opened:
        rows = opened.export(folder)
    click.echo(f"{rows} rows; check them with: python3 {folder / 'verify.py'} {folder}")


@archive.command()
@config_option
@click.argument("text")
@click.option("--json", "as_json", is_flag=True)
def search(config_path: Path | None, text: str, as_json: bool) -> None:
    """Find cases under any spelling. Example: kiosk archive search Djordjevic"""
    with opened_archive(config_path) as opened:
        found = opened.search(text)
    click.echo(json.dumps([_summary(s) for s in found], ensure_ascii=False) if as_json else _table(found))


@archive.command()
@config_option
@click.argument("case_id")
def show(config_path: Path | None, case_id: str) -> None:
    """Show one case whole, as JSON. Example: kiosk archive show 2026-000019"""
    with opened_archive(config_path) as opened:
        record = opened.record_of(case_id)
    click.echo(
        json.dumps(
            {
                **_summary(record.summary),
                "evidence": [{"at": row.at.isoformat(), "kind": row.kind, **row.body} for row in record.evidence],
                "certificates": [{"serial": c.serial, "profile": c.profile.value} for c in record.certificates],
                "papers": [{"form": p.form, "copies": p.copies, "sha256": p.sha256} for p in record.papers],
            },
            ensure_ascii=False,
            indent=2,
        )
    )


def _summary(summary: CaseSummary) -> dict[str, str | int]:
    return {
        "case_id": summary.case_id,
        "procedure": summary.procedure_key,
        "name": summary.full_name,
        "document_number": summary.document_number,
        "at": summary.at,
        "status": summary.status,
        "changed_at": summary.changed_at.isoformat(),
    }


def _table(found: list[CaseSummary]) -> str:
    return (
        "\n".join(f"{s.case_id}  {s.procedure_key:9}  {s.status:10}  {s.full_name}" for s in found) or "nothing found"
    )


archive.add_command(keys)
archive.add_command(backup)
archive.add_command(restore)
archive.add_command(compare)
archive.add_command(erasable)
archive.add_command(erase)
