"""`kiosk rehearse`: a technician's self-test that walks the real screens, headless, on a throw-away archive."""

from __future__ import annotations

import asyncio
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hardware.settings import TRAINING
from kiosk.cli.options import config_option, load_config, one_sentence
from kiosk.config import Config

if TYPE_CHECKING:
    from hardware.training.citizens import TrainingCitizen
    from hardware.training.fingers import TrainingFingers
    from kiosk.desk import Desk
    from screens.rehearsal_report import Rehearsal

PROCEDURES = ("issuance", "renewal", "unblock", "status_change")
CITIZEN_OF = {"issuance": "jovana", "renewal": "milan", "unblock": "blokiran", "status_change": "jovana"}
"""Whose training card comes to which procedure."""


@click.command()
@click.argument("procedure", type=click.Choice([*PROCEDURES, "all"]))
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of lines.")
@click.option("--reader", help="PC/SC reader name or its beginning; a training card must be in it.")
@click.option("--token", help="Label of a PKCS#11 token that stands in for the chip's keys.")
@click.option("--module", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="The token's module.")
@config_option
def rehearse(
    procedure: str,
    as_json: bool,
    reader: str | None,
    token: str | None,
    module: Path | None,
    config_path: Path | None,
) -> None:
    """Walk the real screens through a whole procedure. Example: kiosk rehearse all --json

    Exit code 0 only if the certificate was read back from the chip and verified, and the case closed. On one card
    (--reader, --token) the renewal follows at once, so it is allowed before the certificate has run out; a token is
    unblocked by the TEST code that docs/desk.md names. With key_service.kind = "hsm" the operator types the HSM's PIN
    here; with "centre" the drill answers the code exchange itself.
    status_change issues first, then revokes what was issued, without the card's help.
    """
    from screens.environment import prepare

    prepare()
    config = _config(load_config(config_path), reader, token, module)
    walked: list[Rehearsal] = []
    with tempfile.TemporaryDirectory(prefix="kiosk-rehearsal-") as folder, one_sentence():
        for found in _rehearsals(replace(config, folder=Path(folder)), _wanted(procedure), config.folder):
            walked.append(found)
            if not as_json:
                click.echo(_lines(found))
    passed = all(found.passed for found in walked)
    if as_json:
        records = [found.as_record() for found in walked]
        whole = records[-1] if procedure != "all" else {"passed": passed, "rehearsals": records}
        click.echo(json.dumps(whole, ensure_ascii=False, indent=2))
    if not passed:
        raise SystemExit(1)


def _config(config: Config, reader: str | None, token: str | None, module: Path | None) -> Config:
    devices = replace(config.devices, reader=reader or TRAINING, training_state=None)
    if token is not None:
        module = module or devices.pkcs11_module
        if module is None:
            raise click.UsageError("--token needs --module, or devices.pkcs11_module in the settings")
        devices = replace(devices, key_store="pkcs11", token_label=token, pkcs11_module=module)
    rules = config.rules
    if _is_one_card(replace(config, devices=devices)):
        rules = replace(rules, renewal_days_before_end=366 * (rules.certificate_years + 1))
    return replace(config, devices=devices, rules=rules)


def _is_one_card(config: Config) -> bool:
    """Whether all procedures are walked with the same card or token."""
    return config.devices.reader != TRAINING or config.devices.key_store == "pkcs11"


def _wanted(procedure: str) -> tuple[str, ...]:
    if procedure == "all":
        return PROCEDURES
    # There must be a certificate before its status can be changed.
    return ("issuance", procedure) if procedure == "status_change" else (procedure,)


def _rehearsals(config: Config, wanted: tuple[str, ...], home: Path) -> Iterator[Rehearsal]:
    from hardware.training.fingers import TrainingFingers
    from kiosk.wiring import build_desk
    from screens.rehearsal import RehearsalFailed, rehearse

    with _pipe() as (reading, writing):
        desk = build_desk(replace(config, devices=replace(config.devices, pin_fd=reading)))
        try:
            for procedure in wanted:
                citizen = _citizen(desk, procedure, config)
                fingers = TrainingFingers(writing, citizen)
                operator, carry = partial(_operator, fingers), partial(_carry, config, home)
                yield asyncio.run(rehearse(desk, procedure, fingers, operator=operator, courier=carry))
        except RehearsalFailed as error:
            raise click.ClickException(str(error)) from error
        finally:
            desk.close()


def _operator(fingers: TrainingFingers) -> None:
    """The technician types the HSM's PIN at this terminal; it goes on to the device host digit by digit."""
    click.echo("HSM operator's PIN, then Enter:", err=True)
    fingers.enter_operator_pin()


def _carry(config: Config, home: Path) -> None:
    """A bundle to the authority and back: answered by the TEST centre of this machine, or carried by a person."""
    from data.batch_store import BatchStore
    from kiosk.batch_office import Courier
    from kiosk.cli.authority_answer import answer_as_centre
    from kiosk.wiring import utc_now

    store = BatchStore.open(config.folder)
    with closing(store), tempfile.TemporaryDirectory(prefix="kiosk-bundle-") as made:
        place = config.batch.folder or Path(made)
        courier = Courier(config=config, store=store, clock=utc_now)
        courier.export(place)
        if not answer_as_centre(replace(config, folder=home), place):
            click.prompt(f"Carry {place} to the centre and back, then Enter", default="", show_default=False, err=True)
        for bad in courier.take(place).bad:
            click.echo(bad, err=True)


@contextmanager
def _pipe() -> Iterator[tuple[int, int]]:
    """Where the citizen's fingers type, and where the device host reads it."""
    reading, writing = os.pipe()
    try:
        yield reading, writing
    finally:
        os.close(reading)
        os.close(writing)


def _citizen(desk: Desk, procedure: str, config: Config) -> TrainingCitizen:
    """Whose card is walked with; raises `click.ClickException` for a card whose PIN only its owner knows."""
    from hardware.training.citizens import CITIZENS

    if not _is_one_card(config):
        citizen = CITIZENS[CITIZEN_OF[procedure]]
        desk.insert_training_card(citizen.key)
        return citizen
    reading = desk.read_card()
    number = reading.identity.document.document_number
    for citizen in CITIZENS.values():
        if citizen.document_number == number:
            # Somebody's rehearsal must leave the card as it was: the «new» PIN is the old one.
            return replace(citizen, new_pin=citizen.pin)
    raise click.ClickException("the card in the reader is not a training card: nobody here may know its PIN")


def _lines(found: Rehearsal) -> str:
    steps = [f"{step.reference:12} {step.seconds:7.2f} s  {step.title}" for step in found.steps]
    verdict = "passed" if found.passed else "FAILED"
    read_back = f"{len(found.certificates)} certificates read back, " if found.certificates else ""
    return "\n".join([*steps, f"{found.procedure}: {verdict}, {read_back}case {found.case_id}"])
