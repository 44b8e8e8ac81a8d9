"""issuance/5: the activation data (PIN), known to the citizen alone, is needed now."""

from __future__ import annotations

from screens.bodies.activation_data import ActivationDataBody


class ActivationDataScreen(ActivationDataBody):
    """How the PIN will be taken, and how many tries are left."""


SCREEN = ActivationDataScreen
