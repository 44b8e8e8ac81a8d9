"""One TEST hierarchy and a few citizens' keys for the whole run: making RSA keys is the slow part."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from kiosk.ca.authority_key import AuthorityKey
from kiosk.ca.local import LocalAuthority
from kiosk.ca.root import load_or_create
from tests.ca.register import MemoryRegister
from tests.services.cmp.pki import Pki, make_pki

NOW = datetime(2026, 11, 24, 10, 30, 15, tzinfo=UTC)


@pytest.fixture(scope="session")
def ca_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("authority") / "test-authority"


@pytest.fixture(scope="session")
def ca(ca_folder: Path) -> AuthorityKey:
    return load_or_create(ca_folder, NOW)


@pytest.fixture(scope="session")
def other_ca(tmp_path_factory: pytest.TempPathFactory) -> AuthorityKey:
    """Same names, other keys."""
    return load_or_create(tmp_path_factory.mktemp("other") / "test-authority", NOW)


@pytest.fixture(scope="session")
def chip_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="session")
def other_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def register() -> MemoryRegister:
    return MemoryRegister()


@pytest.fixture
def authority(register: MemoryRegister, ca: AuthorityKey) -> LocalAuthority:
    return LocalAuthority(register, ca, lambda: NOW)


@pytest.fixture
def chain_files(ca: AuthorityKey, tmp_path: Path) -> tuple[Path, Path]:
    """PEM files as `openssl verify` wants them: the root, and the issuing CA."""
    blocks = [block + "-----END CERTIFICATE-----\n" for block in ca.chain_pem().split("-----END CERTIFICATE-----\n")]
    issuing, root = tmp_path / "issuing.pem", tmp_path / "root.pem"
    issuing.write_text(blocks[0])
    root.write_text(blocks[1])
    return root, issuing


@pytest.fixture(scope="session")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    """Everybody in a CMP conversation, valid now."""
    return make_pki(tmp_path_factory.mktemp("pki"))
