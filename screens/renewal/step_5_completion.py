"""renewal/5: the citizen gets the card back; the request alone is filed."""

from __future__ import annotations

from screens.bodies.certificate_result import CertificateResult


class CompletionScreen(CertificateResult):
    """One thing given, one filed."""

    HANDED_OVER = ("id_card",)
    FILED = ("request",)


SCREEN = CompletionScreen
