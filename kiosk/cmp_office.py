"""The authority behind a network, put together from the settings: whom to ask, whom to believe, and with which key.

The registration office's key is a file that only its owner may read, or is in a token whose module runs in a process of
its own and asks for the PIN itself; no PIN is ever in the settings.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from kiosk.ca.cmp.authority import CmpAuthority, Terms
from kiosk.ca.cmp.credentials import Credentials
from kiosk.ca.cmp.protection import Trust
from kiosk.ca.cmp.transport import BadAddress, HttpTransport, Limits
from kiosk.ca.interface import AuthFailed, AuthorityUnusable
from kiosk.ca.key_files import load_private_key
from kiosk.ca.token_key import TokenKey
from kiosk.config import BadConfig, CmpSettings, Config

if TYPE_CHECKING:
    from hardware.signing_process import SigningProcess

CONFIRMATIONS = ("explicit", "implicit")


def build_cmp_authority(config: Config, clock: Callable[[], datetime], pin_fd: int | None = None) -> CmpAuthority:
    """The authority of `[cmp]`. A token's PIN is asked for at `pin_fd`, or at this process's terminal.

    Raises `BadConfig`, `AuthorityUnusable` for a key file that cannot be used, `AuthFailed` for a token that does not
    hold the key, `HardwareError` when the token does not open.
    """
    settings = config.cmp
    transport = _transport(settings)
    return CmpAuthority(_terms(config), office_credentials(settings, "cmp", pin_fd), transport, clock)


def _terms(config: Config) -> Terms:
    settings = config.cmp
    if settings.confirmation not in CONFIRMATIONS:
        raise BadConfig(f"cmp.confirmation: one of {', '.join(CONFIRMATIONS)}")
    chain = pem_certificates("cmp.chain", settings.chain)
    anchors = chain if settings.anchors is None else pem_certificates("cmp.anchors", settings.anchors)
    responder = b""
    if settings.responder is not None:
        responder = pem_certificates("cmp.responder", settings.responder)[0].subject.public_bytes()
    return Terms(
        chain=chain,
        trust=Trust(anchors=anchors, responder=responder),
        recipient=responder or chain[0].subject.public_bytes(),
        station=config.office.number,
        years=config.rules.certificate_years,
        implicit_confirm=settings.confirmation == "implicit",
        lookup=settings.lookup,
        is_test=settings.is_test,
        practice=config.practice,
    )


def _transport(settings: CmpSettings) -> HttpTransport:
    limits = Limits(
        connect_s=settings.connect_s, answer_s=settings.answer_s, answer_bytes=settings.answer_kilobytes * 1024
    )
    try:
        return HttpTransport(settings.url, limits, _tls(settings))
    except BadAddress as error:
        raise BadConfig(f"cmp.url: {error}") from error


def _tls(settings: CmpSettings) -> ssl.SSLContext | None:
    """`None`: the machine's own trust."""
    if settings.tls_anchors is None:
        return None
    try:
        return ssl.create_default_context(cafile=str(settings.tls_anchors))
    except (OSError, ssl.SSLError) as error:
        raise BadConfig("cmp.tls_anchors: not a file of PEM certificates") from error


def pem_certificates(name: str, path: Path | None) -> tuple[x509.Certificate, ...]:
    """The certificates of a PEM file that the setting `name` names. Raises `BadConfig`."""
    if path is None:
        raise BadConfig(f"{name}: a file of PEM certificates is needed")
    try:
        return tuple(x509.load_pem_x509_certificates(path.read_bytes()))
    except OSError as error:
        raise BadConfig(f"{name}: {path.name}: {error.strerror}") from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise BadConfig(f"{name}: {path.name}: not a file of PEM certificates") from error


# --- the office's key -------------------------------------------------------------------------------------------------


class KeySettings(Protocol):
    """Where the office's own key and certificate are; see `CmpSettings`."""

    @property
    def certificate(self) -> Path | None: ...
    @property
    def private_key(self) -> Path | None: ...
    @property
    def pkcs11_module(self) -> Path | None: ...
    @property
    def token_label(self) -> str: ...


def office_credentials(settings: KeySettings, section: str, pin_fd: int | None) -> Credentials:
    """The office's key and certificate of a section of the settings. Raises as `build_cmp_authority`."""
    certificate, *chain = pem_certificates(f"{section}.certificate", settings.certificate)
    key = _private_key(settings, section, certificate, pin_fd)
    return Credentials(private_key=key, certificate=certificate, chain=tuple(chain))


def _private_key(
    settings: KeySettings, section: str, certificate: x509.Certificate, pin_fd: int | None
) -> rsa.RSAPrivateKey:
    if (settings.private_key is None) == (settings.pkcs11_module is None):
        raise BadConfig(f"{section}: either private_key or pkcs11_module, and not both")
    if settings.private_key is not None:
        try:
            return load_private_key(settings.private_key)
        except OSError as error:
            raise BadConfig(f"{section}.private_key: {settings.private_key.name}: {error.strerror}") from error
    return token_key(settings, section, certificate, pin_fd)


class OfficeToken:
    """A token in its process, with the errors of an authority."""

    def __init__(self, process: SigningProcess) -> None:
        self._process = process

    def sign_digest(self, key_id: bytes, digest: bytes) -> bytes:
        """Sign."""
        from hardware.errors import HardwareError

        try:
            return self._process.sign_digest(key_id, digest)
        except HardwareError as error:
            raise AuthorityUnusable(f"token: {str(error) or type(error).__name__} ({error.code})") from error

    def close(self) -> None:
        """Log out and end the process; the end of this one does the same."""
        self._process.close()


def token_key(
    settings: KeySettings, section: str, certificate: x509.Certificate, pin_fd: int | None
) -> rsa.RSAPrivateKey:
    """The key of `certificate` in its token: found by its public half, so that no label need be configured."""
    from hardware.signing_process import SigningProcess

    public_key = certificate.public_key()
    if settings.pkcs11_module is None or not isinstance(public_key, rsa.RSAPublicKey):
        raise BadConfig(f"{section}.certificate: a key in a token must be RSA")
    process = SigningProcess(settings.pkcs11_module, settings.token_label, pin_fd)
    wanted = public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    for pair in process.key_pairs():
        if pair.public_key == wanted:
            return TokenKey(OfficeToken(process), pair.key_id, public_key)
    process.close()
    raise AuthFailed("the token does not hold the key of the registration office's certificate")
