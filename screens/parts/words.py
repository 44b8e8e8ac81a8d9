"""Words for values that more than one screen names."""

from __future__ import annotations

from hardware.interface import PinMethod, SlotState
from kiosk.texts import N_, Texts

PROCEDURE_TITLES: dict[str, str] = {
    "issuance": N_("ИЗДАВАЊЕ"),
    "renewal": N_("ОБНАВЉАЊЕ"),
    "unblock": N_("ДЕБЛОКАДА"),
    "status_change": N_("ПРОМЕНА СТАТУСА"),
}

SHORT_TITLES: dict[str, str] = {
    "issuance": N_("изд."),
    "renewal": N_("обн."),
    "unblock": N_("дебл."),
    "status_change": N_("стат."),
}

CASE_STATUS: dict[str, str] = {
    "open": N_("отворен"),
    "suspended": N_("одложен"),
    "completed": N_("завршен"),
    "abandoned": N_("прекинут"),
}

CASE_REASON: dict[str, str] = {
    "set_aside": N_("одложен на столу"),
    "unblock_first": N_("чека деблокаду"),
    "awaits_certificate": N_("чека сертификат"),
}


def case_reason(reason: str, texts: Texts) -> str:
    """Why a case waits or was ended: a key of ours in words, a listed cause translated, a typed one as it was typed."""
    return texts.look_up(CASE_REASON.get(reason, reason))


PROFILES: dict[str, str] = {
    "authentication": N_("за пријаву"),
    "signature": N_("за потпис"),
}

SLOT: dict[SlotState, str] = {
    SlotState.NO_SERVICE: N_("служба читача не ради - покрените pcscd"),
    SlotState.NO_READER: N_("читач није прикључен"),
    SlotState.NO_DRIVER: N_("читач је прикључен, али за њега нема програма - пакет libccid"),
    SlotState.READER_UNAVAILABLE: N_("читач је прикључен, али не ради"),
    SlotState.EMPTY: N_("празан - убаците личну карту"),
    SlotState.CARD: N_("карта је у читачу"),
    SlotState.MUTE: N_("карта не одговара - обрните је или обришите чип"),
}

PIN_METHOD: dict[str, str] = {
    PinMethod.PINPAD.value: N_("читач са тастатуром за ПИН"),
    PinMethod.KEYPAD.value: N_("тастатура корисника"),
    PinMethod.TERMINAL.value: N_("терминал корисника"),
    PinMethod.TRAINING.value: N_("обука: ова тастатура и овај екран"),
}

FORM_NAMES: dict[str, str] = {
    "obrazac_1": N_("Захтев, Образац 1"),
    "obrazac_2": N_("Захтев за деблокаду, Образац 2"),
    "obrazac_3": N_("Захтев за променом статуса, Образац 3"),
    "general_terms": N_("Општи услови издавања сертификата"),
    "agreement": N_("Уговор"),
    "status_confirmation": N_("Потврда о промени статуса"),
    "waiting_slip": N_("Потврда о поднетом захтеву"),
    "dossier_sheet": N_("лист за фасциклу"),
}

HELD_ITEMS: dict[str, str] = {
    "request": N_("Захтев (Образац 1)"),
    "unblock_request": N_("Захтев за деблокаду (Образац 2)"),
    "agreement": N_("Уговор - 1 примерак"),
    "general_terms": N_("Општи услови - 1 примерак"),
    "id_card": N_("личну карту"),
    "status_request": N_("Захтев за променом статуса (Образац 3)"),
    "status_confirmation": N_("потврду о промени статуса"),
}
