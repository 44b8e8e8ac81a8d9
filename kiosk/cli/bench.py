"""`kiosk bench`: benchmarks with the peer or the limit in the same run."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import click

from kiosk.benches.measurement import Measurement


def _authority(runs: int) -> Iterator[Measurement]:
    from kiosk.benches import authority, cmp

    yield from authority.measure(runs)
    yield from cmp.measure(runs)


def _screen(runs: int) -> Iterator[Measurement]:
    from kiosk.benches.screen import measure

    return measure(runs)


def _archive(runs: int) -> Iterator[Measurement]:
    from kiosk.benches.archive import measure

    return measure(runs)


def _card(runs: int) -> Iterator[Measurement]:
    from kiosk.benches.card import measure

    return measure(runs)


def _registry(runs: int) -> Iterator[Measurement]:
    from kiosk.benches.registry import measure

    return measure(runs)


BENCHES: dict[str, Callable[[int], Iterator[Measurement]]] = {
    "archive": _archive,
    "authority": _authority,
    "card": _card,
    "registry": _registry,
    "screen": _screen,
}


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(sorted(BENCHES)))
@click.option("--runs", default=10, show_default=True)
@click.option("--json", "as_json", is_flag=True)
def bench(names: tuple[str, ...], runs: int, as_json: bool) -> None:
    """Measure, with the limit beside each number. Example: kiosk bench card --json"""
    lines = [line for name in names or tuple(sorted(BENCHES)) for line in BENCHES[name](runs)]
    if as_json:
        click.echo(json.dumps([line.as_record() for line in lines], ensure_ascii=False, indent=2))
        return
    for line in lines:
        click.echo(
            f"{line.bench:24} {line.value:10.2f} {line.unit:5} {line.ratio:6.2f} x  {line.limit:10.2f}  {line.against}"
        )
