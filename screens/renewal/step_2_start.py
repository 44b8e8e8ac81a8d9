"""renewal/2: the clerk starts the renewal; e-mail only if the request asks for it."""

from __future__ import annotations

from kiosk.texts import N_
from screens.bodies.start import StartBody


class StartScreen(StartBody):
    """The e-mail field of the certificate."""

    QUESTION = N_("Започиње обнављање сертификата.")


SCREEN = StartScreen
