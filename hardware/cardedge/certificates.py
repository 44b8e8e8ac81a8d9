"""Certificates in the applet: a new one is complete and read back before the directory points to it."""

from __future__ import annotations

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

BEYOND_USUAL = range(FIRST_CERTIFICATE + 16, MSCP + 0x100)


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
            return
        file_id = self._write_file(place, listed, certificate)
        self._books.write_directory(listed.put(Entry(place.certificate_name, file_id)))
        self._describe(place, key_id, file_id, certificate)
        if old is not None:
            self._applet.delete(old.file_id)
        self._books.count_change()

    def _write_file(self, place: Place, listed: Directory, certificate: bytes) -> int:
        """Into the usual file, or one beyond every usual file; what lies there unlisted was left by a cut."""
        taken = {entry.file_id for entry in listed.entries}
        candidates: tuple[int, ...] = (place.usual_certificate_file, *BEYOND_USUAL)
        file_id = next((one for one in candidates if one not in taken), None)
        if file_id is None:
            raise CardFull
        self._applet.delete(file_id)
        self._applet.create(file_id, certificate_file.encode(certificate), GENERAL)
        if self._books.certificate_in(file_id) != certificate:
            raise MalformedCardData(place.certificate_name)
        return file_id

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
        if entry is not None:
            self._books.write_directory(listed.drop(place.certificate_name))
            self._applet.delete(entry.file_id)
        elif self._books.read_metadata(place.certificate_metadata) is None:
            return False
        self._books.drop_metadata(place.certificate_metadata)
        self._books.count_change()
        return True


def _name_in(certificate: bytes) -> tuple[str, bytes]:
    """Common name and subject (DER); empty for a certificate that does not parse, which is the caller's to judge."""
    try:
        subject = x509.load_der_x509_certificate(certificate).subject
        names = subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    except BAD_CERTIFICATE:
        return "", b""
    return (str(names[0].value) if names else ""), subject.public_bytes()
