"""An authority with a certificate, and CRLs that `openssl ca` made for it."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa

from kiosk.benches.openssl_authority import OpensslAuthority
from kiosk.ca.hierarchy import make_root
from tests.ca.conftest import NOW


class Issuer:
    """A CA key with its certificate, and a folder in which openssl makes its lists."""

    def __init__(self, folder: Path) -> None:
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=3072)
        self.certificate = make_root(self.key, NOW)
        self.openssl = OpensslAuthority(folder, self.key, self.certificate)


@pytest.fixture(scope="session")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Issuer:
    return Issuer(tmp_path_factory.mktemp("issuer"))


@pytest.fixture(scope="session")
def other(tmp_path_factory: pytest.TempPathFactory) -> Issuer:
    """Same name, another key."""
    return Issuer(tmp_path_factory.mktemp("other"))


@pytest.fixture
def certificate(issuer: Issuer) -> x509.Certificate:
    return issuer.certificate
