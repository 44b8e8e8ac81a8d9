"""The PKI applet's files as a card has them when it is handed out."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from hardware.cardedge import certificate_file, container_map, key_file, layout, metadata
from hardware.cardedge.directory import Directory, Entry, room_for
from hardware.cardedge.layout import ADMINISTRATIVE, GENERAL, PRIVATE_KEY, PUBLIC_KEY, Pair, Place
from hardware.cardedge.pairs import PIN_LINK, PRIVATE_USE, PUBLIC_USE
from hardware.training.citizens import CertificateState, TrainingCitizen
from hardware.training.files import FileSystem
from hardware.training.test_authority import training_signers

LABEL = "NetSeT's CardEdge Token"
ENTRIES = 16
PLACES = (Place(0, Pair.EXCHANGE), Place(1, Pair.SIGNATURE))
LIFETIME = timedelta(days=5 * 365)
ENDED = timedelta(days=30)
"""How long ago the certificates of a citizen who comes to renew have ended."""


def key_files(citizen: TrainingCitizen, today: date) -> FileSystem:
    """The files of this citizen's card: empty of keys, or with two pairs and expired TEST certificates."""
    system = FileSystem()
    _put_administrative(system, citizen)
    if citizen.certificates is CertificateState.EXPIRED:
        _put_expired(system, citizen, today)
    return system


def _put_administrative(system: FileSystem, citizen: TrainingCitizen) -> None:
    root = Directory(
        first_file=layout.CARD_ID,
        files_allowed=0xF0,
        directories_left=0x0D,
        next_directory=0x7300,
        entries=(
            Entry("cardid", layout.CARD_ID),
            Entry("cardapps", layout.CARD_APPS),
            Entry("mscp", layout.MSCP, is_directory=True),
            Entry("p11data", layout.PKCS11_DATA, is_directory=True),
        ),
    )
    mscp = Directory(first_file=layout.CONTAINER_MAP, entries=(Entry("cmapfile", layout.CONTAINER_MAP),))
    data = Directory(first_file=0x7201)
    card_id = hashlib.sha256(citizen.serial.encode()).digest()[:16]
    token = LABEL.encode().ljust(32) + citizen.serial.encode().ljust(16, b"\x00") + bytes(4)
    system.put(layout.ROOT, root.encode(), GENERAL)
    system.put(layout.CARD_ID, (16).to_bytes(2, "little") + card_id, ADMINISTRATIVE)
    system.put(layout.CARD_APPS, (8).to_bytes(2, "little") + b"mscp".ljust(8, b"\x00"), ADMINISTRATIVE)
    system.put(layout.CHANGE_COUNTERS, (6).to_bytes(2, "little") + bytes(6), GENERAL)
    system.put(layout.PIN_INFO, pin_info(), GENERAL)
    system.put(layout.TOKEN_INFO, token, GENERAL)
    system.put(layout.MSCP, mscp.encode().ljust(room_for(mscp), b"\x00"), GENERAL)
    system.put(layout.CONTAINER_MAP, container_map.encode(()), GENERAL)
    system.put(layout.PKCS11_DATA, data.encode().ljust(room_for(data), b"\x00"), GENERAL)
    system.put(layout.METADATA_INDEX, metadata.encode_index(()), GENERAL)


def pin_info() -> bytes:
    """File 70F2: what each PIN reference, 80 to 86, is for and who may change and unblock it."""
    rows = [(0x00, 0x00, 0x06, 0x04), (0x02, 0x04, 0x04, 0x00)]
    rows += [(0x00, 0x00, change, 0x04) for change in (0x0C, 0x14, 0x24, 0x44, 0x84)]
    return b"\x02" + b"\x01" * 8 + b"".join(bytes(row) + bytes(9) for row in rows)


def _put_expired(system: FileSystem, citizen: TrainingCitizen, today: date) -> None:
    mscp = Directory(first_file=layout.CONTAINER_MAP, entries=(Entry("cmapfile", layout.CONTAINER_MAP),))
    containers: tuple[container_map.Container, ...] = ()
    listed: list[int] = []
    for place, (key, certificate) in zip(PLACES, expired_certificates(citizen, today), strict=True):
        name = f"p11_{hashlib.sha256(citizen.serial.encode() + bytes((place.container,))).hexdigest()[:32]}"
        containers = container_map.with_key(containers, place, name)
        mscp = mscp.put(Entry(place.certificate_name, place.usual_certificate_file))
        listed += _put_pair(system, place, key, certificate)
    system.put(layout.CONTAINER_MAP, container_map.encode(containers), GENERAL)
    system.put(layout.MSCP, mscp.encode().ljust(room_for(mscp), b"\x00"), GENERAL)
    system.put(layout.METADATA_INDEX, metadata.encode_index(listed), GENERAL)


def _put_pair(system: FileSystem, place: Place, key: rsa.RSAPrivateKey, certificate: x509.Certificate) -> list[int]:
    """Write one pair with certificate and metadata; the metadata files."""
    numbers = key.private_numbers()
    public = key_file.encode_public(numbers.public_numbers, PUBLIC_USE[place.pair], place.private)
    private = key_file.encode_private(numbers, PRIVATE_USE[place.pair], place.public)
    der = certificate.public_bytes(Encoding.DER)
    name = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value
    key_id = metadata.pattern_key_id(place)
    described = {
        place.public_metadata: metadata.Metadata(
            kind=metadata.PUBLIC_KEY, file_id=place.public, key_id=key_id, is_generated=True
        ),
        place.private_metadata: metadata.Metadata(
            kind=metadata.PRIVATE_KEY, file_id=place.private, key_id=key_id, is_generated=True
        ),
        place.certificate_metadata: metadata.Metadata(
            kind=metadata.CERTIFICATE,
            file_id=place.usual_certificate_file,
            key_id=key_id,
            label=str(name),
            subject=certificate.subject.public_bytes(),
        ),
    }
    system.put(place.public, public, PUBLIC_KEY)
    system.put(place.private, private, PRIVATE_KEY)
    system.put(place.pin_link, PIN_LINK, GENERAL)
    system.put(place.usual_certificate_file, certificate_file.encode(der), GENERAL)
    for file_id, content in described.items():
        system.put(file_id, content.encode(), GENERAL)
    return list(described)


@lru_cache(maxsize=8)
def expired_certificates(
    citizen: TrainingCitizen, today: date
) -> tuple[tuple[rsa.RSAPrivateKey, x509.Certificate], tuple[rsa.RSAPrivateKey, x509.Certificate]]:
    """Keys and TEST certificates, for authentication and for signature, that ended `ENDED` before `today`."""
    return _expired(citizen, today, "Auth"), _expired(citizen, today, "Sign")


def _expired(citizen: TrainingCitizen, today: date, use: str) -> tuple[rsa.RSAPrivateKey, x509.Certificate]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    end = datetime.combine(today - ENDED, time(12), UTC)
    issuer = training_signers()[0]
    names = (
        (NameOID.COUNTRY_NAME, "RS"),
        (NameOID.COMMON_NAME, _shortened(f"{citizen.given_name} {citizen.surname} {citizen.document_number} {use}")),
        (NameOID.SERIAL_NUMBER, f"PNORS-{citizen.personal_number}"),
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(oid, value) for oid, value in names]))
        .issuer_name(
            x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "TEST TRAINING Gradjani CA - NOT A REAL AUTHORITY")])
        )
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(end - LIFETIME)
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(False, None), critical=True)
        .add_extension(_usage(use == "Sign"), critical=True)
    )
    return key, builder.sign(issuer.key, hashes.SHA256())


def _shortened(name: str) -> str:
    """As much of a name as 64 bytes of UTF-8 hold."""
    return name.encode("utf-8")[:64].decode("utf-8", errors="ignore")


def _usage(is_signature: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not is_signature,
        content_commitment=is_signature,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
