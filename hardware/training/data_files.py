"""The files of the data applet for an invented citizen, signed by the TEST authority."""

from __future__ import annotations

import hashlib
from datetime import date

from hardware import tlv
from hardware.interface import DocumentType
from hardware.training.citizens import TrainingCitizen
from hardware.training.portrait import draw_portrait
from hardware.training.test_authority import sign_digests

DOCUMENT, FIXED, VARIABLE, PORTRAIT, SOD_FIXED, SOD_VARIABLE = 0x0F02, 0x0F03, 0x0F04, 0x0F06, 0x0F1C, 0x0F1D
INNER_TAG = 0x0001
"""Inner tag of portrait and signature; the real number is not published and readers skip it."""


def data_files(citizen: TrainingCitizen, today: date) -> dict[int, bytes]:
    """Every file with its header, as it lies on the card; a card of 2008 has none that can be selected."""
    if citizen.is_apollo:
        return {}
    files = {
        DOCUMENT: container(DOCUMENT, _fields(_document(citizen, today))),
        FIXED: container(FIXED, _fields(_fixed(citizen))),
        VARIABLE: container(VARIABLE, _fields(_variable(citizen))),
        PORTRAIT: container(PORTRAIT, container(INNER_TAG, draw_portrait(citizen.key))),
    }
    files[SOD_FIXED] = signature(SOD_FIXED, [files[DOCUMENT], files[FIXED], files[PORTRAIT]])
    files[SOD_VARIABLE] = signature(SOD_VARIABLE, [files[VARIABLE]])
    return files


def container(tag: int, content: bytes) -> bytes:
    """Header and content: tag and length, little-endian."""
    return tlv.encode([(tag, content)])


def signature(file_id: int, signed: list[bytes]) -> bytes:
    """The file that signs these whole containers: CMS over their SHA-256 digests."""
    digests = b"".join(hashlib.sha256(one).digest() for one in signed)
    return container(file_id, container(INNER_TAG, sign_digests(digests)))


def _fields(values: dict[int, str]) -> bytes:
    return tlv.encode((tag, value.encode("utf-8")) for tag, value in sorted(values.items()) if value)


def _day(day: date) -> str:
    return f"{day:%d%m}{day.year:04d}"


def _document(citizen: TrainingCitizen, today: date) -> dict[int, str]:
    return {
        1545: "SRB",
        1546: citizen.document_number,
        1547: citizen.document_type.value,
        1548: f"{citizen.document_number}0",
        1549: _day(citizen.issued(today)),
        1550: _day(citizen.expiry(today)),
        1551: citizen.issuing_authority,
        1681: f"TEST{citizen.document_number}0" if citizen.document_type is DocumentType.FOREIGNER_CARD else "",
        1682: "ДОЗВОЛА БОРАВКА" if citizen.document_type is DocumentType.RESIDENCE_PERMIT else "",
    }


def _fixed(citizen: TrainingCitizen) -> dict[int, str]:
    return {
        1558: citizen.personal_number,
        1559: citizen.surname,
        1560: citizen.given_name,
        1561: citizen.parent_given_name,
        1562: citizen.sex,
        1563: citizen.place_of_birth,
        1564: citizen.community_of_birth,
        1565: citizen.state_of_birth,
        1566: _day(citizen.born),
        1567: citizen.state_code,
        1582: citizen.status_of_foreigner,
        1583: citizen.nationality,
    }


def _variable(citizen: TrainingCitizen) -> dict[int, str]:
    return {
        1568: "SRB",
        1569: citizen.community,
        1570: citizen.place,
        1571: citizen.street,
        1572: citizen.house_number,
        1573: citizen.house_letter,
        1575: citizen.floor,
        1578: citizen.apartment,
        1580: "01012020",
    }
