"""issuance/1: the citizen hands over the request with number 1 circled."""

from __future__ import annotations

from kiosk.texts import N_
from screens.bodies.request import RequestBody


class RequestScreen(RequestBody):
    """Образац 1, number 1."""

    OPTION_ITEM = N_("Заокружен је број 1 - Издавање сертификата")


SCREEN = RequestScreen
