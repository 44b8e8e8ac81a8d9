"""The citizen's step of issuance and of renewal: PIN, keys, certificates, write, read back."""

from __future__ import annotations

from kiosk.cases import Abandoned, Suspended
from kiosk.desk import FAULTS
from kiosk.enrolment.errors import OrderRejected, WaitsForBundle
from kiosk.enrolment.interface import Stage
from kiosk.procedures.evidence import CertificateWritten
from kiosk.refused_cases import Refusal
from screens.fault import Choice
from screens.pin_entry import Phase, PinEntryScreen
from screens.refused import CAUSE, RefusedScreen, TakingBackScreen
from screens.step_screen import SET_ASIDE
from screens.waits import AWAITS_CERTIFICATE, WaitsScreen


class EnrolmentBody(PinEntryScreen[CertificateWritten]):
    """Every named act of the enrolment is shown. A case that was refused is never asked for a PIN to no purpose."""

    def stages(self) -> tuple[Stage, ...]:
        """All of them."""
        return tuple(Stage)

    def run(self) -> CertificateWritten:
        """The desk does it all."""
        return self.desk.enrol(self.case, self)

    def ask(self) -> None:
        """Unless the authority has refused."""
        if self.is_busy:
            return
        if (refusal := self._refusal()) is not None:
            self._tell(refusal)
        elif self._must_wait():
            self._wait(is_new=False)
        else:
            super().ask()

    def _must_wait(self) -> bool:
        try:
            return self.desk.waiting_cases.must_wait(self.case.id)
        except FAULTS as fault:
            self.on_fault(fault)
            return False

    def _wait(self, *, is_new: bool) -> None:
        """No fault: the certificate comes with a bundle."""
        self.app.push_screen(WaitsScreen(self.case, is_new=is_new), lambda _: self.end(Suspended(AWAITS_CERTIFICATE)))

    def _failed(self, fault: Exception) -> None:
        # After the certificate is on the chip, a release may wait as well: that is told as what it is.
        if isinstance(fault, WaitsForBundle) and self._must_wait():
            self._take_back()
            self.phase = Phase.STARTING
            self._wait(is_new=True)
            return
        refusal = self._refusal() if isinstance(fault, OrderRejected) else None
        if refusal is None:
            super()._failed(fault)
        else:
            self._take_back()
            self._note(fault)
            self._tell(refusal)

    def _note(self, fault: Exception) -> None:
        try:
            self.desk.record_fault(self.case, fault)
        except FAULTS as second:
            self.on_fault(second)

    def _refusal(self) -> Refusal | None:
        try:
            return self.desk.refused_cases.refusal(self.case.id)
        except FAULTS as fault:
            self.on_fault(fault)
            return None

    def _tell(self, refusal: Refusal) -> None:
        def choose(choice: Choice | None) -> None:
            if choice is not Choice.ABANDON:
                self.end(Suspended(SET_ASIDE))
            elif refusal.keys_on_chip:
                self.app.switch_screen(TakingBackScreen(self.case))
            else:
                self.in_background(
                    lambda: self.desk.refused_cases.revoke_rest(self.case.id),
                    lambda _: self.end(Abandoned(CAUSE)),
                    super(EnrolmentBody, self)._failed,
                )

        self.app.push_screen(RefusedScreen(self.case, refusal), choose)
