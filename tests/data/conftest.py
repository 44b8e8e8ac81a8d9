"""An archive of its own for each test."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from data.archive import Archive
from tests.data.invented import open_archive
from tests.services.softhsm import PIN, SoftToken, soft_token


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    opened = open_archive(tmp_path)
    yield opened
    opened.close()


MAKE_KEYS = """
import sys, pkcs11
from pkcs11 import Attribute, KeyType, MechanismFlag
from pkcs11.util.ec import encode_named_curve_parameters
module, label = sys.argv[1:3]
with pkcs11.lib(module).get_token(token_label=label).open(rw=True, user_pin=sys.stdin.read()) as session:
    session.generate_keypair(KeyType.RSA, 2048, store=True, label="rsa")
    curve = {Attribute.EC_PARAMS: encode_named_curve_parameters("secp256r1")}
    flags = MechanismFlag.SIGN | MechanismFlag.DERIVE
    for name in ("ec", "office"):
        session.create_domain_parameters(KeyType.EC, curve, local=True).generate_keypair(
            store=True, label=name, capabilities=flags
        )
"""


@pytest.fixture(scope="module")
def token(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SoftToken]:
    """A token with an RSA key, and two on P-256."""
    made = soft_token(tmp_path_factory.mktemp("token"), "clerk")
    command = [sys.executable, "-c", MAKE_KEYS, str(made.module), made.label]
    with pytest.MonkeyPatch.context() as environment:
        for name, value in made.environment.items():
            environment.setenv(name, value)
        subprocess.run(command, input=PIN, check=True)
        yield made
