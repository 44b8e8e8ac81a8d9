"""`kiosk authority crl|revoke|suspend|reactivate|list|ocsp`: what becomes of certificates that were issued.

A change of status goes to whoever signs for this desk; lists and OCSP answers are of the authority of this machine.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kiosk.cli.authority_options import file_argument, out_option, pin_option, serial_number
from kiosk.cli.options import config_option, load_config, one_sentence
from kiosk.config import Config

if TYPE_CHECKING:
    from data.authority_register import AuthorityRegister
    from kiosk.ca.authority_key import AuthorityKey
    from kiosk.ca.interface import CertificationAuthority, RevocationReason, StatusAction

REASONS = (
    "unspecified",
    "key-compromise",
    "affiliation-changed",
    "superseded",
    "cessation-of-operation",
    "privilege-withdrawn",
)
STANDING = {"hold": "suspended", "release": "active", "revoke": "revoked"}
"""What a certificate is after each action."""


@contextmanager
def authority_register(config: Config) -> Iterator[AuthorityRegister]:
    from data.authority_register import AuthorityRegister

    if not config.folder.is_dir():
        raise click.ClickException(f"no authority in {config.folder}")
    with one_sentence():
        register = AuthorityRegister.open(config.folder)
        try:
            yield register
        finally:
            register.close()


@contextmanager
def authority_key(config: Config, pin_fd: int | None) -> Iterator[AuthorityKey]:
    from kiosk.local_authority import FOLDER, opened_key
    from kiosk.wiring import utc_now

    with opened_key(config.folder / FOLDER, utc_now(), pin_fd) as key:
        yield key


@click.command()
@config_option
@click.option("--if-due", is_flag=True, help="Only if a change is not on it yet, or it ends within 12 hours.")
@pin_option
def crl(config_path: Path | None, if_due: bool, pin_fd: int | None) -> None:
    """Sign and publish the revocation list; renew the OCSP responder's certificate if it is due.

    Each change of status does it by itself. A list holds 24 hours, so run this every 12. Example: kiosk authority crl
    """
    from kiosk.ca.responder import renew_responder
    from kiosk.local_authority import FOLDER, REVOCATION_LIST, status_service
    from kiosk.wiring import utc_now

    config = load_config(config_path)
    with authority_register(config) as register, authority_key(config, pin_fd) as key:
        renewed = renew_responder(config.folder / FOLDER, key, utc_now())
        service = status_service(config, register, key, utc_now)
        if if_due and not service.is_due():
            click.echo("not due")
            return
        service.publish()
        click.echo(f"{config.folder / REVOCATION_LIST}" + ("; responder's certificate renewed" if renewed else ""))


@click.command()
@config_option
@click.argument("serial")
@click.option("--reason", type=click.Choice(REASONS), default=REASONS[0], show_default=True)
@pin_option
def revoke(config_path: Path | None, serial: str, reason: str, pin_fd: int | None) -> None:
    """Revoke a certificate, for ever. Example: kiosk authority revoke 7f03a1 --reason superseded"""
    from kiosk.ca.interface import RevocationReason, StatusAction

    _change(config_path, serial, StatusAction.REVOKE, RevocationReason[reason.upper().replace("-", "_")], pin_fd)


@click.command()
@config_option
@click.argument("serial")
@pin_option
def suspend(config_path: Path | None, serial: str, pin_fd: int | None) -> None:
    """Suspend a certificate until it is reactivated or revoked. Example: kiosk authority suspend 7f03a1"""
    from kiosk.ca.interface import RevocationReason, StatusAction

    _change(config_path, serial, StatusAction.HOLD, RevocationReason.UNSPECIFIED, pin_fd)


@click.command()
@config_option
@click.argument("serial")
@pin_option
def reactivate(config_path: Path | None, serial: str, pin_fd: int | None) -> None:
    """Reactivate a suspended certificate. Example: kiosk authority reactivate 7f03a1"""
    from kiosk.ca.interface import RevocationReason, StatusAction

    _change(config_path, serial, StatusAction.RELEASE, RevocationReason.UNSPECIFIED, pin_fd)


def _change(
    config_path: Path | None, serial: str, action: StatusAction, reason: RevocationReason, pin_fd: int | None
) -> None:
    from kiosk.ca.interface import Pending, Rejected, StatusChange

    change = StatusChange(serial=f"{serial_number(serial):x}", action=action, reason=reason)
    with one_sentence(), _asked(load_config(config_path), pin_fd) as asked:
        wire = asked.prepare_status(change)
        settled = asked.accept_status(change, wire, asked.exchange(wire))
        by_files = asked.capabilities.batch
    if isinstance(settled, Rejected):
        raise click.ClickException(f"{settled.text} ({settled.code})")
    if isinstance(settled, Pending) and by_files:
        raise click.ClickException("it goes with the next kiosk bundle export; ask the same again after the import")
    if isinstance(settled, Pending):
        raise click.ClickException(f"not decided yet; ask the same again in {settled.check_after_s} s")
    click.echo(f"{change.serial}: {STANDING[action.value]}")


@contextmanager
def _asked(config: Config, pin_fd: int | None) -> Iterator[CertificationAuthority]:
    """Whoever signs for this desk: the authority of this machine, one behind the network, or one behind files."""
    from kiosk.batch_office import build_batch_authority
    from kiosk.cli.bundle_orders import batch_store
    from kiosk.cmp_office import build_cmp_authority
    from kiosk.local_authority import build_authority
    from kiosk.wiring import utc_now

    if config.authority == "cmp":
        yield build_cmp_authority(config, utc_now, pin_fd)
        return
    if config.authority == "batch":
        with batch_store(config) as store:
            yield build_batch_authority(config, store, utc_now)
        return
    with authority_register(config) as register, authority_key(config, pin_fd) as key:
        yield build_authority(config, register, key, utc_now)


@click.command("list")
@config_option
@click.option("--status", type=click.Choice(["active", "suspended", "revoked"]), help="Only these.")
def list_certificates(config_path: Path | None, status: str | None) -> None:
    """List the certificates that were issued, oldest first. Example: kiosk authority list --status suspended"""
    with authority_register(load_config(config_path)) as register:
        after = 0
        while page := register.listed(after):
            after = page[-1][0]
            for _, entry, standing in page:
                if status in (None, standing.standing.value):
                    state = standing.standing.value if entry.certificate else "reserved"
                    since = f" since {standing.since:%Y-%m-%d %H:%M}" if standing.since else ""
                    click.echo(f"{entry.serial:32}  {entry.order_id:28}  {entry.not_after:%Y-%m-%d}  {state}{since}")


@click.command()
@config_option
@click.option("--request", "request_path", type=file_argument, required=True, help="OCSP request (DER).")
@out_option
def ocsp(config_path: Path | None, request_path: Path, out: Path) -> None:
    """Answer a stored OCSP request. Example: kiosk authority ocsp --request question.der --out answer.der"""
    from kiosk.ca.ocsp import answer
    from kiosk.ca.responder import load_responder
    from kiosk.local_authority import FOLDER, certificates
    from kiosk.wiring import utc_now

    config = load_config(config_path)
    with authority_register(config) as register:
        folder, now = config.folder / FOLDER, utc_now()
        responder = load_responder(folder, certificates(folder)[0], now)
        out.write_bytes(answer(request_path.read_bytes(), responder, register.status_of, now))
