"""`kiosk authority permit`: the centre's side of the fence around an office that issues by itself."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from kiosk.cli.authority_options import file_argument, out_option

if TYPE_CHECKING:
    from kiosk.ca.permit import SigningKey


@click.command()
@click.option("--key", type=file_argument, required=True, help="The centre's private key (PEM), Ed25519 or RSA.")
@click.option("--authority", "issuing", required=True, help="SHA-256 of the office's issuing key (authority show).")
@click.option("--number", required=True, help="The permit's number; certificates are counted under it.")
@click.option("--certificates", type=click.IntRange(1), required=True, help="At most so many.")
@click.option("--days", type=click.IntRange(1, 366), required=True, help="From now on.")
@out_option
def permit(key: Path, issuing: str, number: str, certificates: int, days: int, out: Path) -> None:
    """At the centre: sign a permit for one office's authority. Prints what that office puts into its settings.

    Example: kiosk authority permit --key centre.key --authority 9c… --number 2026/17 --certificates 50 --days 14
    --out permit.json
    """
    from kiosk.ca.permit import Permit, key_sha256, sign_permit
    from kiosk.wiring import utc_now

    signing_key = _centre_key(key)
    begins = utc_now().replace(microsecond=0)
    signed = Permit(
        number=number, authority=issuing.strip().lower(), certificates=certificates, begins=begins, days=days
    )
    out.write_bytes(sign_permit(signed, signing_key))
    click.echo(f'[local_authority]\npermit_key_sha256 = "{key_sha256(signing_key.public_key())}"')


def _centre_key(path: Path) -> SigningKey:
    from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(path.read_bytes(), None)
    except TypeError:
        password = click.prompt("Password of the centre's key", hide_input=True, err=True)
        try:
            key = load_pem_private_key(path.read_bytes(), password.encode())
        except ValueError:
            raise click.ClickException(f"{path.name}: not with this password") from None
    except ValueError:
        raise click.ClickException(f"{path.name}: not a private key") from None
    if not isinstance(key, ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey):
        raise click.ClickException(f"{path.name}: neither Ed25519 nor RSA")
    return key
