"""What every step screen shows, and how the screen of a step is found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Generic, TypeVar

from textual.message import Message

from kiosk.cases import Abandoned, Case, Completed, Outcome, Suspended, step_back
from kiosk.procedures.evidence import Evidence
from kiosk.procedures.step import Procedure, Step
from kiosk.texts import Texts
from screens.frame import BODY_HEIGHT, WIDTH, FrameScreen
from screens.parts.ink import Ink
from screens.parts.lines import Line, Lines
from screens.parts.printing import print_papers
from screens.parts.step_rail import WIDTH as RAIL
from screens.parts.step_rail import step_rail

E = TypeVar("E", bound=Evidence)

SET_ASIDE = "set_aside"
"""Reason of a case that the clerk left for later."""


@dataclass(frozen=True, slots=True)
class GoBack:
    """The clerk goes one step back for a correction."""


@dataclass(frozen=True, slots=True)
class UnblockFirst:
    """The citizen does not know the PIN: the unblock comes first, and leads back into this case."""


Result = Outcome[Evidence] | GoBack | UnblockFirst


class StepFinished(Message):
    """A step has ended, one way or another."""

    def __init__(self, case: Case, result: Result) -> None:
        super().__init__()
        self.case = case
        self.result = result


class StepScreen(FrameScreen[None], Generic[E]):
    """One numbered step. Ends by posting `StepFinished`, once."""

    KEYS: tuple[int, ...] = (1, 3, 8, 10, 11, 12)

    def __init__(self, case: Case) -> None:
        super().__init__()
        self.case = case
        self._is_finished = False

    # --- how it ends --------------------------------------------------------------------------------------------------

    def complete(self, evidence: E) -> None:
        """The step is done; this is what it records."""
        self.end(Completed(evidence))

    def end(self, result: Result) -> None:
        """Hand over to the station. A key pressed twice must not record twice."""
        if not self._is_finished:
            self._is_finished = True
            self.app.post_message(StepFinished(self.case, result))

    # --- what it says -------------------------------------------------------------------------------------------------

    def title_text(self) -> str:
        """Case and step."""
        step = self.case.step
        return self.t("Предмет {case}", case=self.case.id) + f" · {step.number} {self.t(step.title)}"

    def help_topics(self) -> list[tuple[str, str]]:
        """The published words of this step, and of the precondition."""
        procedure, step = self.case.procedure, self.case.step
        said = (
            self.t("Објављени текст, корак {number}", number=step.number)
            if procedure.published
            else self.t("Наше тумачење, корак {number}", number=step.number)
        )
        return [(said, self.t(step.wording)), (self.t("Предуслов"), self.t(procedure.precondition))]

    def help_source(self) -> str:
        """The ministry's words, or ours."""
        return said_by(self.case.procedure, self.station.texts)

    def _body_lines(self) -> list[Line]:
        rail = step_rail(self.case, self.station.texts, BODY_HEIGHT)
        right = Lines(WIDTH - RAIL - 4)
        right.blank()
        self.body(right)
        body = right.lines + [()] * (BODY_HEIGHT - len(right.lines))
        return [(*left, (" ", Ink.PLAIN), *line) for left, line in zip(rail, body, strict=False)]

    def key_names(self) -> Mapping[int, str]:
        """F7 only where the step has papers."""
        names = dict(super().key_names())
        if self.desk.papers(self.case):
            names[7] = self.t("Штампа")
        return names

    # --- keys ---------------------------------------------------------------------------------------------------------

    def press_escape(self) -> None:
        """One step back; from the first step to the list, the case set aside. Nothing recorded is lost."""
        if self.is_busy:
            return
        if self.case.at == 1:
            self.press_f3()
        elif step_back(self.case) is self.case:
            self.announce("Чип је већ измењен: назад се не може. F3 одлаже предмет.")
        else:
            self.end(GoBack())

    def press_f3(self) -> None:
        """To the list; the case stays open."""
        if not self.is_busy:
            self.end(Suspended(SET_ASIDE))

    def press_f7(self) -> None:
        """Print the papers of this step."""
        if not self.is_busy and self.desk.papers(self.case):
            print_papers(self)

    def press_f12(self) -> None:
        """Abandon the case, with a cause; not once a key may be on the chip."""
        if self.is_busy:
            return
        if not self.desk.can_cancel(self.case):
            self.announce("Кључ је можда већ у чипу: предмет се не прекида, F3 га одлаже.")
            return
        from screens.causes import CausesScreen

        self.app.push_screen(CausesScreen(self.case), self.abandon)

    def abandon(self, cause: str | None) -> None:
        """End the case with that cause; without one, nothing happens."""
        if cause:
            self.end(Abandoned(cause))


def said_by(procedure: Procedure, texts: Texts) -> str:
    """Whose words the help quotes."""
    if procedure.published:
        return texts("Текст поступка је наведен од речи до речи, како је објављен.")
    return texts("Овај поступак није објављен по корацима: речи су наше.")


def module_of(procedure_key: str, step: Step) -> str:
    """Step 5 of issuance is `screens.issuance.step_5_activation_data`, always."""
    return f"screens.{procedure_key}.{step.module}"


def screen_for(case: Case) -> StepScreen[Any]:
    """The screen of the step the case stands at; its module is imported on first use."""
    screen: StepScreen[Any] = import_module(module_of(case.procedure_key, case.step)).SCREEN(case)
    return screen
