"""`kiosk authority import-crl|status`: the revocation list kept on this machine, asked without a network."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from kiosk.cli.authority_options import file_argument, serial_number
from kiosk.cli.options import config_option, load_config, one_sentence
from kiosk.config import BadConfig, Config

if TYPE_CHECKING:
    from cryptography import x509

    from kiosk.revocation.status import RevocationData, Status


@click.command("import-crl")
@config_option
@click.argument("crl", type=file_argument)
def import_crl(config_path: Path | None, crl: Path) -> None:
    """Take in a revocation list (DER) of the authority that the settings name (revocation.issuer).

    It is read once and verified; one that is torn, forged or older is refused, and the one in use stays. The same list
    again changes nothing. Example: kiosk authority import-crl MUPGradjaniCA4.crl
    """
    from kiosk.revocation.importing import import_list
    from kiosk.wiring import utc_now

    config = load_config(config_path)
    with one_sentence():
        import_list(crl, issuer(config), config.revocation_index, utc_now())
        click.echo(revocation_data(config).describe())


@click.command()
@config_option
@click.argument("serial")
def status(config_path: Path | None, serial: str) -> None:
    """Say whether a certificate is revoked, by the list on this machine. Example: kiosk authority status 7f:03:a1

    Exit code 0: not revoked; 1: revoked, or suspended; 2: the list cannot tell, fetch a new one.
    """
    data = revocation_data(load_config(config_path))
    with one_sentence():
        found = data.status_of(serial_number(serial))
        said, code = _words(found)
        click.echo(f"{said}\n{data.describe()}")
    raise SystemExit(code)


def _words(status: Status) -> tuple[str, int]:
    from kiosk.revocation.status import Good, Revoked

    match status:
        case Revoked(date=date, reason=reason):
            return f"revoked since {date:%Y-%m-%d %H:%M} UTC: {reason}", 1
        case Good(as_of=as_of):
            return f"not revoked as of {as_of:%Y-%m-%d %H:%M} UTC", 0
        case _:
            return "unknown", 2


def revocation_data(config: Config) -> RevocationData:
    """The list on this machine."""
    from kiosk.revocation.status import RevocationData
    from kiosk.wiring import utc_now

    return RevocationData(config.revocation_index, utc_now)


def issuer(config: Config) -> x509.Certificate:
    """Whose list it is. Raises `BadConfig`, `AuthorityUnusable`."""
    from cryptography import x509

    from kiosk.local_authority import FOLDER, certificates

    path = config.revocation.issuer
    if path is None:
        return certificates(config.folder / FOLDER)[0]
    try:
        content = path.read_bytes()
        is_pem = content.startswith(b"-----BEGIN")
        return x509.load_pem_x509_certificate(content) if is_pem else x509.load_der_x509_certificate(content)
    except (OSError, ValueError):
        raise BadConfig(f"revocation.issuer: {path.name} is no certificate that can be read") from None
