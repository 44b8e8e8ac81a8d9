"""What the X.509 library raises when it is asked about a certificate that is none, or is one only in part."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

BAD_CERTIFICATE = (
    ValueError,
    TypeError,
    InvalidSignature,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.ExtensionNotFound,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)
"""A certificate is taken apart only when asked, so each of these can come late. Several have no common base class."""


@contextmanager
def quietly() -> Iterator[None]:
    """Without the library's warnings about odd certificates: they would go to the terminal the screens are drawn on."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
