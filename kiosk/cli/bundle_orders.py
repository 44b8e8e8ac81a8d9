"""What `kiosk bundle` carries beside rows: orders to an authority that is asked by files, and its answers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import click

from data.batch_store import BatchStore
from data.store import Store
from kiosk.cli.opened_archive import openers_of
from kiosk.cli.options import one_sentence
from kiosk.config import Config


def place_of(place: str | None, config: Config) -> str:
    """Where to, or from: what was said, or the folder of `[batch]`."""
    if place is None and config.batch.folder is None:
        raise click.UsageError("say a folder, or set batch.folder")
    return place or str(config.batch.folder)


def carries_orders(config: Config) -> bool:
    """Whether this office orders its certificates by files."""
    return config.authority == "batch"


def carries_rows(config: Config) -> bool:
    """Whether this office sends its journal to a centre; an office may do only one of the two."""
    return config.exchange.centre is not None or not carries_orders(config)


def export_orders(config: Config, store: Store, place: str, pin_fd: int | None, again: bool) -> str:
    """Write the batches that are due, and say how many."""
    from kiosk.batch_office import Courier
    from kiosk.wiring import utc_now

    with one_sentence():
        courier = Courier(config=config, store=BatchStore(store), clock=utc_now)
        sent = courier.export(_folder(place), pin_fd, again=again)
    old = f"; {sent.old} are minutes old and may be refused: --again makes them anew" if sent.old else ""
    return f"{sent.orders} orders in {sent.files} new files, {sent.there} were already there{old}"


def import_orders(config: Config, store: Store, place: str) -> str:
    """Take the answers that are there; what is bad is told on standard error, and the exit code is 1."""
    from kiosk.batch_office import Courier
    from kiosk.wiring import utc_now

    with one_sentence():
        taken = Courier(config=config, store=BatchStore(store), clock=utc_now).take(_folder(place))
        waiting = BatchStore(store).totals()
    for bad in taken.bad:
        click.echo(bad, err=True)
    said = (
        f"{taken.answers} answers, {taken.known} known before, {taken.receipts} batches received; "
        f"{waiting.waiting + waiting.under_way} orders have no answer yet"
    )
    if taken.bad:
        raise click.ClickException(f"{len(taken.bad)} were bad; the others were taken: {said}")
    return said


def orders_record(store: Store) -> dict[str, int]:
    """How many orders stand where."""
    totals = BatchStore(store).totals()
    return {"waiting": totals.waiting, "under_way": totals.under_way, "answered": totals.answered}


def _folder(place: str) -> Path:
    if not Path(place).is_dir():
        raise click.ClickException(f"{place}: orders are carried by a folder or a stick only")
    return Path(place)


@contextmanager
def batch_store(config: Config) -> Iterator[BatchStore]:
    """The outbox of this office."""
    with one_sentence(), ExitStack() as until_closed:
        store = BatchStore.open(config.folder, tuple(openers_of(config.folder, until_closed)))
        until_closed.callback(store.close)
        yield store
