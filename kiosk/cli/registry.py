"""`kiosk registry …`: the centre's side, on PostgreSQL or what speaks like it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from data.exchange_errors import ExchangeError
from data.registry import centre_keys, erasing, finding, reporting, serving, setup, sticks, verifying
from data.registry.database import Database
from data.registry.spool import Spool
from data.registry.worker import End, Pass, Worker
from kiosk.cli.options import one_sentence

FOLDER = click.Path(file_okay=False, path_type=Path)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)

dsn_option = click.option(
    "--dsn", required=True, envvar="KIOSK_REGISTRY_DSN", help="libpq's connection string; also in KIOSK_REGISTRY_DSN."
)
spool_option = click.option("--spool", "spool_folder", type=FOLDER, required=True)
keys_option = click.option("--keys", "keys_folder", type=FOLDER, required=True, help="Folder of the centre's keys.")


@click.group()
def registry() -> None:
    """The central registry: take bundles in, verify, find, report."""


@contextmanager
def _database(dsn: str) -> Iterator[Database]:
    database = Database(dsn)
    with one_sentence():
        try:
            yield database
        finally:
            database.close()


@registry.command()
@keys_option
def keys(keys_folder: Path) -> None:
    """Make the centre's keys, once, and the card for the offices. Example: kiosk registry keys --keys /etc/centre"""
    with one_sentence():
        centre_keys.make(keys_folder)
    click.echo(f"offices need {keys_folder / centre_keys.CARD}; keep the rest secret, and a copy of it locked away")


@registry.command()
@dsn_option
def init(dsn: str) -> None:
    """Make tables and roles; again does nothing. Example: kiosk registry init --dsn 'host=/run/postgresql'"""
    with _database(dsn) as database:
        setup.init(database)
    click.echo("tables and roles are there")


@registry.group()
def office() -> None:
    """The offices and the keys that speak for them."""


@office.command("add")
@dsn_option
@click.argument("number")
@click.option("--name", required=True)
@click.option("--key", "key_file", type=FILE, required=True, help="The office's public key, PEM or DER.")
def office_add(dsn: str, number: str, name: str, key_file: Path) -> None:
    """Enter an office, or one more key of it. Example: kiosk registry office add 7130 --name Ужице --key 7130.pem"""
    from kiosk.wiring import utc_now

    with _database(dsn) as database:
        key = setup.add_office(database, number, name, setup.read_key(key_file), utc_now())
    click.echo(f"office {number}: key {key}")


@office.command("end-key")
@dsn_option
@click.argument("number")
@click.argument("key")
def office_end_key(dsn: str, number: str, key: str) -> None:
    """Accept nothing more from a key. Example: kiosk registry office end-key 7130 6c1f0a2b3c4d5e6f"""
    from kiosk.wiring import utc_now

    with _database(dsn) as database:
        setup.end_key(database, number, key, utc_now())
    click.echo(f"office {number}: key {key} has ended")


@office.command("list")
@dsn_option
def office_list(dsn: str) -> None:
    """List offices and keys. Example: kiosk registry office list"""
    with _database(dsn) as database:
        for record in setup.office_keys(database):
            click.echo(f"{record.office}  {record.key}  {'ended' if record.ended_at else 'speaks':6}  {record.name}")


@registry.command()
@spool_option
@click.argument("stick", type=click.Path(exists=True, file_okay=False, path_type=Path))
def receive(spool_folder: Path, stick: Path) -> None:
    """Copy a stick's bundles into the spool. Example: kiosk registry receive /media/stick --spool /srv/spool"""
    with one_sentence():
        received = sticks.receive(stick, Spool(spool_folder))
    click.echo(f"{received.bundles} bundles received")
    for name in received.torn:
        click.echo(f"{name} is not whole; the office writes it again", err=True)


@registry.command()
@spool_option
@click.argument("stick", type=click.Path(exists=True, file_okay=False, path_type=Path))
def answer(spool_folder: Path, stick: Path) -> None:
    """Put receipts onto a stick, after ingest. Example: kiosk registry answer /media/stick --spool /srv/spool"""
    with one_sentence():
        offices = sticks.answer(stick, Spool(spool_folder))
    click.echo(f"receipts for {', '.join(offices) or 'nobody'}")


@registry.command()
@dsn_option
@spool_option
@keys_option
@click.option("--every", "every_s", type=float, help="Pass again after so many seconds, until told to end.")
def ingest(dsn: str, spool_folder: Path, keys_folder: Path, every_s: float | None) -> None:
    """Take in what came into the spool. Example: kiosk registry ingest --spool /srv/spool --keys /etc/centre"""
    from kiosk.wiring import utc_now

    with _database(dsn) as database:
        worker = Worker(database, Spool(spool_folder), centre_keys.load(keys_folder), utc_now)
        while every_s is not None:
            _patient_pass(worker)
            time.sleep(every_s)
        _tell(worker.run())


def _patient_pass(worker: Worker) -> None:
    """One pass of a service: a database that is away for a while is no reason to end."""
    try:
        done = worker.run()
    except ExchangeError as error:
        click.echo(f"{error} ({error.code})", err=True)
    else:
        if done.ends:
            _tell(done)


def _tell(done: Pass) -> None:
    ends = ", ".join(f"{done.ends[end]} {end.value}" for end in End if done.ends[end])
    click.echo(f"{done.rows} rows added; bundles: {ends or 'none'}")
    for told in (*done.gaps.values(), *done.refusals):
        click.echo(str(told), err=True)


@registry.command()
@spool_option
@click.option("--listen", default="127.0.0.1:8443", show_default=True)
@click.option("--certificate", type=FILE, required=True)
@click.option("--private-key", type=FILE, required=True)
@click.option("--offices", type=FILE, required=True, help="PEM of the authorities whose certificates may connect.")
def drop(spool_folder: Path, listen: str, certificate: Path, private_key: Path, offices: Path) -> None:
    """Serve the HTTPS drop. It has no key to what it takes. Example: kiosk registry drop --spool /srv/spool …"""
    host, _, port = listen.rpartition(":")
    with one_sentence():
        serving.serve(
            Spool(spool_folder), host, int(port), certificate=certificate, private_key=private_key, offices=offices
        )


@registry.command()
@dsn_option
@spool_option
@keys_option
def ask(dsn: str, spool_folder: Path, keys_folder: Path) -> None:
    """After a restore of the registry: ask every office for what is missing. Example: kiosk registry ask --spool …"""
    from kiosk.wiring import utc_now

    with _database(dsn) as database:
        worker = Worker(database, Spool(spool_folder), centre_keys.load(keys_folder), utc_now)
        click.echo(f"receipts of today for {worker.ask_everyone()} offices")


@registry.command()
@dsn_option
@keys_option
def verify(dsn: str, keys_folder: Path) -> None:
    """Prove every row, head, signature and receipt. Example: kiosk registry verify --keys /etc/centre"""
    is_whole = True
    with _database(dsn) as database:
        for verdict in verifying.verify(database, centre_keys.load(keys_folder).centre_keys):
            is_whole &= not verdict.fault
            told = verdict.fault or f"{verdict.rows} of {verdict.rows} rows, {verdict.heads} heads"
            click.echo(f"{verdict.office}/{verdict.epoch}: {told}")
    if not is_whole:
        raise click.ClickException("the registry is not whole")


@registry.command()
@dsn_option
@click.option("--spool", "spool_folder", type=FOLDER)
@click.option("--json", "as_json", is_flag=True)
def status(dsn: str, spool_folder: Path | None, as_json: bool) -> None:
    """Say how far each office is, who is silent, and what needs a human. Example: kiosk registry status"""
    from kiosk.wiring import utc_now

    with _database(dsn) as database:
        report = reporting.report(database, utc_now())
    counts = Spool(spool_folder).counts() if spool_folder else {}
    if as_json:
        click.echo(json.dumps(report.as_record() | {"spool": counts}, ensure_ascii=False, indent=2))
        return
    for line in report.lines():
        click.echo(line)
    if counts:
        click.echo("spool: " + ", ".join(f"{room} {count}" for room, count in counts.items()))


@registry.command()
@dsn_option
@click.argument("text")
def search(dsn: str, text: str) -> None:
    """Find a case of any office under any spelling. Example: kiosk registry search Djordjevic"""
    with _database(dsn) as database:
        found = finding.find(database, text)
    for case in found:
        click.echo(f"{case.office}  {case.case_id}  {case.at:%Y-%m-%d}  {case.full_name}")
    if not found:
        click.echo("nothing found")


@registry.command()
@dsn_option
def erase(dsn: str) -> None:
    """Destroy the keys of persons whom offices have erased. Example: kiosk registry erase"""
    with _database(dsn) as database:
        click.echo(f"{erasing.erase(database)} keys destroyed")
