"""`kiosk bundle export|import|compare|status`: journal and orders to the centre, receipts and answers back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from data import checkpoints, exchange
from data.archive import Archive
from data.carriers import Carrier, FolderCarrier
from data.centre_card import CentreCard, read_card
from data.https_carrier import HttpsCarrier, TlsFiles
from data.outbox import Outbox
from data.receipt_book import Verdict
from kiosk.cli import bundle_orders
from kiosk.cli.authority_options import pin_option
from kiosk.cli.opened_archive import opened
from kiosk.cli.options import config_option, one_sentence
from kiosk.config import Config


@click.group()
def bundle() -> None:
    """Carry journal rows and orders to the centre, receipts and answers back, by a folder or a stick; rows by HTTPS."""


@contextmanager
def _office(config_path: Path | None) -> Iterator[tuple[Config, Archive, Outbox]]:
    with opened(config_path) as (config, archive, _):
        outbox = Outbox(archive.store, config.office.number, archive.heads.key, archive.clock)
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
@click.argument("place", required=False)
@pin_option
@click.option(
    "--again", is_flag=True, help="Make files anew that are already there: they were lost, or the centre has new keys."
)
@click.option("--from-row", type=click.IntRange(1), help="Send from this row on, whatever receipts say.")
def export_(config_path: Path | None, place: str | None, pin_fd: int | None, again: bool, from_row: int | None) -> None:
    """Write what the centre does not have yet: rows, and orders. Example: kiosk bundle export /media/stick"""
    with _office(config_path) as (config, archive, outbox):
        to = bundle_orders.place_of(place, config)
        if bundle_orders.carries_rows(config):
            card, carrier = _card(config), _carrier(to, config)
            if not archive.verify().ok:
                raise click.ClickException("the archive does not verify; nothing was signed: see kiosk archive verify")
            archive.checkpoint()
            done = exchange.export(outbox, carrier, card, again=again, from_row=from_row)
            click.echo(f"{done.rows} rows in {done.bundles} new bundles, {done.there} were already there")
        if bundle_orders.carries_orders(config):
            click.echo(bundle_orders.export_orders(config, archive.store, to, pin_fd, again))


@bundle.command("import")
@config_option
@click.argument("place", required=False)
def import_(config_path: Path | None, place: str | None) -> None:
    """Take the centre's receipt, and answers to orders. Example: kiosk bundle import /media/stick"""
    with _office(config_path) as (config, archive, outbox):
        where = bundle_orders.place_of(place, config)
        if bundle_orders.carries_rows(config):
            verdict = exchange.collect(outbox, _carrier(where, config), _card(config))
            click.echo(_receipt(verdict, outbox.state(0, 0).acknowledged))
        if bundle_orders.carries_orders(config):
            click.echo(bundle_orders.import_orders(config, archive.store, where))


def _receipt(verdict: Verdict | None, acknowledged: int) -> str:
    if verdict is None:
        return "no receipt there"
    if verdict in (Verdict.FORKED, Verdict.BEHIND):
        raise click.ClickException(CONTRADICTED[verdict])
    lost = "; it also has rows that were lost in the restore: kiosk bundle compare" * (verdict is Verdict.SUPERSEDED)
    return f"the centre has {acknowledged} rows{lost}"


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
    with _office(config_path) as (config, archive, outbox):
        state = outbox.state(config.exchange.soft_days, config.exchange.hard_days)
        orders = bundle_orders.orders_record(archive.store) if bundle_orders.carries_orders(config) else None
    record: dict[str, Any] = {
        "rows": state.rows,
        "acknowledged": state.acknowledged,
        "waiting": state.waiting,
        "days": state.days,
        "level": state.level.value,
        "verdict": state.verdict.value,
    }
    if as_json:
        click.echo(json.dumps(record if orders is None else record | {"orders": orders}))
        return
    click.echo(_sentence(record))
    if orders is not None:
        click.echo(f"orders: {orders['waiting']} wait for the next export, {orders['under_way']} for their answer")


def _sentence(record: dict[str, Any]) -> str:
    return (
        f"{record['waiting']} of {record['rows']} rows wait; {record['days']} days since the last exchange "
        f"({record['level']}); the centre's receipts: {record['verdict']}"
    )
