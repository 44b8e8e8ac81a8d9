"""Invented citizens for training. Nobody has these names or numbers: the region in each JMBG was never assigned."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import Enum

from hardware.interface import DocumentType
from hardware.jmbg import check_digit

UNASSIGNED_REGION = "70"
UNASSIGNED_FOREIGN_REGION = "05"


class CertificateState(Enum):
    """What the key part of a card holds when the citizen comes."""

    NONE = "none"
    EXPIRED = "expired"
    """Both key pairs, with TEST certificates that ended last month."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingCitizen:
    """An invented citizen and the card as it was handed out. `valid_days` counts from the day the card is made."""

    key: str
    surname: str
    given_name: str
    parent_given_name: str = ""
    sex: str
    born: date
    place_of_birth: str = ""
    community_of_birth: str = ""
    state_of_birth: str = "СРБИЈА"
    state_code: str = "SRB"
    nationality: str = ""
    status_of_foreigner: str = ""
    community: str
    place: str
    street: str
    house_number: str
    house_letter: str = ""
    floor: str = ""
    apartment: str = ""
    document_type: DocumentType = DocumentType.IDENTITY_CARD
    document_number: str
    issuing_authority: str
    valid_days: int = 9 * 365
    personal_number: str
    pin: bytes = field(repr=False)
    """Training digits; a real citizen's PIN is known to nobody but the citizen."""
    new_pin: bytes = field(repr=False)
    """What this citizen chooses when asked for a new PIN."""
    pin_tries: int = 3
    certificates: CertificateState = CertificateState.NONE
    token_serial: str = ""
    """Serial of the key part; empty: as on a real card, «ID» and the document number."""
    is_apollo: bool = False
    """The generation of 2008, which carries no certificates."""

    @property
    def serial(self) -> str:
        return self.token_serial or f"ID{self.document_number}"

    def expiry(self, today: date) -> date:
        """Last day of the card, when it is made today."""
        return today + timedelta(days=self.valid_days)

    def issued(self, today: date) -> date:
        """Ten years before the last day, less one."""
        return self.expiry(today) - timedelta(days=3652)


def invented_number(born: date, serial: int, region: str = UNASSIGNED_REGION) -> str:
    """A personal number with a right check digit in a region that was never assigned."""
    first = f"{born:%d%m}{born.year % 1000:03d}{region}{serial:03d}"
    return f"{first}{check_digit(first)}"


def _by_key(citizens: Iterable[TrainingCitizen]) -> dict[str, TrainingCitizen]:
    return {citizen.key: citizen for citizen in citizens}


CITIZENS: dict[str, TrainingCitizen] = _by_key(
    (
        TrainingCitizen(
            key="jovana",
            surname="ИЗМИШЉЕНОВИЋ",
            given_name="ЈОВАНА",
            parent_given_name="ПРОБИСЛАВ",
            sex="Ж",
            born=date(1990, 3, 14),
            place_of_birth="НОВИ САД",
            community_of_birth="НОВИ САД",
            community="НОВИ САД",
            place="НОВИ САД",
            street="УЛИЦА ОБУКЕ",
            house_number="12",
            house_letter="А",
            floor="3",
            apartment="14",
            document_number="990000011",
            issuing_authority="ПУ НОВИ САД",
            personal_number=invented_number(date(1990, 3, 14), 511),
            pin=b"583016",
            new_pin=b"270495",
        ),
        TrainingCitizen(
            key="marko",
            surname="PROBNIĆ",
            given_name="MARKO",
            parent_given_name="IZMIŠLJEN",
            sex="M",
            born=date(1985, 11, 2),
            place_of_birth="SUBOTICA",
            community_of_birth="SUBOTICA",
            state_of_birth="SRBIJA",
            community="SUBOTICA",
            place="SUBOTICA",
            street="ULICA OBUKE",
            house_number="7",
            document_number="990000022",
            issuing_authority="PU SUBOTICA",
            personal_number=invented_number(date(1985, 11, 2), 12),
            pin=b"702594",
            new_pin=b"16380",
        ),
        TrainingCitizen(
            key="dugacka",
            surname="ИЗМИШЉЕНОВИЋ-ПРОБНИЧАНИН-ОБУЧЕВИЋ",
            given_name="АЛЕКСАНДРИНА КОНСТАНТИНИЈА",
            parent_given_name="МАКСИМИЛИЈАН ПРОБИСЛАВ",
            sex="Ж",
            born=date(1978, 7, 29),
            place_of_birth="СРЕМСКА МИТРОВИЦА",
            community_of_birth="СРЕМСКА МИТРОВИЦА",
            community="ГРАД БЕОГРАД - САВСКИ ВЕНАЦ",
            place="БЕОГРАД (САВСКИ ВЕНАЦ)",
            street="УЛИЦА НАЈДУЖЕГ ИЗМИШЉЕНОГ ИМЕНА ЗА ПРОВЕРУ ПРЕЛОМА РЕДОВА",
            house_number="104",
            house_letter="Ђ",
            floor="11",
            apartment="238",
            document_number="990000033",
            issuing_authority="ПУ ЗА ГРАД БЕОГРАД",
            personal_number=invented_number(date(1978, 7, 29), 713),
            pin=b"49160372",
            new_pin=b"83517204",
        ),
        TrainingCitizen(
            key="stranac",
            surname="EXAMPLE",
            given_name="JOHN TRAINING",
            sex="M",
            born=date(1992, 2, 20),
            state_of_birth="ИЗМИШЉЕНА ДРЖАВА",
            state_code="XXA",
            nationality="ИЗМИШЉЕНА ДРЖАВА",
            status_of_foreigner="СТАЛНО НАСТАЊЕН СТРАНАЦ",
            community="НИШ",
            place="НИШ",
            street="УЛИЦА ОБУКЕ",
            house_number="45",
            document_type=DocumentType.FOREIGNER_CARD,
            document_number="990000044",
            issuing_authority="ПУ НИШ",
            personal_number=invented_number(date(1992, 2, 20), 44, UNASSIGNED_FOREIGN_REGION),
            pin=b"9174",
            new_pin=b"60283",
        ),
        TrainingCitizen(
            key="boravak",
            surname="SPECIMEN",
            given_name="MARIA",
            sex="F",
            born=date(1988, 5, 6),
            state_of_birth="ИЗМИШЉЕНА ДРЖАВА",
            state_code="XXA",
            nationality="ИЗМИШЉЕНА ДРЖАВА",
            community="КРАГУЈЕВАЦ",
            place="КРАГУЈЕВАЦ",
            street="УЛИЦА ОБУКЕ",
            house_number="9",
            document_type=DocumentType.RESIDENCE_PERMIT,
            document_number="990000055",
            issuing_authority="ПУ КРАГУЈЕВАЦ",
            personal_number=invented_number(date(1988, 5, 6), 655, UNASSIGNED_FOREIGN_REGION),
            pin=b"381602",
            new_pin=b"749135",
        ),
        TrainingCitizen(
            key="istekla",
            surname="СТАРИЋ-ПРОБНИ",
            given_name="ИСТОМИР",
            parent_given_name="ОБУЧИСЛАВ",
            sex="М",
            born=date(1969, 9, 9),
            place_of_birth="ЗАЈЕЧАР",
            community_of_birth="ЗАЈЕЧАР",
            community="ЗАЈЕЧАР",
            place="ЗАЈЕЧАР",
            street="УЛИЦА ОБУКЕ",
            house_number="66",
            document_number="990000066",
            issuing_authority="ПУ ЗАЈЕЧАР",
            valid_days=-300,
            personal_number=invented_number(date(1969, 9, 9), 66),
            pin=b"615048",
            new_pin=b"927361",
        ),
        TrainingCitizen(
            key="blokiran",
            surname="ЗАБОРАВИЋ",
            given_name="БЛАГОЈЕ",
            parent_given_name="ПРОБИСЛАВ",
            sex="М",
            born=date(1995, 12, 1),
            place_of_birth="ЧАЧАК",
            community_of_birth="ЧАЧАК",
            community="ЧАЧАК",
            place="ЧАЧАК",
            street="УЛИЦА ОБУКЕ",
            house_number="3",
            house_letter="Б",
            document_number="990000077",
            issuing_authority="ПУ ЧАЧАК",
            personal_number=invented_number(date(1995, 12, 1), 77),
            pin=b"840627",
            new_pin=b"395814",
            pin_tries=0,
        ),
        TrainingCitizen(
            key="milan",
            surname="ОБНОВИЋ",
            given_name="МИЛАН",
            parent_given_name="ИЗМИСЛАВ",
            sex="М",
            born=date(1982, 6, 17),
            place_of_birth="ВАЉЕВО",
            community_of_birth="ВАЉЕВО",
            community="ВАЉЕВО",
            place="ВАЉЕВО",
            street="УЛИЦА ОБУКЕ",
            house_number="21",
            apartment="5",
            document_number="990000088",
            issuing_authority="ПУ ВАЉЕВО",
            valid_days=4 * 365,
            personal_number=invented_number(date(1982, 6, 17), 88),
            pin=b"52903718",
            new_pin=b"461079",
            certificates=CertificateState.EXPIRED,
        ),
        TrainingCitizen(
            key="apolo",
            surname="ДАВНИЋ",
            given_name="АПОЛОНИЈА",
            parent_given_name="ПРОБИСЛАВ",
            sex="Ж",
            born=date(1971, 10, 10),
            community="БОР",
            place="БОР",
            street="УЛИЦА ОБУКЕ",
            house_number="8",
            document_number="990000099",
            issuing_authority="ПУ БОР",
            personal_number=invented_number(date(1971, 10, 10), 599),
            pin=b"203968",
            new_pin=b"758204",
            is_apollo=True,
        ),
    )
)
"""The invented citizens by their keys."""
