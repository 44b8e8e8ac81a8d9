"""The citizen's step of issuance and of renewal: PIN, keys, certificates, write, read back."""

from __future__ import annotations

from kiosk.enrolment.interface import Stage
from kiosk.procedures.evidence import CertificateWritten
from screens.pin_entry import PinEntryScreen


class EnrolmentBody(PinEntryScreen[CertificateWritten]):
    """Every named act of the enrolment is shown."""

    def stages(self) -> tuple[Stage, ...]:
        """All of them."""
        return tuple(Stage)

    def run(self) -> CertificateWritten:
        """The desk does it all."""
        return self.desk.enrol(self.case, self)
