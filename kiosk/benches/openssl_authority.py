"""An authority kept by the `openssl` command: the peer that ours is measured against, and a maker of long CRLs."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

CONFIGURATION = """
[ca]
default_ca = peer
[peer]
dir = .
database = index.txt
new_certs_dir = issued
serial = serial
crlnumber = crlnumber
certificate = ca.pem
private_key = ca.key
default_md = sha256
default_days = 1825
default_crl_days = 1
unique_subject = no
policy = any
x509_extensions = citizen
crl_extensions = list
[any]
commonName = optional
serialNumber = optional
[citizen]
basicConstraints = critical, CA:FALSE
keyUsage = critical, nonRepudiation
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
certificatePolicies = 1.3.6.1.4.1.32473.1.1, 0.4.0.194112.1.2
crlDistributionPoints = URI:http://test-authority.example.com/citizens.crl
[list]
authorityKeyIdentifier = keyid
"""


class OpensslAuthority:
    """A folder for `openssl ca` with this key and certificate. Raises `FileNotFoundError` where openssl is missing."""

    def __init__(self, folder: Path, key: rsa.RSAPrivateKey, certificate: x509.Certificate) -> None:
        self.folder = folder
        (folder / "issued").mkdir()
        (folder / "ca.cnf").write_text(CONFIGURATION)
        (folder / "ca.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
        (folder / "ca.key").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        (folder / "index.txt").write_bytes(b"")
        for counter in ("serial", "crlnumber"):
            (folder / counter).write_text("01\n")

    def run(self, *arguments: str) -> None:
        """Run `openssl` in the folder. Raises `CalledProcessError`."""
        command = ["openssl", *arguments]
        subprocess.run(command, cwd=self.folder, check=True, capture_output=True)  # noqa: S603  # our own arguments

    def revocation_list(self, revoked: Iterable[tuple[int, datetime, str]], number: int = 1) -> Path:
        """A CRL in DER over these serial numbers, moments and reasons (names of RFC 5280)."""
        lines = [f"R\t360101000000Z\t{moment:%y%m%d%H%M%SZ},{why}\t{_hex(serial)}\tunknown\t/CN=TEST\n"
                 for serial, moment, why in revoked]  # fmt: skip
        (self.folder / "index.txt").write_text("".join(lines))
        (self.folder / "crlnumber").write_text(f"{_hex(number)}\n")
        self.run("ca", "-config", "ca.cnf", "-gencrl", "-out", "list.pem")
        self.run("crl", "-in", "list.pem", "-outform", "DER", "-out", "list.der")
        return self.folder / "list.der"


def long_list(entries: int) -> Iterable[tuple[int, datetime, str]]:
    """As many invented revocations, with serial numbers spread over all 127 bits and in no order."""
    reasons = ("superseded", "certificateHold", "unspecified", "keyCompromise", "cessationOfOperation")
    for number in range(1, entries + 1):
        yield invented_serial(number), datetime.fromtimestamp(1_500_000_000 + number * 977, UTC), reasons[number % 5]


def invented_serial(number: int) -> int:
    """The serial number of invented revocation `number`: below 2^127 and never twice."""
    return number * 0x5851F42D4C957F2D14057B7EF767814F % (1 << 127)


def _hex(number: int) -> str:
    digits = f"{number:X}"
    return digits if len(digits) % 2 == 0 else f"0{digits}"
