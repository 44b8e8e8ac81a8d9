"""What stands on a CardEdge chip: which pairs are live, and what belongs to nothing."""

from __future__ import annotations

import copy
from collections.abc import Iterator

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from hardware.cardedge import CardEdgeKeyStore, container_map, directory, layout, metadata
from hardware.cardedge.layout import Pair, Place
from hardware.errors import CardFault, MalformedCardData, NoSuchKey
from hardware.interface import KeyPurpose
from hardware.key_store import KeyStore
from hardware.pin import Pin
from hardware.training.card import TrainingCard

ADMINISTRATION = {
    layout.ROOT,
    layout.CARD_ID,
    layout.CARD_APPS,
    layout.CHANGE_COUNTERS,
    layout.PIN_INFO,
    layout.TOKEN_INFO,
    layout.MSCP,
    layout.CONTAINER_MAP,
    layout.PKCS11_DATA,
    layout.METADATA_INDEX,
}
NONCE = b"proof"


def typed(digits: bytes) -> Pin:
    """A PIN as the citizen's keys make it."""
    pin = Pin()
    for digit in digits:
        pin.append(digit)
    return pin


def live_certificates(store: KeyStore) -> list[tuple[KeyPurpose | None, bytes]]:
    """Purpose and certificate of each pair whose key signs what its certificate verifies; the PIN was presented."""
    return [
        (pair.purpose, certificate)
        for pair in store.key_pairs()
        if (certificate := _certificate(store, pair.key_id)) is not None and _signs(store, pair.key_id, certificate)
    ]


def _certificate(store: KeyStore, key_id: bytes) -> bytes | None:
    try:
        return store.read_certificate(key_id)
    except MalformedCardData:
        return None


def _signs(store: KeyStore, key_id: bytes, certificate: bytes) -> bool:
    public = x509.load_der_x509_certificate(certificate).public_key()
    assert isinstance(public, rsa.RSAPublicKey)
    try:
        public.verify(store.sign(key_id, NONCE), NONCE, padding.PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, NoSuchKey, CardFault):
        return False
    return True


def unlocked_copy(card: TrainingCard, pin: bytes) -> CardEdgeKeyStore:
    """A copy of the card in another reader, with the PIN presented: looking at it changes nothing."""
    other = copy.deepcopy(card)
    other.power_on()
    store = CardEdgeKeyStore(lambda command: other.transmit(bytes(command)))
    with typed(pin) as secret:
        store.verify_pin(secret)
    return store


def disorder(card: TrainingCard) -> list[str]:
    """Files that belong to nothing, names that lead nowhere, books that disagree; read from the memory itself."""
    files = {file_id: bytes(one.content) for file_id, one in card._state.system.files.items()}
    named = directory.parse(files[layout.MSCP], "mscp")
    containers = container_map.parse(files[layout.CONTAINER_MAP])
    expected, described = set(ADMINISTRATION), set()
    for place in _places(containers):
        entry = named.find(place.certificate_name)
        expected |= {place.public, place.private, place.pin_link, entry.file_id if entry else 0}
        described |= {place.public_metadata, place.private_metadata, place.certificate_metadata}
    found = [f"orphan {file_id:04X}" for file_id in sorted(set(files) - expected - described)]
    found += [f"missing {file_id:04X}" for file_id in sorted((expected | described) - set(files))]
    listed = metadata.parse_index(files[layout.METADATA_INDEX])
    found += [] if sorted(listed) == sorted(described) else [f"index {[f'{one:04X}' for one in listed]}"]
    found += [f"entry {one.name}" for one in named.entries if one.file_id not in expected]
    return found + [fault for place in _places(containers) for fault in _misnamed(files, place)]


def _places(containers: tuple[container_map.Container, ...]) -> Iterator[Place]:
    for number, one in enumerate(containers):
        yield from (Place(number, pair) for pair in Pair if container_map.has_key(containers, Place(number, pair)))
        if not one.is_valid and (one.name or one.exchange_bits or one.signature_bits):
            yield Place(number, Pair.EXCHANGE)


def _misnamed(files: dict[int, bytes], place: Place) -> Iterator[str]:
    """Metadata of one pair that name another key than each other, or another file than theirs."""
    three = (place.public_metadata, place.private_metadata, place.certificate_metadata)
    known = [metadata.parse(files[file_id], "") for file_id in three if file_id in files]
    if len({one.key_id for one in known}) != 1:
        yield f"key identifiers of container {place.container} differ"
    if [one.file_id for one in known[:2]] != [place.public, place.private]:
        yield f"metadata of container {place.container} name other files"
