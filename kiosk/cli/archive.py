"""`kiosk archive verify|search|show`: the local archive without a screen."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import click

from data.archive import FILE_NAME, Archive
from data.custody import Custody
from data.head_code import BadCode
from data.keyslots import Opener, path_of
from data.keyslots import load as load_slots
from data.records import CaseSummary
from data.slot_kinds import AgeIdentity, Card, Passphrase
from hardware.office_token import OfficeToken
from kiosk.cli.options import config_option, load_config, one_sentence
from kiosk.config import Config


@click.group()
def archive() -> None:
    """Verify, rebuild, export, search and show the local archive."""


@contextmanager
def _archive(config_path: Path | None) -> Iterator[Archive]:
    with _opened(config_path) as (_, opened, _):
        yield opened


@contextmanager
def _custody(config_path: Path | None) -> Iterator[Custody]:
    with _opened(config_path) as (config, opened, openers):
        yield Custody(opened, config.office.clerk, *openers)


@contextmanager
def _opened(config_path: Path | None) -> Iterator[tuple[Config, Archive, tuple[Opener, ...]]]:
    from kiosk.wiring import utc_now

    config = load_config(config_path)
    if not config.folder.is_dir():
        raise click.ClickException(f"no archive in {config.folder}")
    with one_sentence(), ExitStack() as until_closed:
        openers = tuple(_openers(config.folder, until_closed))
        opened = Archive.open(config.folder, utc_now, office=config.office.number, openers=openers)
        until_closed.callback(opened.close)
        yield config, opened, openers


def _openers(folder: Path, until_closed: ExitStack) -> Iterator[Opener]:
    """Who opens the archive for this command: what the environment names, or the pass phrase that is asked for."""
    if identity := os.environ.get("KIOSK_RECOVERY_KEY_FILE"):
        yield AgeIdentity(Path(identity).read_text(encoding="ascii").split()[-1])
    if card := os.environ.get("KIOSK_CARD"):
        module, token, key = card.split(":")
        yield Card(until_closed.enter_context(closing(OfficeToken(Path(module), token, key, pin_fd=0))))
    path = path_of(folder / FILE_NAME)
    kinds = {slot["kind"] for slot in load_slots(path).slots} if path.exists() else set()
    if "passphrase" in kinds and "bare" not in kinds and not (identity or card):
        yield Passphrase(click.prompt("Pass phrase", hide_input=True, err=True))


@archive.command()
@config_option
@click.option("--head", "code", help="A code printed on a paper of this office.")
def verify(config_path: Path | None, code: str | None) -> None:
    """Hold rows, signed heads, tables and a printed code against each other. Example: kiosk archive verify"""
    try:
        with _archive(config_path) as opened:
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
    with _archive(config_path) as opened:
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
    with _archive(config_path) as opened:
        rows = opened.export(folder)
    click.echo(f"{rows} rows; check them with: python3 {folder / 'verify.py'} {folder}")


@archive.group()
def keys() -> None:
    """Say who may open the archive: its key slots."""


@keys.command("list")
@config_option
def list_slots(config_path: Path | None) -> None:
    """List the slots by name and kind. Example: kiosk archive keys list"""
    with _custody(config_path) as custody:
        for slot in custody.slots():
            click.echo(f"{slot['id']}  {slot['kind']}")


@keys.command()
@config_option
@click.option("--recovery", help="An age public key, age1…: the ministry's, kept away from here.")
@click.option("--passphrase", is_flag=True, help="A pass phrase, asked for; for training.")
@click.option("--card", type=(click.Path(exists=True, path_type=Path), str, str), help="PKCS#11 module, token, key.")
def add(config_path: Path | None, recovery: str | None, passphrase: bool, card: tuple[Path, str, str] | None) -> None:
    """Let one more open the archive. Example: kiosk archive keys add --recovery age1…"""
    with _custody(config_path) as custody:
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
    with _custody(config_path) as custody:
        custody.remove(slot)


@keys.command()
@config_option
def rotate(config_path: Path | None) -> None:
    """Give the archive a new key that every slot opens. Example: kiosk archive keys rotate"""
    with _custody(config_path) as custody:
        custody.rotate()


@archive.command()
@config_option
@click.argument("text")
@click.option("--json", "as_json", is_flag=True)
def search(config_path: Path | None, text: str, as_json: bool) -> None:
    """Find cases under any spelling. Example: kiosk archive search Djordjevic"""
    with _archive(config_path) as opened:
        found = opened.search(text)
    click.echo(json.dumps([_summary(s) for s in found], ensure_ascii=False) if as_json else _table(found))


@archive.command()
@config_option
@click.argument("case_id")
def show(config_path: Path | None, case_id: str) -> None:
    """Show one case whole, as JSON. Example: kiosk archive show 2026-000019"""
    with _archive(config_path) as opened:
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
