"""Evidence of a step, as a clerk or an inspector reads it: field by field, in words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from kiosk.ca.interface import StatusAction
from kiosk.status_reasons import REASONS
from kiosk.texts import N_, Texts
from screens.parts.status_words import ACTIONS
from screens.parts.words import HELD_ITEMS, PIN_METHOD

LABELS: dict[str, str] = {
    "circled_option": N_("заокружен број"),
    "is_signed": N_("својеручно потписано"),
    "identity_compared": N_("лице упоређено"),
    "email_wish": N_("е-пошта на Захтеву"),
    "signed_copies": N_("потписаних примерака"),
    "terms_edition": N_("издање Општих услова"),
    "agreement_number": N_("број Уговора"),
    "signed_in_presence": N_("потписано пред службеником"),
    "stamped_copies": N_("оверених примерака"),
    "email_in_certificate": N_("е-пошта у сертификату"),
    "pin_method": N_("унос ПИН-а"),
    "tries_left": N_("преостало покушаја"),
    "citizen_knows_pin": N_("корисник зна ПИН"),
    "document_number": N_("број карте"),
    "token_serial": N_("чип"),
    "authentication_serial": N_("сертификат за пријаву"),
    "signature_serial": N_("сертификат за потпис"),
    "read_back": N_("прочитано и проверено"),
    "filed": N_("одложено на чување"),
    "handed_over": N_("предато кориснику"),
    "dossier": N_("фасцикла"),
    "pin_choice": N_("избор за ПИН"),
    "clerk_signed": N_("пријем потврђен потписом"),
    "tries_left_before": N_("покушаја пре деблокаде"),
    "action": N_("тражена промена"),
    "serials": N_("сертификати"),
    "revocation_reason": N_("разлог опозива"),
    "received_at": N_("захтев примљен"),
    "due_by": N_("мора да важи до"),
    "changed": N_("спроведено"),
    "refused": N_("одбијено"),
    "in_effect_at": N_("важи од"),
    "in_time": N_("у прописаном року"),
}

MOMENTS = ("received_at", "due_by", "in_effect_at")


def evidence_fields(facts: dict[str, Any], texts: Texts) -> Iterator[tuple[str, str]]:
    """Label and value of each fact; a field that a later edition added keeps its code name."""
    for name, value in facts.items():
        label = texts(LABELS[name]) if name in LABELS else name
        yield label, _value(name, value, texts)


def _value(name: str, value: Any, texts: Texts) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return texts("да") if value else texts("не")
    if isinstance(value, list | tuple):
        return ", ".join(texts(HELD_ITEMS[item]) if item in HELD_ITEMS else str(item) for item in value)
    if name == "action":
        return texts(ACTIONS[StatusAction(value)])
    if name == "revocation_reason":
        return texts(REASONS[value][0]) if value else "-"
    if name in MOMENTS:
        return f"{datetime.fromisoformat(value).astimezone():%d.%m.%Y. %H:%M}"
    if name == "pin_method" and value in PIN_METHOD:
        return texts(PIN_METHOD[value])
    if name == "pin_choice" and value == "change":
        return texts("промена")
    return str(value)
