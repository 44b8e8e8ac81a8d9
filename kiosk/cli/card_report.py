"""What `kiosk card show` tells of a card: identity, who vouches for it, containers with keys and certificates."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import click

from hardware.errors import HardwareError
from hardware.interface import Chip, Devices, Identity, KeyPair, StoredCertificate
from kiosk.x509 import validity_of


def read_card(devices: Devices, portrait: Path | None) -> dict[str, Any]:
    """Everything that can be read without a PIN, as JSON values. Raises `HardwareError` when there is no identity.

    A key part that cannot be read does not hide the identity: `token` then holds `error` and `code`.
    """
    chip = devices.open_chip()
    try:
        with chip.transaction():
            return {"reader": devices.reader_name(), **_read(chip, portrait)}
    finally:
        chip.close()


def _read(chip: Chip, portrait: Path | None) -> dict[str, Any]:
    begun = time.perf_counter()
    chip.unverified()
    words = {"apdu_count": chip.apdu_count(), "milliseconds": _since(begun)}
    identity = chip.identity()
    whole = {"apdu_count": chip.apdu_count(), "milliseconds": _since(begun)}
    if portrait is not None:
        _save(portrait, chip.portrait())
    keys = _key_part(chip)
    return {
        **_identity(identity),
        **keys,
        "reading": {"words": words, "identity": whole},
        "apdu_count": chip.apdu_count(),
        "milliseconds": _since(begun),
    }


def _since(begun: float) -> float:
    return round((time.perf_counter() - begun) * 1000, 1)


def _save(path: Path, jpeg: bytes) -> None:
    try:
        path.write_bytes(jpeg)
    except OSError as error:
        raise click.ClickException(f"{path}: {error.strerror}") from error


def _identity(identity: Identity) -> dict[str, Any]:
    document, holder, dated = identity.document, identity.holder, identity.trust_list_date
    return {
        "document_number": document.document_number,
        "document_type": document.document_type.value,
        "expiry_date": document.expiry_date.isoformat(),
        "issuing_authority": document.issuing_authority,
        "surname": holder.surname,
        "given_name": holder.given_name,
        "personal_number": holder.personal_number,
        "residence": identity.residence.line(),
        "authenticity": identity.authenticity.value,
        "trust_list": "built-in TEST list" if dated is None else dated.isoformat(),
    }


# --- the key part -----------------------------------------------------------------------------------------------------


def _key_part(chip: Chip) -> dict[str, Any]:
    try:
        token, status = chip.token(), chip.pin_status()
        pairs, stored = chip.key_pairs(), chip.certificates()
    except HardwareError as error:
        return {"token": {"error": str(error) or type(error).__name__, "code": error.code}}
    certificates = [_certificate(one) for one in stored]
    return {
        "token": {
            "label": token.label,
            "serial": token.serial,
            "model": token.model,
            "free_memory": token.free_memory,
            "features": sorted(feature.value for feature in token.features),
        },
        "tries_left": status.tries_left,
        "is_blocked": status.is_blocked,
        "keys": [_key(pair, certificates) for pair in pairs],
        "certificates": [one for one in certificates if one["is_readable"]],
        "torn_certificates": sum(not one["is_readable"] for one in certificates),
    }


def _certificate(stored: StoredCertificate) -> dict[str, Any]:
    """One that another program tore, or wrote in a format of its own, is told as not readable."""
    validity = validity_of(stored.certificate)
    known = {"key_id": stored.key_id.hex(), "label": stored.label, "is_readable": validity is not None}
    if validity is None:
        return known
    return known | {
        "serial": validity.serial,
        "subject": validity.subject,
        "issuer": validity.issuer,
        "not_before": validity.not_before.isoformat(),
        "not_after": validity.not_after.isoformat(),
    }


def _key(pair: KeyPair, certificates: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "container": pair.container,
        "purpose": pair.purpose.value if pair.purpose is not None else None,
        "algorithm": _algorithm(pair.public_key),
        "key_id": pair.key_id.hex(),
        "label": pair.label,
        "certificate": next((one for one in certificates if one["key_id"] == pair.key_id.hex()), None),
    }


def _algorithm(public_key: bytes) -> str:
    """Such as `RSA 2048`."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import ec, rsa
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    try:
        key = load_der_public_key(public_key)
    except (ValueError, UnsupportedAlgorithm):
        return "unknown"
    if isinstance(key, rsa.RSAPublicKey):
        return f"RSA {key.key_size}"
    return f"EC {key.curve.name}" if isinstance(key, ec.EllipticCurvePublicKey) else "unknown"


# --- as lines ---------------------------------------------------------------------------------------------------------

PLAIN = ("reader", "document_number", "document_type", "expiry_date", "issuing_authority", "surname", "given_name",
         "personal_number", "residence", "authenticity", "trust_list", "tries_left", "is_blocked",
         "torn_certificates")  # fmt: skip


def as_lines(shown: dict[str, Any]) -> str:
    """The same for people: one fact a line, each key pair with its certificate below it."""
    lines = [_line(name.replace("_", " "), shown[name]) for name in PLAIN if name in shown]
    token = shown["token"]
    lines += [_line(f"token {name}".replace("_", " "), token[name]) for name in token if name != "features"]
    lines += [line for key in shown.get("keys", ()) for line in _key_lines(key)]
    if shown.get("keys") == []:
        lines.append(_line("keys", "none"))
    words, whole = shown["reading"]["words"], shown["reading"]["identity"]
    lines += [
        _line("words read", f"{words['apdu_count']} APDU, {words['milliseconds']} ms"),
        _line("identity read", f"{whole['apdu_count']} APDU, {whole['milliseconds']} ms"),
        _line("everything read", f"{shown['apdu_count']} APDU, {shown['milliseconds']} ms"),
    ]
    return "\n".join(lines)


def _key_lines(key: dict[str, Any]) -> list[str]:
    where = "container not told" if key["container"] is None else f"container {key['container']}"
    certificate = key["certificate"]
    lines = [_line(where, f"{key['purpose'] or 'use not told'}, {key['algorithm']}, key {key['key_id']}")]
    if certificate is None:
        return [*lines, _line("  certificate", "none")]
    if not certificate["is_readable"]:
        return [*lines, _line("  certificate", "not readable")]
    return [
        *lines,
        _line("  certificate", f"{certificate['serial']} {certificate['subject']}"),
        _line("  issued by", certificate["issuer"]),
        _line("  valid", f"{certificate['not_before'][:10]} to {certificate['not_after'][:10]}"),
    ]


def _line(name: str, value: object) -> str:
    return f"{name + ':':20} {'not told' if value is None else value}"
