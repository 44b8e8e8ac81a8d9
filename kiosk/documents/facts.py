"""What a form is filled in from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import Enum

from kiosk.cases import Citizen
from kiosk.texts import to_latin


class Script(Enum):
    """The script of a form's own text; the citizen's data keep their spelling. Values as in the settings."""

    CYRILLIC = "cyrillic"
    LATIN = "latin"

    def write(self, text: str) -> str:
        """A form's own Cyrillic text in this script."""
        return to_latin(text) if self is Script.LATIN else text

    @property
    def language_tag(self) -> str:
        """BCP 47 tag of a document in this script."""
        return "sr-Latn-RS" if self is Script.LATIN else "sr-Cyrl-RS"


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusFacts:
    """A change of status as a form says it; times as they are written."""

    action: str
    """`revoke`, `hold` or `release`."""
    serials: tuple[str, ...]
    received: str
    in_effect: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FormFacts:
    """All that a form may say; the same facts give the same bytes. `printed_on` is the calendar date at the office."""

    citizen: Citizen | None
    """`None`: a blank form, filled in by hand."""
    case_number: str
    """Empty on a blank form."""
    office_number: str
    office_name: str
    place: str
    clerk: str
    """Service number of the clerk."""
    printed_on: date
    option: int | None = None
    """The number to be circled; `None`: the citizen circles it."""
    email: str | None = None
    """The e-mail asked for in the certificate; empty: asked not to have one; `None`: the citizen has not said yet."""
    contract_number: str | None = None
    status_options: tuple[str, ...] = ("revoke", "hold", "release")
    """What the numbers on Образац 3 stand for, in their order."""
    status: StatusFacts | None = None
    """What has become of the citizen's certificates; `None` before, and on other forms."""
    edition: str = "1"
    """Edition of the form's text, printed on each page."""
    head_code: str = ""
    """Head of the journal when this was printed, `481-7QKM-2X9D-HT4V-0A3P`: what leaves the office holds it."""
    copy: int = 0
    """Number of this copy, from 1; 0 where the copies are alike, because the printer makes them."""

    @property
    def is_blank(self) -> bool:
        """True where the citizen fills the form in by hand."""
        return self.citizen is None

    @property
    def day(self) -> str:
        """The date of printing as it is written: `24.11.2026.`"""
        return written(self.printed_on)


def written(day: date | None) -> str:
    """A date as forms write it: `24.11.2026.`; empty when unknown."""
    return "" if day is None else f"{day:%d.%m.%Y.}"
