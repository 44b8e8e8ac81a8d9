"""Is this the citizen: facts and certificates as they are known, and how the identity was established."""

from __future__ import annotations

from kiosk.status_people import Person, Proof
from screens.frame import FrameScreen
from screens.parts.ink import Ink
from screens.parts.lines import Lines
from screens.parts.status_words import KNOWN, certificate_name
from screens.parts.words import PROCEDURE_TITLES

NOBODY = "nobody"
MOST = 5
"""Certificates that are shown; older ones have run out."""


class WhoScreen(FrameScreen[Proof | str | None]):
    """Dismisses with what proved the identity, with `NOBODY`, or with nothing."""

    KEYS = (1, 10, 11)

    def __init__(self, person: Person) -> None:
        super().__init__()
        self.person = person

    @property
    def answers(self) -> tuple[tuple[str, Proof | str], ...]:
        """What the digits 1, 2… say; none where there is no certificate to change."""
        if not self.person.certificates:
            return ()
        no = (self.t("НЕ - идентитет није утврђен"), NOBODY)
        if self.person.proof is Proof.CHIP:
            return ((self.t("ДА - отвори предмет"), Proof.CHIP), no)
        return (
            (self.t("ДА, увидом у личну карту - отвори предмет"), Proof.ID_CARD),
            (self.t("ДА, увидом у пасош - отвори предмет"), Proof.PASSPORT),
            no,
        )

    def title_text(self) -> str:
        """The procedure."""
        return self.t("Нови предмет") + f" · {self.t(PROCEDURE_TITLES['status_change'])}"

    def body(self, lines: Lines) -> None:
        """Who it is, what they have, and the question."""
        citizen = self.person.citizen
        lines.blank()
        lines.field(self.t("Корисник"), citizen.full_name)
        lines.field(self.t("ЈМБГ"), citizen.personal_number)
        lines.field(self.t("Карта"), f"{citizen.document_number}  {citizen.issuing_authority}")
        lines.blank()
        lines.heading(self.t("Сертификати"))
        for one in self.person.certificates[:MOST]:
            end = self.t("до {date}", date=f"{one.not_after.astimezone():%d.%m.%Y.}")
            name = certificate_name(one, self.station.texts)
            lines.add((f"  {name:12} {end:15} {self.t(KNOWN[one.known])}", Ink.PLAIN))
        if not self.person.certificates:
            lines.text(self.t("Нема сертификата у архиви ни у чипу: овде нема чему да се мења статус."), Ink.WARNING)
            return
        lines.blank()
        lines.text(self.t("Да ли је грађанин пред вама ова особа?"), Ink.STRONG)
        for number, (said, _) in enumerate(self.answers, start=1):
            lines.choice(str(number), said)

    def status(self) -> str:
        """Where the facts come from."""
        if self.person.proof is Proof.CHIP:
            return self.t("Подаци су са чипа и проверени су.")
        return self.t("Подаци су из архиве: идентитет утврђујете ви.")

    def hint(self) -> str:
        """The digits."""
        return self.t("Упоредите лице, па цифра · Esc = назад") if self.answers else self.t("Esc = назад")

    def press_digit(self, digit: int) -> None:
        """Answer."""
        if 1 <= digit <= len(self.answers):
            self.dismiss(self.answers[digit - 1][1])

    def press_escape(self) -> None:
        """Back."""
        self.dismiss(None)
