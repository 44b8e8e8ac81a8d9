"""Words for certificates and what becomes of them."""

from __future__ import annotations

from kiosk.ca.interface import StatusAction
from kiosk.status_order import StatusState
from kiosk.status_people import Held, Known
from kiosk.texts import N_, Texts
from screens.parts.words import PROFILES

KNOWN: dict[Known, str] = {
    Known.ACTIVE: N_("активан"),
    Known.SUSPENDED: N_("суспендован"),
    Known.REVOKED: N_("опозван"),
    Known.EXPIRED: N_("истекао"),
}

ACTIONS: dict[StatusAction, str] = {
    StatusAction.REVOKE: N_("ОПОЗИВ"),
    StatusAction.HOLD: N_("СУСПЕНЗИЈА"),
    StatusAction.RELEASE: N_("ПОНОВНА АКТИВАЦИЈА"),
}

DONE: dict[StatusAction, str] = {
    StatusAction.REVOKE: N_("СЕРТИФИКАТИ СУ ОПОЗВАНИ"),
    StatusAction.HOLD: N_("СЕРТИФИКАТИ СУ СУСПЕНДОВАНИ"),
    StatusAction.RELEASE: N_("СЕРТИФИКАТИ СУ ПОНОВО АКТИВНИ"),
}

STATES: dict[StatusState, str] = {
    StatusState.INTENDED: N_("још није послато"),
    StatusState.PREPARED: N_("још није послато"),
    StatusState.SENT: N_("послато, одговор се не зна"),
    StatusState.UNKNOWN: N_("послато, одговор се не зна"),
    StatusState.ANSWERED: N_("одговор је стигао"),
    StatusState.DONE: N_("спроведено"),
    StatusState.REJECTED: N_("одбијено"),
}


def certificate_name(held: Held, texts: Texts) -> str:
    """What a certificate is for; one that only the chip has is not known here."""
    return texts(PROFILES[held.profile]) if held.profile else texts("из чипа")
