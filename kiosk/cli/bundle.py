"""`kiosk bundle export|import|compare|status`: the journal to the centre, and its receipts back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from data import checkpoints, exchange
from data.archive import Archive
from data.carriers import Carrier, FolderCarrier
from data.centre_card import CentreCard, read_card
from data.https_carrier import HttpsCarrier, TlsFiles
from data.office_key import FileKey
from data.outbox import Outbox
from data.receipt_book import Verdict
from kiosk.cli.opened_archive import opened
from kiosk.cli.options import config_option, one_sentence
from kiosk.config import Config


@click.group()
def bundle() -> None:
    """Carry journal rows to the centre and receipts back, by a folder, a stick or HTTPS."""


@contextmanager
def _office(config_path: Path | None) -> Iterator[tuple[Config, Archive, Outbox]]:
    with opened(config_path) as (config, archive, _):
        outbox = Outbox(archive.store, config.office.number, FileKey(config.folder), archive.clock)
        yield config, archive, outbox


def _carrier(place: str, config: Config) -> Carrier:
    if "://" in place:
        settings = config.exchange
        files = TlsFiles(
            authorities=settings.authorities, certificate=settings.certificate, private_key=settings.private_key
        )
        with one_sentence():
            return HttpsCarrier(place, files)
    if not Path(place).is_dir():
        raise click.ClickException(f"{place} is neither a folder nor an https:// address")
    return FolderCarrier(Path(place))


def _card(config: Config) -> CentreCard:
    if config.exchange.centre is None:
        raise click.ClickException("settings: exchange.centre must name the centre's card (centre.json)")
    with one_sentence():
        return read_card(config.exchange.centre)


@bundle.command("export")
@config_option
@click.argument("place")
@click.option("--again", is_flag=True, help="Make files anew that are already there: the centre has new keys.")
@click.option("--from-row", type=click.IntRange(1), help="Send from this row on, whatever receipts say.")
def export_(config_path: Path | None, place: str, again: bool, from_row: int | None) -> None:
    """Write what the centre does not have yet. Example: kiosk bundle export /media/stick"""
    with _office(config_path) as (config, archive, outbox):
        card, carrier = _card(config), _carrier(place, config)
        if not archive.verify().ok:
            raise click.ClickException("the archive does not verify; nothing was signed: see kiosk archive verify")
        archive.checkpoint()
        done = exchange.export(outbox, carrier, card, again=again, from_row=from_row)
    click.echo(f"{done.rows} rows in {done.bundles} new bundles, {done.there} were already there")


@bundle.command("import")
@config_option
@click.argument("place")
def import_(config_path: Path | None, place: str) -> None:
    """Take the centre's receipt. Example: kiosk bundle import /media/stick"""
    with _office(config_path) as (config, _, outbox):
        card, carrier = _card(config), _carrier(place, config)
        verdict = exchange.collect(outbox, carrier, card)
        acknowledged = outbox.state(0, 0).acknowledged
    if verdict is None:
        click.echo("no receipt there")
        return
    if verdict in (Verdict.FORKED, Verdict.BEHIND):
        raise click.ClickException(CONTRADICTED[verdict])
    lost = "; it also has rows that were lost in the restore: kiosk bundle compare" * (verdict is Verdict.SUPERSEDED)
    click.echo(f"the centre has {acknowledged} rows{lost}")


@bundle.command()
@config_option
@click.option("--accept-loss", help="Service number of a second clerk who accepts that rows stay at the centre only.")
def compare(config_path: Path | None, accept_loss: str | None) -> None:
    """After a restore: compare with the newest receipt, then issue again. Example: kiosk bundle compare"""
    with _office(config_path) as (config, archive, outbox):
        note = outbox.centre_head()
        if note is None:
            raise click.ClickException("no receipt of the centre is here: kiosk bundle import brings one")
        checkpoint = checkpoints.parse(note)
        key = next((key for key in _card(config).keys if checkpoint.is_signed_by(key)), b"")
        archive.compare_head(note, key, clerk=config.office.clerk, loss_accepted_by=accept_loss)
    click.echo("the heads agree; the office may issue")


CONTRADICTED = {
    Verdict.FORKED: "the centre has other rows than this archive: stop work and call the centre",
    Verdict.BEHIND: "the centre has rows that this archive lacks: it is an older copy; stop work and call the centre",
}


@bundle.command()
@config_option
@click.option("--json", "as_json", is_flag=True)
def status(config_path: Path | None, as_json: bool) -> None:
    """Say what waits and for how long. Example: kiosk bundle status"""
    with _office(config_path) as (config, _, outbox):
        state = outbox.state(config.exchange.soft_days, config.exchange.hard_days)
    record = {
        "rows": state.rows,
        "acknowledged": state.acknowledged,
        "waiting": state.waiting,
        "days": state.days,
        "level": state.level.value,
        "verdict": state.verdict.value,
    }
    click.echo(json.dumps(record) if as_json else _sentence(record))


def _sentence(record: dict[str, int | str]) -> str:
    return (
        f"{record['waiting']} of {record['rows']} rows wait; {record['days']} days since the last exchange "
        f"({record['level']}); the centre's receipts: {record['verdict']}"
    )
