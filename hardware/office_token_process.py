"""The process of `hardware.office_token`: the only one that loads the module and holds the token's PIN.

Started as `python -m hardware.office_token_process FD PIN_FD`; it ends when its peer at FD closes.
"""

from __future__ import annotations

import socket
import sys
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hardware.errors import HardwareError, NoSuchKey
from hardware.hardening import harden
from hardware.messages import Call, Failure, Result, failure, receive, send
from hardware.pkcs11_module import Pkcs11Module
from hardware.token_pin import ask_token_pin

if TYPE_CHECKING:
    from pkcs11 import Session

PROMPT = "PIN: "


class TokenKey:
    """The logged-in session and the key pair with one label. Methods run in the PKCS#11 thread."""

    def __init__(self, module: Pkcs11Module, token_label: str, key_label: str, pin: Any) -> None:
        self._session: Session = module.token(token_label, "").open(user_pin=pin)
        self._label = key_label

    def spki(self) -> bytes:
        """SubjectPublicKeyInfo, DER."""
        from pkcs11 import KeyType, ObjectClass
        from pkcs11.util.ec import encode_ec_public_key
        from pkcs11.util.rsa import encode_rsa_public_key

        key = self._key(ObjectClass.PUBLIC_KEY)
        if key.key_type == KeyType.EC:
            return bytes(encode_ec_public_key(key))
        return _rsa_spki(bytes(encode_rsa_public_key(key)))

    def sign(self, data: bytes) -> bytes:
        """ECDSA with SHA-256, DER."""
        from pkcs11 import Mechanism, ObjectClass
        from pkcs11.util.ec import encode_ecdsa_signature

        raw = self._key(ObjectClass.PRIVATE_KEY).sign(sha256(data).digest(), mechanism=Mechanism.ECDSA)
        return bytes(encode_ecdsa_signature(raw))

    def decrypt_oaep(self, wrapped: bytes) -> bytes:
        """RSAES-OAEP with SHA-1."""
        from pkcs11 import MGF, Mechanism, ObjectClass

        return bytes(
            self._key(ObjectClass.PRIVATE_KEY).decrypt(
                wrapped, mechanism=Mechanism.RSA_PKCS_OAEP, mechanism_param=(Mechanism.SHA_1, MGF.SHA1, None)
            )
        )

    def agree(self, point: bytes) -> bytes:
        """ECDH: the shared x."""
        from pkcs11 import KDF, Attribute, KeyType, Mechanism, ObjectClass

        shared = self._key(ObjectClass.PRIVATE_KEY).derive_key(
            KeyType.GENERIC_SECRET,
            256,
            mechanism=Mechanism.ECDH1_DERIVE,
            mechanism_param=(KDF.NULL, None, point),
            template={Attribute.SENSITIVE: False, Attribute.EXTRACTABLE: True, Attribute.TOKEN: False},
        )
        return bytes(shared[Attribute.VALUE])

    def _key(self, kind: Any) -> Any:
        from pkcs11 import Attribute

        found = list(self._session.get_objects({Attribute.CLASS: kind, Attribute.LABEL: self._label}))
        if not found:
            raise NoSuchKey
        return found[0]


def _rsa_spki(key: bytes) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

    return load_der_public_key(key).public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


class Server:
    """Answers one peer, one call after the other."""

    def __init__(self, peer: socket.socket, pin_fd: int) -> None:
        self._peer = peer
        self._pin_fd = pin_fd
        self._module: Pkcs11Module | None = None
        self._key: TokenKey | None = None

    def serve(self) -> None:
        """Until the peer closes."""
        while isinstance(call := receive(self._peer), Call):
            send(self._peer, self._outcome(call))

    def _outcome(self, call: Call) -> Result | Failure:
        try:
            return Result(number=call.number, value=self._value(call))
        except HardwareError as error:
            return failure(call.number, error)

    def _value(self, call: Call) -> Any:
        if call.method == "open":
            return self._open(*call.arguments)
        if self._module is None or call.method not in ("spki", "sign", "decrypt_oaep", "agree"):
            raise NoSuchKey
        method = getattr(self._key, call.method)
        return self._module.run(lambda: method(*call.arguments))

    def _open(self, path: Path, token_label: str, key_label: str) -> None:
        module = Pkcs11Module(path)
        with ask_token_pin(self._pin_fd, self._peer.fileno(), PROMPT) as pin:
            self._key = module.run(lambda: TokenKey(module, token_label, key_label, pin))
        self._module = module


def main(descriptor: int, pin_fd: int) -> None:
    """Serve the peer at this descriptor."""
    harden()
    Server(socket.socket(fileno=descriptor), pin_fd).serve()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
