"""The applet's book-keeping: container map, metadata, directory, counters; made again where a cut has lost it."""

from __future__ import annotations

import secrets

from hardware.cardedge import certificate_file, container_map, directory, metadata
from hardware.cardedge.applet import CardEdgeApplet
from hardware.cardedge.container_map import Container
from hardware.cardedge.directory import Directory, Entry
from hardware.cardedge.layout import (
    CHANGE_COUNTERS,
    CONTAINER_MAP,
    GENERAL,
    METADATA_INDEX,
    MSCP,
    USUAL_CONTAINERS,
    Place,
    places,
)
from hardware.errors import MalformedCardData

EMPTY_DIRECTORY = Directory(first_file=CONTAINER_MAP, entries=(Entry("cmapfile", CONTAINER_MAP),))
COUNTERS = slice(4, 8)


class Books:
    """Reads and rewrites the book-keeping. The applet must be selected."""

    def __init__(self, applet: CardEdgeApplet) -> None:
        self._applet = applet

    def places(self) -> tuple[Place, ...]:
        """Where keys may be: every container of the map, and the usual ones even when the map misses them."""
        return places(max(len(self.map()), USUAL_CONTAINERS))

    # --- the container map --------------------------------------------------------------------------------------------

    def map(self) -> tuple[Container, ...]:
        """The container map; empty when it is missing or unreadable."""
        try:
            return container_map.parse(self._applet.read(CONTAINER_MAP) or b"")
        except MalformedCardData:
            return ()

    def note_key(self, place: Place) -> None:
        """Have a record in the map for the key at this place; one that is there stays as it is."""
        if container_map.has_key(self.map(), place):
            return
        self._write_map(container_map.with_key(self._whole_map(), place, f"p11_{secrets.token_hex(16)}"))

    def forget_key(self, place: Place) -> None:
        """Take the key at this place out of the map."""
        self._write_map(container_map.without_key(self._whole_map(), place))

    def _whole_map(self) -> tuple[Container, ...]:
        """The map; one that is lost or was never written is made again from the keys that are there."""
        known = self.map()
        if any(one.is_valid for one in known):
            return known
        for place in places(USUAL_CONTAINERS):
            if self._applet.size_of(place.public) is not None:
                known = container_map.with_key(known, place, f"p11_{secrets.token_hex(16)}")
        return known

    def _write_map(self, containers: tuple[Container, ...]) -> None:
        content = container_map.encode(containers)
        if self._applet.read(CONTAINER_MAP) != content:
            self._applet.replace(CONTAINER_MAP, content, GENERAL)

    # --- metadata -----------------------------------------------------------------------------------------------------

    def read_metadata(self, file_id: int) -> metadata.Metadata | None:
        """What other programs keep in that file; `None` when missing or unreadable."""
        content = self._applet.read(file_id)
        try:
            return None if content is None else metadata.parse(content, f"{file_id:04X}")
        except MalformedCardData:
            return None

    def index(self) -> tuple[int, ...]:
        """The files that other programs list; empty when the index is missing or unreadable."""
        try:
            return metadata.parse_index(self._applet.read(METADATA_INDEX) or b"")
        except MalformedCardData:
            return ()

    def write_metadata(self, file_id: int, content: metadata.Metadata) -> None:
        """Have exactly this metadata, and the file in the index."""
        encoded = content.encode()
        if self._applet.read(file_id) != encoded:
            self._applet.replace(file_id, encoded, GENERAL)
        listed = self.index() or self._described()
        if file_id not in listed:
            self._write_index((*listed, file_id))
        elif listed != self.index():
            self._write_index(listed)

    def drop_metadata(self, *files: int) -> None:
        """Take files out of the index, then remove them."""
        listed = self.index() or self._described()
        left = tuple(file_id for file_id in listed if file_id not in files)
        if left != listed:
            self._write_index(left)
        for file_id in files:
            self._applet.delete(file_id)

    def _described(self) -> tuple[int, ...]:
        """Every object that has metadata, for an index that is lost."""
        files = ((one.public_metadata, one.private_metadata, one.certificate_metadata) for one in self.places())
        return tuple(file_id for three in files for file_id in three if self.read_metadata(file_id) is not None)

    def _write_index(self, files: tuple[int, ...]) -> None:
        size = self._applet.size_of(METADATA_INDEX) or 0
        self._applet.replace(METADATA_INDEX, metadata.encode_index(files, at_least=size), GENERAL)

    # --- certificates -------------------------------------------------------------------------------------------------

    def directory(self) -> Directory:
        """The directory of certificates; one that is missing or unreadable is made again from the metadata."""
        content = self._applet.read(MSCP)
        try:
            return self._from_metadata() if content is None else directory.parse(content, f"{MSCP:04X}")
        except MalformedCardData:
            return self._from_metadata()

    def _from_metadata(self) -> Directory:
        rebuilt = EMPTY_DIRECTORY
        for place in self.places():
            known = self.read_metadata(place.certificate_metadata)
            if known is not None and self.certificate_in(known.file_id) is not None:
                rebuilt = rebuilt.put(Entry(place.certificate_name, known.file_id))
        return rebuilt

    def write_directory(self, wanted: Directory) -> None:
        """Write the directory in place where it fits, so that it is never missing; else make it anew and larger."""
        encoded = wanted.encode()
        size = self._applet.size_of(MSCP)
        if size is not None and len(encoded) <= size:
            self._applet.overwrite(MSCP, encoded)
            return
        self._applet.replace(MSCP, encoded.ljust(directory.room_for(wanted), b"\x00"), GENERAL)

    def certificate_in(self, file_id: int) -> bytes | None:
        """The certificate in a file; `None` when missing or torn."""
        content = self._applet.read(file_id)
        try:
            return None if content is None else certificate_file.parse(content, f"{file_id:04X}")
        except MalformedCardData:
            return None

    # --- counters -----------------------------------------------------------------------------------------------------

    def count_change(self) -> None:
        """Raise both freshness counters, by which other programs learn that their copies are old."""
        content = self._applet.read(CHANGE_COUNTERS)
        if content is None or len(content) < COUNTERS.stop:
            return
        halves = (content[4:6], content[6:8])
        raised = [((int.from_bytes(half, "little") + 1) & 0xFFFF).to_bytes(2, "little") for half in halves]
        self._applet.overwrite(CHANGE_COUNTERS, content[:4] + b"".join(raised))
