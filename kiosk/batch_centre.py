"""The TEST centre of this machine: it opens batches of the offices it knows and has the TEST authority decide.

For trials and drills. Its folder holds its key and certificate, those of the offices by their numbers, and which change
of a certificate's status came last.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from data.bundle_header import OFFICE
from data.framing import framed
from data.order_files import ORDERS_NAME, answers_name, content, named
from kiosk.ca.batch.centre import Answered, Centre, Deciding
from kiosk.ca.batch.files import BadBatch
from kiosk.ca.cmp.credentials import Credentials
from kiosk.ca.files import publish_folder, replacing
from kiosk.ca.hierarchy import random_serial
from kiosk.ca.interface import AuthorityUnusable
from kiosk.ca.key_files import as_pem, load_certificate, load_private_key

FOLDER = "test-centre"
KEY, CERTIFICATE, OFFICES, CHANGES = "centre.key", "centre.pem", "offices", "changes.json"
KEY_BITS = 3072
DAYS = 730


def load_or_create(folder: Path, now: datetime) -> Credentials:
    """The centre in `folder`, made there on first use. Raises `AuthorityUnusable`."""
    try:
        if not folder.exists():
            key = _new_key()
            certificate = _certificate("TEST Centre", key.public_key(), None, key, now)
            publish_folder(folder, {KEY: as_pem(key), CERTIFICATE: certificate.public_bytes(Encoding.PEM)})
        return Credentials(
            private_key=load_private_key(folder / KEY), certificate=load_certificate(folder / CERTIFICATE)
        )
    except OSError as error:
        raise AuthorityUnusable(f"{Path(error.filename or folder).name}: {error.strerror}") from error


def enrol_office(folder: Path, number: str, target: Path, now: datetime) -> None:
    """Make a TEST key and certificate for an office, into `target`; the centre knows it from now on.

    A new one takes the place of an earlier one. Raises `AuthorityUnusable`.
    """
    if OFFICE.match(number) is None:
        raise AuthorityUnusable(f"{number}: no office has that number")
    centre = load_or_create(folder, now)
    issuer_key = centre.private_key
    if not isinstance(issuer_key, rsa.RSAPrivateKey):
        raise AuthorityUnusable(f"{KEY}: not an RSA key")
    key = _new_key()
    certificate = _certificate(f"TEST Registration Office {number}", key.public_key(), centre, issuer_key, now)
    pem = certificate.public_bytes(Encoding.PEM)
    files = {"office.key": as_pem(key), "office.pem": pem, CERTIFICATE: (folder / CERTIFICATE).read_bytes()}
    try:
        for name, file_content in files.items():
            with replacing(target / name) as file:
                file.write(file_content)
        with replacing(folder / OFFICES / f"{number}.pem") as file:
            file.write(pem)
    except OSError as error:
        raise AuthorityUnusable(f"{Path(error.filename or target).name}: {error.strerror}") from error


class ChangeFile:
    """A `ChangeBook` in one small file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def last(self, serial: str) -> int:
        """See `ChangeBook`."""
        return self._all().get(serial, 0)

    def carried_out(self, serial: str, number: int) -> None:
        """See `ChangeBook`."""
        with replacing(self._path) as file:
            file.write(json.dumps(self._all() | {serial: number}).encode())

    def _all(self) -> dict[str, int]:
        try:
            found: dict[str, int] = json.loads(self._path.read_bytes())
        except FileNotFoundError:
            return {}
        except ValueError as error:
            raise AuthorityUnusable(f"{self._path.name}: damaged") from error
        return found


def build_centre(folder: Path, authority: Deciding, clock: Callable[[], datetime]) -> Centre:
    """The centre in `folder` with that authority behind it. Raises `AuthorityUnusable`."""

    def certificates(number: str) -> tuple[x509.Certificate, ...]:
        if OFFICE.match(number) is None:
            return ()
        try:
            return (load_certificate(folder / OFFICES / f"{number}.pem"),)
        except FileNotFoundError:
            return ()

    return Centre(authority, load_or_create(folder, clock()), certificates, ChangeFile(folder / CHANGES), clock)


def answer_folder(centre: Centre, folder: Path, put: Callable[[str, bytes], None]) -> dict[str, Answered | str]:
    """Answer every batch that lies in `folder` and is not answered there yet; by name, what came of it.

    `put` writes a whole file. A batch that is bad is named, and the others go through. Raises `AuthorityError` where
    nothing can be answered at all.
    """
    done: dict[str, Answered | str] = {}
    for name, _ in named(folder, ORDERS_NAME):
        answers = re.compile(re.escape(name.rpartition(".")[0]) + r"-[0-9a-f]{12}\.answers\Z")
        if named(folder, answers):
            continue
        done[name] = _answered(centre, folder, name, put)
    return done


def _answered(centre: Centre, folder: Path, name: str, put: Callable[[str, bytes], None]) -> Answered | str:
    from data.exchange_errors import TornFile

    try:
        answered = centre.answer(content(folder, name))
    except (TornFile, BadBatch) as error:
        return str(error)
    put(answers_name(name, answered.file), framed(answered.file))
    return answered


def _new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)


def _certificate(
    name: str, key: rsa.RSAPublicKey, issuer: Credentials | None, signer: rsa.RSAPrivateKey, now: datetime
) -> x509.Certificate:
    """For signing messages and, the centre's own, for being written to."""
    subject = x509.Name([x509.NameAttribute(NameOID.COUNTRY_NAME, "RS"), x509.NameAttribute(NameOID.COMMON_NAME, name)])
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=issuer is None,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=issuer is None,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    begin = now.replace(microsecond=0) - timedelta(minutes=5)
    issuer_name = issuer.certificate.subject if issuer else subject
    return (
        x509.CertificateBuilder(issuer_name, subject, key, random_serial())
        .not_valid_before(begin)
        .not_valid_after(begin + timedelta(days=DAYS))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=0 if issuer is None else None), True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
        .sign(signer, hashes.SHA256())
    )
