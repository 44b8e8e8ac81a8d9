"""The last step after a write: the numbers of both certificates above the lists."""

from __future__ import annotations

from kiosk.procedures.evidence import CertificateWritten
from screens.bodies.completion import CompletionBody
from screens.parts.lines import Lines


class CertificateResult(CompletionBody):
    """What was written and read back."""

    def write_result(self, lines: Lines) -> None:
        """Serial numbers, shortened to the line."""
        written = [e for e in self.case.evidence.values() if isinstance(e, CertificateWritten)]
        if written:
            room = lines.width - 16
            lines.field(self.t("За пријаву"), written[-1].authentication_serial[:room])
            lines.field(self.t("За потпис"), written[-1].signature_serial[:room])
