"""issuance/7: the request, one contract and one copy of the terms are filed; card and the other copies are given."""

from __future__ import annotations

from screens.bodies.certificate_result import CertificateResult


class CompletionScreen(CertificateResult):
    """Three things given, three filed."""

    HANDED_OVER = ("id_card", "agreement", "general_terms")
    FILED = ("request", "agreement", "general_terms")


SCREEN = CompletionScreen
