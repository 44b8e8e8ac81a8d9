"""issuance/6: the citizen alone types the PIN; the certificates are made, written and read back."""

from __future__ import annotations

from screens.bodies.enrolment import EnrolmentBody


class PinEntryScreen(EnrolmentBody):
    """Citizen mode, then the write."""


SCREEN = PinEntryScreen
