"""What lies in the applet and belongs to nothing: found by asking for every file there can be, removed one by one."""

from __future__ import annotations

from collections.abc import Iterator

from hardware.cardedge import container_map
from hardware.cardedge.applet import CardEdgeApplet
from hardware.cardedge.books import Books
from hardware.cardedge.certificates import CERTIFICATE_FILES, Certificates
from hardware.cardedge.directory import Directory
from hardware.cardedge.layout import CONTAINERS, Pair, Place, places
from hardware.cardedge.pairs import KeyPairs
from hardware.interface import Leftover, LeftoverKind


class Leftovers:
    """The leftovers of one token. The applet must be selected. Listing takes some five hundred commands."""

    def __init__(self, applet: CardEdgeApplet, books: Books, pairs: KeyPairs, certificates: Certificates) -> None:
        self._applet = applet
        self._books = books
        self._pairs = pairs
        self._certificates = certificates

    def all(self) -> tuple[Leftover, ...]:
        """Pairs without a certificate, parts of pairs, certificates that nothing names, names that lead nowhere."""
        listed = self._books.directory()
        of_places = (one for place in places(CONTAINERS) for one in self._at(place, listed))
        return (*of_places, *self._links(), *self._unlisted(listed), *self._names())

    def remove(self, chosen: tuple[Leftover, ...]) -> None:
        """Remove those of `chosen` that still are leftovers; what has an owner by now stays. Raises `NotUnlocked`."""
        for leftover in self.all():
            if leftover in chosen:
                self._remove(leftover)

    # --- finding ------------------------------------------------------------------------------------------------------

    def _keys(self, place: Place) -> list[int]:
        """The key files at a place. On a card that shows no private key at all each public key is taken for a pair."""
        keys = [file_id for file_id in (place.public, place.private) if self._is_there(file_id)]
        return [place.public, place.private] if keys == [place.public] and not self._shows_private_keys() else keys

    def _shows_private_keys(self) -> bool:
        return any(self._is_there(place.private) for place in places(CONTAINERS))

    def _at(self, place: Place, listed: Directory) -> Iterator[Leftover]:
        """What is wrong at one place; a whole pair with its certificate is nothing, whatever is written beside it."""
        keys = self._keys(place)
        entry = listed.find(place.certificate_name)
        has_certificate = entry is not None and self._is_there(entry.file_id)
        if len(keys) == 2 and has_certificate:
            return
        if len(keys) == 2:
            pair = self._pairs.at(place)
            key_id = pair.key_id if pair else b""
            yield Leftover(
                kind=LeftoverKind.KEY_PAIR, name=f"{place.public:04X}", size=self._size(*keys), key_id=key_id
            )
            return
        beside = (place.public_metadata, place.private_metadata, place.certificate_metadata)
        for file_id in (*keys, *filter(self._is_there, beside)):
            yield Leftover(kind=LeftoverKind.PART, name=f"{file_id:04X}", size=self._size(file_id))
        if entry is not None:
            size = self._size(entry.file_id)
            yield Leftover(kind=LeftoverKind.CERTIFICATE, name=place.certificate_name, size=size)

    def _links(self) -> Iterator[Leftover]:
        for container in range(CONTAINERS):
            pairs = [Place(container, pair) for pair in Pair]
            has_key = any(self._is_there(file_id) for one in pairs for file_id in (one.public, one.private))
            if not has_key and self._is_there(pairs[0].pin_link):
                file_id = pairs[0].pin_link
                yield Leftover(kind=LeftoverKind.PART, name=f"{file_id:04X}", size=self._size(file_id))

    def _unlisted(self, listed: Directory) -> Iterator[Leftover]:
        taken = {entry.file_id for entry in listed.entries}
        for file_id in CERTIFICATE_FILES:
            if file_id not in taken and self._is_there(file_id):
                yield Leftover(kind=LeftoverKind.CERTIFICATE, name=f"{file_id:04X}", size=self._size(file_id))

    def _names(self) -> Iterator[Leftover]:
        """Records of the map and lines of the index that lead nowhere."""
        containers = self._books.map()
        for place in places(min(len(containers), CONTAINERS)):
            if container_map.has_key(containers, place) and not self._is_there(place.public):
                yield Leftover(kind=LeftoverKind.NAME, name=_record(place), size=0)
        for file_id in self._books.index():
            if not self._is_there(file_id):
                yield Leftover(kind=LeftoverKind.NAME, name=f"{file_id:04X}", size=0)

    def _is_there(self, file_id: int) -> bool:
        return self._applet.size_of(file_id) is not None

    def _size(self, *files: int) -> int:
        return sum(self._applet.size_of(file_id) or 0 for file_id in files)

    # --- removing -----------------------------------------------------------------------------------------------------

    def _remove(self, leftover: Leftover) -> None:
        """Names and parts are removed with the place they belong to; an earlier one may have taken this one along."""
        for place in places(CONTAINERS):
            if leftover.name in _names_of(place):
                self._certificates.remove(place)
                self._pairs.remove(place)
                self._books.drop_metadata(place.certificate_metadata)
                return
        file_id = int(leftover.name, 16)
        if leftover.kind is LeftoverKind.NAME:
            self._books.drop_metadata(file_id)
        else:
            self._applet.delete(file_id)


def _record(place: Place) -> str:
    return f"{place.container}/{place.pair.name.lower()}"


def _names_of(place: Place) -> set[str]:
    """What a leftover at that place may be called; the PIN link is the container's and goes by itself."""
    files = (
        place.public,
        place.private,
        place.public_metadata,
        place.private_metadata,
        place.certificate_metadata,
    )
    return {f"{file_id:04X}" for file_id in files} | {place.certificate_name, _record(place)}
