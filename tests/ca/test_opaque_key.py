"""The authority asks nothing of its key but signatures, so the key may stay in a token."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from typing import Any, NoReturn

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import NoDigestInfo, Prehashed

from kiosk.ca.authority_key import AuthorityKey
from kiosk.ca.interface import Issued
from kiosk.ca.local import LocalAuthority
from tests.ca.citizens import order_for
from tests.ca.conftest import NOW
from tests.ca.register import MemoryRegister


class TokenKey(rsa.RSAPrivateKey):
    """A key that signs and tells its public half, and refuses all else."""

    def __init__(self, inside: rsa.RSAPrivateKey) -> None:
        self._inside = inside
        self.signatures = 0

    @property
    def key_size(self) -> int:
        return self._inside.key_size

    def public_key(self) -> rsa.RSAPublicKey:
        return self._inside.public_key()

    def sign(
        self,
        data: Any,
        padding: padding.AsymmetricPadding,
        algorithm: Prehashed | hashes.HashAlgorithm | NoDigestInfo,
    ) -> bytes:
        self.signatures += 1
        return self._inside.sign(data, padding, algorithm)

    def _refuse(self, *arguments: object, **named: object) -> NoReturn:
        raise AssertionError("the key must stay where it is")

    decrypt = private_numbers = private_bytes = _refuse

    def __copy__(self) -> TokenKey:
        return self

    def __deepcopy__(self, memo: dict[Any, Any]) -> TokenKey:
        return self


def test_one_signature_makes_one_certificate(
    register: MemoryRegister, ca: AuthorityKey, chip_key: rsa.RSAPrivateKey
) -> None:
    key = TokenKey(ca.private_key)
    authority = LocalAuthority(register, replace(ca, private_key=key), lambda: NOW)
    request = order_for(chip_key)
    wire = authority.prepare(request)
    assert isinstance(authority.accept(request, wire, authority.exchange(wire)), Issued)
    assert key.signatures == 1


def test_the_linters_are_loaded_only_when_needed() -> None:
    """They take half a second, which a start of the station should not."""
    program = "import sys, kiosk.ca.local, kiosk.ca.root; print(sorted(m for m in sys.modules if 'pkilint' in m))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
