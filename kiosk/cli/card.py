"""`kiosk card show|serve`: read the card in the reader; offer the training card to a virtual reader."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from hardware.interface import Chip, Identity
from kiosk.cli.options import config_option, load_config, one_sentence
from kiosk.x509 import validity_of


@click.group()
def card() -> None:
    """Read the card in the reader, or serve the training card."""


@card.command()
@config_option
@click.option("--reader", help="PC/SC reader name or its beginning; `training` for the built-in card.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of lines.")
@click.option("--portrait", type=click.Path(dir_okay=False, path_type=Path), help="Save the portrait (JPEG) here.")
def show(config_path: Path | None, reader: str | None, as_json: bool, portrait: Path | None) -> None:
    """Show identity, authenticity, certificates and tries left. Example: kiosk card show --json"""
    settings = load_config(config_path).devices
    if reader is not None:
        settings = replace(settings, reader=reader)
    with one_sentence():
        from hardware.local import LocalDevices

        devices = LocalDevices(settings)
        try:
            chip = devices.open_chip()
            try:
                shown = _read(chip, devices.reader_name(), portrait)
            finally:
                chip.close()
        finally:
            devices.close()
    click.echo(json.dumps(shown, ensure_ascii=False, indent=2) if as_json else _lines(shown))


def _read(chip: Chip, reader: str, portrait: Path | None) -> dict[str, Any]:
    begun = time.perf_counter()
    with chip.transaction():
        identity = chip.identity()
        token = chip.token()
        status = chip.pin_status()
        certificates = [validity_of(stored.certificate) for stored in chip.certificates()]
        if portrait is not None:
            portrait.write_bytes(chip.portrait())
    return {
        "reader": reader,
        **_identity(identity),
        "token": {"label": token.label, "serial": token.serial, "free_memory": token.free_memory},
        "tries_left": status.tries_left,
        "is_blocked": status.is_blocked,
        "certificates": [
            {"serial": v.serial, "subject": v.subject, "issuer": v.issuer, "not_after": v.not_after.isoformat()}
            for v in certificates
            if v is not None
        ],
        "torn_certificates": sum(v is None for v in certificates),
        "apdu_count": chip.apdu_count(),
        "milliseconds": round((time.perf_counter() - begun) * 1000, 1),
    }


def _identity(identity: Identity) -> dict[str, Any]:
    document, holder = identity.document, identity.holder
    return {
        "document_number": document.document_number,
        "document_type": document.document_type.value,
        "expiry_date": document.expiry_date.isoformat(),
        "issuing_authority": document.issuing_authority,
        "surname": holder.surname,
        "given_name": holder.given_name,
        "personal_number": holder.personal_number,
        "residence": identity.residence.line(),
        "authenticity": identity.authenticity.value,
    }


def _lines(shown: dict[str, Any]) -> str:
    return "\n".join(f"{name}: {value}" for name, value in shown.items())


@card.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=35963, show_default=True, help="Where the virtual reader (vpcd) listens.")
@click.option("--citizen", default="jovana", show_default=True, help="Whose training card.")
@click.option("--state", type=click.Path(dir_okay=False, path_type=Path), help="File the card keeps its state in.")
@click.option("--fault", default="", help="Fault to show, such as remove@40; see hardware/training/faults.py.")
def serve(host: str, port: int, citizen: str, state: Path | None, fault: str) -> None:
    """Put the training card into a virtual reader. Example: kiosk card serve --citizen milan

    Needs pcscd with vpcd running; ends when the reader closes the connection. It is a virtual card, not a real one.
    """
    from hardware.training.card import TrainingCard
    from hardware.training.citizens import CITIZENS
    from hardware.training.faults import FaultyCard
    from hardware.training.server import serve as serve_card

    if citizen not in CITIZENS:
        raise click.UsageError(f"no training citizen {citizen}; there are {', '.join(CITIZENS)}")
    training = TrainingCard(CITIZENS[citizen], state)
    try:
        serve_card(FaultyCard(training, fault) if fault else training, host, port)
    except OSError as error:
        raise click.ClickException(f"no virtual reader at {host}:{port}: {error.strerror}") from error
