"""Real RSA keys made in advance for the training chip: a new one for each of some thousand cuts would take an hour."""

from __future__ import annotations

from functools import lru_cache
from itertools import cycle

from cryptography.hazmat.primitives.asymmetric import rsa

from hardware.training import rsa_engine

KEYS = 8
"""More than any trial makes, so that no key comes twice in one."""


class _Pool:
    def __init__(self) -> None:
        self.keys: list[rsa.RSAPrivateKey] = []
        self.rewind()

    def rewind(self) -> None:
        self._turn = cycle(self.keys)

    def next(self) -> rsa.RSAPrivateKey:
        return next(self._turn)


_pool = _Pool()


def use_prepared_keys() -> None:
    """From now on the training chip takes its keys from the pool."""
    _pool.keys = [rsa.generate_private_key(public_exponent=65537, key_size=rsa_engine.BITS) for _ in range(KEYS)]
    rewind()
    rsa_engine._new_key = _pool.next
    # With the same keys most requests are the same in every trial, and so are their signatures.
    rsa_engine.private_operation = lru_cache(maxsize=4096)(rsa_engine.private_operation)


def rewind() -> None:
    """Each trial begins with the first key, so that it can be repeated."""
    _pool.rewind()
