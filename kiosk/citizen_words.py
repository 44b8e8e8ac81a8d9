"""Everything that is said to a citizen who enters a PIN, on this screen and on the citizen's own terminal."""

from __future__ import annotations

from hardware.citizen_phrases import Phrase
from kiosk.texts import N_, Language, Texts

LANGUAGES = tuple(Texts(language) for language in Language)
"""Where the citizen's language is not known, all of them at once."""

MESSAGES: dict[Phrase, str] = {
    Phrase.ASK_CURRENT: N_("УНЕСИТЕ СВОЈ ПИН"),
    Phrase.ASK_NEW: N_("УНЕСИТЕ НОВИ ПИН"),
    Phrase.ASK_NEW_AGAIN: N_("ПОНОВИТЕ НОВИ ПИН"),
    # Which PIN, and what it is for.
    Phrase.WHICH_CURRENT: N_("ПИН личне карте, из коверте"),
    Phrase.WHICH_CHANGED: N_("Ако сте га мењали: онај који сте сами изабрали"),
    Phrase.WHICH_NEW: N_("Нови ПИН личне карте: бирате га сами"),
    Phrase.WHICH_NEW_AGAIN: N_("Исти нови ПИН, још једном"),
    Phrase.WHY_CURRENT: N_("Њиме дозвољавате упис у своју личну карту."),
    Phrase.WHY_NEW: N_("Убудуће важи само он. Знате га само ви."),
    Phrase.WHY_NEW_AGAIN: N_("Тако се открива грешка у куцању."),
    Phrase.LENGTH: N_("Од {fewest} до {most} цифара"),
    # What a mistake costs.
    Phrase.TRIES_LEFT: N_("Преостало покушаја: {count}"),
    Phrase.LAST_TRY: N_("Ово је последњи покушај."),
    Phrase.AFTER_LAST: N_("После последње грешке ПИН је блокиран; деблокира се на овом шалтеру."),
    # Alone with it.
    Phrase.SHIELD: N_("Заклоните тастатуру руком."),
    Phrase.TELL_NOBODY: N_("ПИН не говорите никоме, ни службенику."),
    Phrase.DOT_ON_FIVE: N_("Испупчена тачка је на тастеру 5, у средини."),
    # Keys and time.
    Phrase.KEY_CONFIRM: N_("{key} потврђује"),
    Phrase.KEY_CLEAR: N_("{key} брише све"),
    Phrase.KEY_CANCEL: N_("{key} отказује, увек"),
    Phrase.SECONDS_LEFT: N_("Још {seconds} s"),
    Phrase.HURRY: N_("Време истиче. Било који тастер даје још времена."),
    # How it goes.
    Phrase.WAITING: N_("Чекам унос"),
    Phrase.UNDER_WAY: N_("Унос у току"),
    Phrase.CLEARED: N_("Обрисано"),
    Phrase.TOO_SHORT: N_("Премало цифара (бар {fewest})"),
    Phrase.DIFFERENT: N_("Два уноса нису једнака"),
    Phrase.ALL_EQUAL: N_("Све цифре су исте"),
    Phrase.RUN: N_("То је низ, као 1234"),
    Phrase.BIRTH_DATE: N_("То је датум рођења"),
    Phrase.PERSONAL_NUMBER: N_("То је део ЈМБГ"),
    Phrase.DOCUMENT_NUMBER: N_("То је део броја карте"),
    Phrase.OLD_PIN: N_("То је стари ПИН"),
    Phrase.CHOOSE_ANOTHER: N_("Изаберите други ПИН."),
    Phrase.CANCEL_ON_PAD: N_("Унос прекида само тастер за отказивање на читачу."),
    Phrase.CHECKING: N_("Проверавам"),
    # How it ended.
    Phrase.ACCEPTED: N_("ПИН је прихваћен"),
    Phrase.WRONG: N_("ПИН НИЈЕ ИСПРАВАН"),
    Phrase.BLOCKED: N_("ПИН ЈЕ БЛОКИРАН"),
    Phrase.UNBLOCK_HERE: N_("Деблокира се на овом шалтеру: бирате нови ПИН."),
    Phrase.CANCELLED: N_("УНОС ЈЕ ОТКАЗАН"),
    Phrase.EXPIRED: N_("ВРЕМЕ ЈЕ ИСТЕКЛО"),
    Phrase.FAILED: N_("УНОС НИЈЕ УСПЕО"),
    Phrase.UNBLOCK_REFUSED: N_("ДЕБЛОКАДА НИЈЕ УСПЕЛА"),
    Phrase.NO_TRY_SPENT: N_("Ниједан покушај није потрошен."),
    Phrase.LEAVE_CARD: N_("Не вадите карту из читача."),
    Phrase.CLERK_GOES_ON: N_("Службеник ће вам рећи шта следи."),
    # Between two entries.
    Phrase.PLEASE_WAIT: N_("МОЛИМО САЧЕКАЈТЕ"),
    Phrase.NOT_YET: N_("ПИН уносите тек кад га овај екран затражи."),
    Phrase.NOT_IN_SERVICE: N_("ОВАЈ ЕКРАН ТРЕНУТНО НЕ РАДИ"),
    Phrase.ASK_CLERK: N_("Обратите се службенику."),
    Phrase.ANOTHER_SCREEN: N_("Већ ради други екран за унос ПИН-а."),
    Phrase.TRAINING: N_("ОБУКА: измишљен ПИН"),
}


def said(phrase: Phrase, texts: Texts, **values: object) -> str:
    """A phrase in one language. Raises `KeyError` when one of its places has no value."""
    return texts(MESSAGES[phrase], **values)


def in_every_language(phrase: Phrase, **values: object) -> tuple[str, ...]:
    """A phrase in Cyrillic, Latin and English."""
    return tuple(said(phrase, texts, **values) for texts in LANGUAGES)


def words(language: Language) -> dict[Phrase, str]:
    """All phrases in one language, their places left open: for the citizen's terminal, which knows no catalogue."""
    texts = Texts(language)
    return {phrase: texts.look_up(message) for phrase, message in MESSAGES.items()}
