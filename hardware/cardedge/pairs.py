"""Key pairs in the applet: found, made, named and removed so that a cut at any command can be recovered from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hardware.cardedge import key_file, metadata
from hardware.cardedge.applet import CardEdgeApplet
from hardware.cardedge.books import Books
from hardware.cardedge.layout import CONTAINERS, GENERAL, PAIR_FOR, PRIVATE_KEY, PUBLIC_KEY, Pair, Place
from hardware.errors import CardFull, MalformedCardData, NoSuchKey
from hardware.interface import KeyPurpose

ENCRYPT, DECRYPT, SIGN, NON_REPUDIATION = 1, 2, 4, 8
PUBLIC_USE = {Pair.EXCHANGE: ENCRYPT | DECRYPT, Pair.SIGNATURE: SIGN | NON_REPUDIATION}
PRIVATE_USE = {Pair.EXCHANGE: DECRYPT | SIGN, Pair.SIGNATURE: SIGN | NON_REPUDIATION}
"""For exchange keys as the vendor's module asks; for signature keys unverified on a real card."""
PIN_LINK = (1).to_bytes(4, "little")


@dataclass(frozen=True, slots=True)
class Found:
    """A key pair on the chip, with the place it is at."""

    place: Place
    key_id: bytes
    public_key: bytes
    """SubjectPublicKeyInfo, DER."""
    label: str


class KeyPairs:
    """The key pairs of one token. The applet must be selected."""

    def __init__(self, applet: CardEdgeApplet, books: Books) -> None:
        self._applet = applet
        self._books = books

    def all(self) -> Iterator[Found]:
        """Every pair whose public key reads well, with or without metadata."""
        for place in self._books.places():
            if (found := self.at(place)) is not None:
                yield found

    def at(self, place: Place) -> Found | None:
        """The pair at a place, if its public key reads well. Without metadata its identifier is SHA-1 of the key."""
        content = self._applet.read(place.public)
        if content is None:
            return None
        try:
            public_key = key_file.parse_public(content, f"{place.public:04X}")
        except MalformedCardData:
            return None
        known = self._books.read_metadata(place.public_metadata)
        if known is None or not known.key_id:
            return Found(place, metadata.derived_key_id(public_key), public_key, "")
        return Found(place, known.key_id, public_key, known.label)

    def place_of(self, key_id: bytes) -> Place:
        """Where the pair is. Raises `NoSuchKey`."""
        found = next((found for found in self.all() if found.key_id == key_id), None)
        if found is None:
            raise NoSuchKey
        return found.place

    def place_or_leftovers(self, key_id: bytes) -> Place | None:
        """Where the pair is, or where an interrupted removal left metadata of it; `None` when nothing is there."""
        try:
            return self.place_of(key_id)
        except NoSuchKey:
            return next((place for place in self._books.places() if self._speaks_of(place, key_id)), None)

    def _speaks_of(self, place: Place, key_id: bytes) -> bool:
        files = (place.public_metadata, place.private_metadata, place.certificate_metadata)
        return any(
            known.key_id == key_id for file_id in files if (known := self._books.read_metadata(file_id)) is not None
        )

    def generate(self, purpose: KeyPurpose) -> Found:
        """Make a pair in the lowest free container of its kind. Raises `CardFull`, `NotUnlocked`."""
        taken = {found.key_id for found in self.all()}
        place = self._free_place(purpose)
        self.remove_files(place)
        self._books.note_key(place)
        self._applet.generate(place, (PUBLIC_KEY, PUBLIC_USE[place.pair]), (PRIVATE_KEY, PRIVATE_USE[place.pair]))
        self._describe(place, self._new_key_id(place, taken))
        self._books.count_change()
        return self._required(place)

    def complete(self, place: Place, key_id: bytes) -> None:
        """Have everything that belongs to a pair whose generation was cut: record, PIN link, metadata."""
        self._books.note_key(place)
        self._describe(place, key_id)

    def _free_place(self, purpose: KeyPurpose) -> Place:
        """Even containers for authentication, odd ones for signature; a lone private key is a leftover."""
        pair = PAIR_FOR[purpose]
        for container in range(pair is Pair.SIGNATURE, CONTAINERS, 2):
            if all(self._applet.size_of(Place(container, other).public) is None for other in Pair):
                return Place(container, pair)
        raise CardFull

    def _new_key_id(self, place: Place, taken: set[bytes]) -> bytes:
        key_id = metadata.pattern_key_id(place)
        return metadata.derived_key_id(self._required(place).public_key) if key_id in taken else key_id

    def _describe(self, place: Place, key_id: bytes) -> None:
        """Write PIN link and metadata as far as they are missing; metadata that another program wrote stays."""
        if not any(self._applet.read(place.pin_link) or b""):
            self._applet.replace(place.pin_link, PIN_LINK, GENERAL)
        for kind, key, file_id in (
            (metadata.PUBLIC_KEY, place.public, place.public_metadata),
            (metadata.PRIVATE_KEY, place.private, place.private_metadata),
        ):
            known = self._books.read_metadata(file_id)
            if known is None or known.key_id != key_id:
                known = metadata.Metadata(kind=kind, file_id=key, key_id=key_id, is_generated=True)
            self._books.write_metadata(file_id, known)

    def _required(self, place: Place) -> Found:
        found = self.at(place)
        if found is None:
            raise MalformedCardData(f"{place.public:04X}")
        return found

    def remove(self, place: Place) -> None:
        """Remove a pair, its name last: as long as anything of it is there, it is found by its identifier."""
        self._books.forget_key(place)
        self.remove_files(place)
        self._books.count_change()

    def remove_files(self, place: Place) -> None:
        """Remove keys, PIN link and metadata of a place, as far as they are there."""
        other = Place(place.container, next(pair for pair in Pair if pair is not place.pair))
        self._applet.delete(place.private)
        if self._applet.size_of(other.public) is None:
            self._applet.delete(place.pin_link)
        self._books.drop_metadata(place.private_metadata)
        self._applet.delete(place.public)
        self._books.drop_metadata(place.public_metadata)
