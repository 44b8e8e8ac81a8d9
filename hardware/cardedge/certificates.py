"""Certificates in the applet: a new one is complete and read back before the directory points to it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from cryptography import x509
from cryptography.x509.oid import NameOID

from hardware.bad_certificates import BAD_CERTIFICATE
from hardware.cardedge import certificate_file, metadata
from hardware.cardedge.applet import CardEdgeApplet
from hardware.cardedge.books import Books
from hardware.cardedge.directory import Directory, Entry
from hardware.cardedge.layout import FIRST_CERTIFICATE, GENERAL, MSCP, Place
from hardware.errors import CardFull, MalformedCardData
from hardware.interface import StoredCertificate

CERTIFICATE_FILES = range(FIRST_CERTIFICATE, MSCP + 0x100)
BEYOND_USUAL = range(FIRST_CERTIFICATE + 16, CERTIFICATE_FILES.stop)


class Certificates:
    """The certificates of one token. The applet must be selected."""

    def __init__(self, applet: CardEdgeApplet, books: Books) -> None:
        self._applet = applet
        self._books = books

    def all(self, key_ids: dict[Place, bytes]) -> tuple[StoredCertificate, ...]:
        """Every certificate the directory lists; `key_ids` names the keys beside them."""
        listed = self._books.directory()
        return tuple(
            self._stored(place, entry.file_id, key_ids.get(place))
            for place in self._books.places()
            if (entry := listed.find(place.certificate_name)) is not None
        )

    def _stored(self, place: Place, file_id: int, key_id: bytes | None) -> StoredCertificate:
        known = self._books.read_metadata(place.certificate_metadata)
        return StoredCertificate(
            key_id=key_id or (known.key_id if known else b""),
            certificate=self._books.certificate_in(file_id) or b"",
            label=known.label if known else place.certificate_name,
        )

    def read(self, place: Place) -> bytes | None:
        """The certificate of a place; `None` if there is none. Raises `MalformedCardData` for a torn one."""
        entry = self._books.directory().find(place.certificate_name)
        content = None if entry is None else self._applet.read(entry.file_id)
        return None if content is None else certificate_file.parse(content, place.certificate_name)

    def write(self, place: Place, key_id: bytes, certificate: bytes) -> None:
        """Write the file and read it back, then list it, then remove the one it takes the place of.

        The same bytes again change nothing, but finish what a cut left undone.
        """
        listed = self._books.directory()
        old = listed.find(place.certificate_name)
        if old is not None and self._books.certificate_in(old.file_id) == certificate:
            self._describe(place, key_id, old.file_id, certificate)
            self._sweep(place, listed)
            return
        file_id = self._write_file(place, listed, certificate)
        self._books.write_directory(listed.put(Entry(place.certificate_name, file_id)))
        self._describe(place, key_id, file_id, certificate)
        if old is not None:
            self._applet.delete(old.file_id)
        self._books.count_change()

    def _write_file(self, place: Place, listed: Directory, certificate: bytes) -> int:
        """Into the usual file, or one beyond every usual file; what lies there unlisted was left by a cut."""
        file_id = next(_unlisted(place, listed), None)
        if file_id is None:
            raise CardFull
        self._applet.delete(file_id)
        self._applet.create(file_id, certificate_file.encode(certificate), GENERAL)
        if self._books.certificate_in(file_id) != certificate:
            raise MalformedCardData(place.certificate_name)
        return file_id

    def _sweep(self, place: Place, listed: Directory) -> None:
        """Remove the file that was replaced when a cut came before that: it lies where the next one would go."""
        for file_id in islice(_unlisted(place, listed), 2):
            self._applet.delete(file_id)

    def _describe(self, place: Place, key_id: bytes, file_id: int, certificate: bytes) -> None:
        """Have metadata by which PKCS#11 programs find the certificate; labelled with its common name."""
        label, subject = _name_in(certificate)
        self._books.write_metadata(
            place.certificate_metadata,
            metadata.Metadata(kind=metadata.CERTIFICATE, file_id=file_id, key_id=key_id, label=label, subject=subject),
        )

    def remove(self, place: Place) -> bool:
        """Take a certificate out of the directory, then remove it and its metadata. False if there was none."""
        listed = self._books.directory()
        entry = listed.find(place.certificate_name)
        known = self._books.read_metadata(place.certificate_metadata)
        if entry is None and known is None:
            return False
        left = listed.drop(place.certificate_name)
        if entry is not None:
            self._books.write_directory(left)
        self._remove_files(left, *(one.file_id for one in (entry, known) if one is not None))
        self._books.drop_metadata(place.certificate_metadata)
        self._books.count_change()
        return True

    def _remove_files(self, listed: Directory, *files: int) -> None:
        """Remove certificate files that are not listed; metadata may be wrong about what belongs to it."""
        taken = {entry.file_id for entry in listed.entries}
        for file_id in set(files) - taken:
            if file_id in CERTIFICATE_FILES:
                self._applet.delete(file_id)


def _unlisted(place: Place, listed: Directory) -> Iterator[int]:
    """Where a new certificate of that place may go, the usual file first."""
    taken = {entry.file_id for entry in listed.entries}
    return (one for one in (place.usual_certificate_file, *BEYOND_USUAL) if one not in taken)


def _name_in(certificate: bytes) -> tuple[str, bytes]:
    """Common name and subject (DER); empty for a certificate that does not parse, which is the caller's to judge."""
    try:
        subject = x509.load_der_x509_certificate(certificate).subject
        names = subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    except BAD_CERTIFICATE:
        return "", b""
    return (str(names[0].value) if names else ""), subject.public_bytes()
