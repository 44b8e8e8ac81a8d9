"""Why a certificate is revoked, in the citizen's words, and as a revocation list says it (RFC 5280, 5.3.1)."""

from __future__ import annotations

from kiosk.ca.interface import RevocationReason
from kiosk.texts import N_

REASONS: dict[str, tuple[str, RevocationReason]] = {
    "lost": (N_("Карта је изгубљена или украдена"), RevocationReason.KEY_COMPROMISE),
    "pin_known": (N_("Неко други зна ПИН или је користио карту"), RevocationReason.KEY_COMPROMISE),
    "data_changed": (N_("Подаци о кориснику су се променили"), RevocationReason.AFFILIATION_CHANGED),
    "replaced": (N_("Карта или сертификат су замењени новим"), RevocationReason.SUPERSEDED),
    "not_needed": (N_("Корисник више не жели сертификат"), RevocationReason.CESSATION_OF_OPERATION),
    "decision": (N_("Одлука суда или надлежног органа"), RevocationReason.PRIVILEGE_WITHDRAWN),
    "not_said": (N_("Корисник не наводи разлог"), RevocationReason.UNSPECIFIED),
}
"""What evidence keeps; then what the clerk reads; then what the authority is told."""

UNDELIVERED: dict[str, tuple[str, RevocationReason]] = {
    "card_replaced": (N_("Карта је замењена новом"), RevocationReason.SUPERSEDED),
    "data_wrong": (N_("Подаци у сертификату нису тачни"), RevocationReason.SUPERSEDED),
    "key_gone": (N_("Кључ у чипу је уништен или карта не ради"), RevocationReason.CESSATION_OF_OPERATION),
    "deadline_over": (N_("Рок је прошао, корисник се није вратио"), RevocationReason.CESSATION_OF_OPERATION),
}
"""Why a certificate that never came onto its card is revoked. Never for a compromised key: nobody has had it."""


def reason_code(key: str) -> RevocationReason:
    """What the authority is told; unspecified where nothing is revoked. Raises `KeyError` for a key of nobody's."""
    return REASONS[key][1] if key else RevocationReason.UNSPECIFIED
