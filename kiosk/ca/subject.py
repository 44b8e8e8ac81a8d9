"""A citizen as the subject of a certificate (ETSI EN 319 412-2, 4.2.4), spelled as on the chip."""

from __future__ import annotations

import re
import unicodedata

from cryptography import x509

from kiosk.ca import der
from kiosk.ca.interface import Profile, SubjectData
from kiosk.ca.practice import TEST_PRACTICE, Practice

COMMON_NAME_LETTERS = 64
"""Upper bound of commonName in characters (RFC 5280, A.1, ub-common-name); the X.509 library counts bytes instead."""
ROLE = {Profile.SIGNATURE: "Sign", Profile.AUTHENTICATION: "Auth"}

_COUNTRY = "2.5.4.6"
_SURNAME = "2.5.4.4"
_GIVEN_NAME = "2.5.4.42"
_COMMON_NAME = "2.5.4.3"
_SERIAL_NUMBER = "2.5.4.5"


class UnusableSubject(Exception):
    """The data cannot become a subject. `field` names the one that cannot, never its content."""

    def __init__(self, field: str) -> None:
        super().__init__(f"unusable for a subject: {field}")
        self.field = field


def subject_name(subject: SubjectData, profile: Profile, practice: Practice = TEST_PRACTICE) -> x509.Name:
    """The distinguished name: C, SN, GN, CN, serialNumber; a name the chip does not have is left out.

    Raises `UnusableSubject`.
    """
    _check(subject)
    # Through DER, because building a Name attribute by attribute refuses more than 32 Cyrillic letters in a CN.
    parts = [_part(_COUNTRY, der.printable_string(subject.country))]
    if subject.surname:
        parts.append(_part(_SURNAME, der.utf8_string(subject.surname)))
    if subject.given_name:
        parts.append(_part(_GIVEN_NAME, der.utf8_string(subject.given_name)))
    parts.append(_part(_COMMON_NAME, der.utf8_string(common_name(subject, profile))))
    parts.append(_serial_numbers(subject, practice))
    return x509.Name.from_bytes(der.sequence(*parts))


def common_name(subject: SubjectData, profile: Profile) -> str:
    """Surname, given name, document number and `Sign` or `Auth`, at most 64 characters.

    A longer one is shortened in this order, only as far as needed: the given names become initials; of these only the
    first stays, and the surname is cut. SN and GN always hold the names whole, so nothing that identifies is lost.
    """
    tail = f"{subject.document_number} {ROLE[profile]}"
    initials = [f"{name[0]}." for name in subject.given_name.split()]
    for given_name in (subject.given_name, " ".join(initials)):
        whole = _joined(subject.surname, given_name, tail)
        if len(whole) <= COMMON_NAME_LETTERS:
            return whole
    rest = _joined(*initials[:1], tail)
    return _joined(subject.surname[: COMMON_NAME_LETTERS - len(rest) - 1].rstrip(" -"), rest)


def _joined(*parts: str) -> str:
    return " ".join(part for part in parts if part)


def _serial_numbers(subject: SubjectData, practice: Practice) -> bytes:
    """Who it is (EN 319 412-1, 5.1.3); where the practice has it, the document too, in the same RDN."""
    person = der.sequence(der.oid(_SERIAL_NUMBER), der.printable_string(f"PNORS-{subject.personal_number}"))
    if not practice.second_serial_number:
        return der.set_of_one(person)
    document = der.sequence(der.oid(_SERIAL_NUMBER), der.printable_string(f"CA:RS-{subject.document_number}"))
    # DER sorts the members of a SET OF by their encoding (X.690, 11.6).
    return der.tlv(0x31, b"".join(sorted((person, document))))


def _part(attribute: str, value: bytes) -> bytes:
    return der.set_of_one(der.sequence(der.oid(attribute), value))


def _check(subject: SubjectData) -> None:
    usable = {
        "country": re.fullmatch("[A-Z]{2}", subject.country),
        "personal_number": re.fullmatch("[0-9]{13}", subject.personal_number),
        "document_number": re.fullmatch("[0-9]{9}", subject.document_number),
        "surname": _is_plain(subject.surname),
        "given_name": _is_plain(subject.given_name),
        "name": subject.surname or subject.given_name,
    }
    for field, good in usable.items():
        if not good:
            raise UnusableSubject(field)


def _is_plain(text: str) -> bool:
    """No control or unassigned characters, no lone surrogates, no space at either end."""
    return text == text.strip() and not any(unicodedata.category(letter).startswith("C") for letter in text)
