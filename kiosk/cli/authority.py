"""`kiosk authority …`: the authority of this machine, and the revocation list that is kept on it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kiosk.cli import authority_answer, authority_permit, authority_revocation, authority_status
from kiosk.cli.authority_options import file_argument, pin_option
from kiosk.cli.options import config_option, load_config, one_sentence
from kiosk.config import Config

if TYPE_CHECKING:
    from cryptography import x509

KEY_BITS = ("3072", "4096")


@click.group()
def authority() -> None:
    """Make and run the authority of this machine; keep a revocation list and ask it."""


for command in (
    authority_status.crl,
    authority_status.revoke,
    authority_status.suspend,
    authority_status.reactivate,
    authority_status.list_certificates,
    authority_status.ocsp,
    authority_permit.permit,
    authority_answer.office,
    authority_answer.answer,
    authority_revocation.import_crl,
    authority_revocation.status,
):
    authority.add_command(command)


@authority.command()
@config_option
@click.option("--module", type=file_argument, help="PKCS#11 module of the token; without it the keys are software.")
@click.option("--token", "label", default="", help="Label of the token.")
@click.option("--bits", type=click.Choice(KEY_BITS), default=KEY_BITS[0], show_default=True, help="RSA key size.")
@click.option("--witness", "witnesses", multiple=True, help="Who is present; a token takes at least two.")
@pin_option
def init(
    config_path: Path | None,
    module: Path | None,
    label: str,
    bits: str,
    witnesses: tuple[str, ...],
    pin_fd: int | None,
) -> None:
    """Make this machine's authority, once: a root and an issuing CA, with their keys in a token or as software.

    Software keys are for training. With a token the ceremony's record is printed for those present to sign, and the
    authority issues only under a permit of the centre.

    Example: kiosk authority init --module /usr/lib/softhsm/libsofthsm2.so --token Authority --witness AB --witness CD
    """
    from kiosk.ca.root import load_or_create
    from kiosk.local_authority import FOLDER
    from kiosk.wiring import utc_now

    if (module is None) is not (label == ""):
        raise click.UsageError("--module and --token go together")
    config = load_config(config_path)
    folder = config.folder / FOLDER
    if folder.exists():
        raise click.ClickException(f"{folder} holds an authority already; it is never replaced")
    with one_sentence():
        if module is None:
            made = load_or_create(folder, utc_now(), int(bits))
            click.echo(f"{made.name}: RSA {bits}, software keys: for training only")
            return
        click.echo(_ceremony(folder, module, label, int(bits), witnesses, pin_fd))


def _ceremony(folder: Path, module: Path, label: str, bits: int, witnesses: tuple[str, ...], pin_fd: int | None) -> str:
    from kiosk.ca.ceremony import RECORD, Ceremony, hold_ceremony
    from kiosk.local_authority import open_token
    from kiosk.wiring import utc_now

    token = open_token(module, label, pin_fd)
    try:
        ceremony = Ceremony(module=module.resolve(), label=label, bits=bits, witnesses=witnesses, now=utc_now())
        hold_ceremony(ceremony, folder, token)
    finally:
        token.close()
    return (folder / RECORD).read_text()


@authority.command()
@config_option
def show(config_path: Path | None) -> None:
    """Show the authority, whether it may issue, and the revocation lists. Example: kiosk authority show"""
    from cryptography.hazmat.primitives import hashes

    from kiosk.ca.permit import key_sha256
    from kiosk.local_authority import FOLDER, certificates
    from kiosk.wiring import utc_now

    config = load_config(config_path)
    with one_sentence():
        issuing, root = certificates(config.folder / FOLDER)
        for name, certificate in (("issuing CA", issuing), ("root", root)):
            click.echo(f"{name}: {certificate.subject.rfc4514_string()}")
            click.echo(f"  until {certificate.not_valid_after_utc:%Y-%m-%d}")
            click.echo(f"  SHA-256 of the certificate: {certificate.fingerprint(hashes.SHA256()).hex()}")
            click.echo(f"  SHA-256 of the public key:  {key_sha256(certificate.public_key())}")
        click.echo(f"issuing: {_may_issue(config, issuing, utc_now())}")
        kept = authority_revocation.revocation_data(config).describe()
        click.echo(f"revocation list of {authority_revocation.issuer(config).subject.rfc4514_string()}: {kept}")


def _may_issue(config: Config, issuing: x509.Certificate, now: datetime) -> str:
    from kiosk.ca.permit_errors import NotPermitted
    from kiosk.local_authority import fence

    asked = fence(config, issuing)
    if asked is None:
        return "free, since it is a TEST authority with software keys"
    try:
        permit = asked(now)
    except NotPermitted as refused:
        return f"OFF: {refused}"
    return (
        f"permit {permit.number}, {permit.certificates} certificates, {permit.days} days from {permit.begins:%Y-%m-%d}"
    )
