"""Every fault in three sentences: what happened, what is safe now, what to do next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from data import errors as archive
from hardware import errors as hardware
from kiosk import printing
from kiosk.ca import interface as authority
from kiosk.ca import permit_errors as permit
from kiosk.documents import errors as documents
from kiosk.enrolment import errors as enrolment
from kiosk.status_asking import StatusPending
from kiosk.texts import N_
from screens.pin_device_words import WORDS as PIN_DEVICE


@dataclass(frozen=True, slots=True)
class FaultWords:
    """Messages of the catalogue."""

    cause: str
    safe: str
    next: str
    values: Mapping[str, object] = field(default_factory=dict)
    """What the messages have in braces."""


KEPT = N_("Све што је до сада забележено је сачувано; ништа се не потписује поново.")
NO_TRY = N_("Покушај за ПИН није потрошен. Све забележено је сачувано.")
NOTHING_BEGUN = N_("Ништа није започето и ништа није измењено.")
ROLLED_BACK = N_("Оно што је раније потврђено стоји; ова једна промена није уписана.")
SAME_CARD = N_("Вратите исту карту, па 1. Корисник поново уноси ПИН.")
TRY_AGAIN = N_("Покушајте поново са 1. Ако се понови, одложите предмет и позовите подршку.")
NEW_CARD = N_("Одложите предмет; кориснику је потребна нова лична карта.")
SUPPORT = N_("Одложите предмет и позовите подршку; кажите код.")
READER = N_("Проверите кабл читача и службу pcscd, па 1.")
PRINTER = N_("Проверите штампач, па поново F7. Папири се могу штампати и касније.")

WORDS: dict[type[Exception], FaultWords] = {
    hardware.NoService: FaultWords(N_("Служба читача картица не ради"), NO_TRY, READER),
    hardware.NoReader: FaultWords(N_("Читач картица није прикључен"), NO_TRY, READER),
    hardware.ReaderUnavailable: FaultWords(N_("Читач картица је прикључен, али не ради"), NO_TRY, READER),
    hardware.NoDriver: FaultWords(
        N_("Читач је прикључен, али за њега нема програма"), NOTHING_BEGUN, N_("Позовите подршку: пакет libccid, па 1.")
    ),
    hardware.TrustListInvalid: FaultWords(
        N_("Листа поверених сертификата Министарства није исправна"), NOTHING_BEGUN, SUPPORT
    ),
    hardware.NoCard: FaultWords(N_("У читачу нема карте"), NO_TRY, N_("Убаците личну карту, па 1.")),
    hardware.WrongCard: FaultWords(
        N_("Ова карта не може да носи сертификате"),
        NOTHING_BEGUN,
        N_("Вратите карту кориснику; потребна је нова карта."),
    ),
    hardware.CardRemoved: FaultWords(N_("Карта је извађена током рада"), KEPT, SAME_CARD),
    hardware.CardSwapped: FaultWords(N_("У читачу је друга карта, а не она из предмета"), KEPT, SAME_CARD),
    hardware.CardHangs: FaultWords(N_("Карта или читач не одговара"), KEPT, N_("Извадите и вратите исту карту, па 1.")),
    hardware.CardBusy: FaultWords(
        N_("Други програм држи карту"), KEPT, N_("Затворите други програм који чита карту, па 1.")
    ),
    hardware.CardFault: FaultWords(N_("Карта је одбила наредбу"), KEPT, TRY_AGAIN),
    hardware.MalformedCardData: FaultWords(
        N_("Подаци на карти нису исправног облика"),
        KEPT,
        N_("Обришите чип и покушајте поново са 1. Иначе: нова карта."),
    ),
    hardware.TokenMismatch: FaultWords(N_("Кључеви у чипу припадају другом документу"), KEPT, SUPPORT),
    hardware.CardFull: FaultWords(N_("У чипу нема места за нове кључеве"), KEPT, SUPPORT),
    hardware.NoSuchKey: FaultWords(N_("У чипу нема кључа који је ту био"), KEPT, TRY_AGAIN),
    hardware.NotUnlocked: FaultWords(N_("Карта поново тражи ПИН"), KEPT, N_("1 - корисник поново уноси ПИН.")),
    hardware.Unsupported: FaultWords(N_("Овај чип или уређај то не може"), KEPT, SUPPORT),
    hardware.ModuleFault: FaultWords(N_("Програм за картицу (PKCS#11) јавља грешку"), KEPT, TRY_AGAIN),
    hardware.WrongPin: FaultWords(
        N_("ПИН није исправан"), N_("Потрошен је један покушај. Све забележено је сачувано."), N_("1 - нови унос.")
    ),
    hardware.PinBlocked: FaultWords(
        N_("ПИН је блокиран"), KEPT, N_("1 - прво деблокада са променом ПИН-а, па назад у овај предмет.")
    ),
    hardware.PinEntryCancelled: FaultWords(N_("Унос ПИН-а је отказан"), NO_TRY, N_("1 - нови унос.")),
    hardware.PinEntryExpired: FaultWords(N_("Време за унос ПИН-а је истекло"), NO_TRY, N_("1 - нови унос.")),
    hardware.PinEntryFault: FaultWords(N_("Тастатура корисника не ради"), NO_TRY, N_("Проверите њен кабл, па 1.")),
    hardware.NoPinDevice: FaultWords(
        N_("Овде нема уређаја на коме корисник сам уноси ПИН"),
        NO_TRY,
        N_("Тастатура службеника је само за обуку. Прикључите уређај, па kiosk.toml."),
    ),
    hardware.UnblockRefused: FaultWords(
        N_("Карта је одбила деблокаду"), N_("ПИН је остао какав је био. Све забележено је сачувано."), SUPPORT
    ),
    hardware.NoKeyService: FaultWords(
        N_("На овом радном месту нико не може да одговори за ову карту"),
        NO_TRY,
        N_("Подршка: kiosk.toml, [key_service], kind = hsm или centre."),
    ),
    hardware.HsmLocked: FaultWords(N_("HSM је закључан"), NO_TRY, N_("1 - оператер уноси ПИН HSM-а, па се наставља.")),
    hardware.HsmPinWrong: FaultWords(
        N_("ПИН оператера HSM-а није исправан"),
        N_("Карта није дирана. HSM не каже колико је покушаја остало."),
        N_("1 - нови унос."),
    ),
    hardware.HsmPinBlocked: FaultWords(
        N_("HSM више не прима ПИН овог оператера"), NO_TRY, N_("Позовите администратора HSM-а; предмет одложите.")
    ),
    hardware.NoAdminKey: FaultWords(
        N_("HSM нема кључ за ову карту, или их има више"),
        NO_TRY,
        N_("Одложите предмет; кључ уноси администратор HSM-а."),
    ),
    hardware.HsmFault: FaultWords(
        N_("HSM или његов програм не ради"), NO_TRY, N_("Проверите HSM и [key_service] у kiosk.toml, па 1.")
    ),
    hardware.HsmHangs: FaultWords(N_("HSM не одговара"), NO_TRY, N_("Проверите HSM и везу до њега, па 1.")),
    hardware.HostLost: FaultWords(N_("Прекинут је рад са уређајима; покрећу се поново"), KEPT, SAME_CARD),
    hardware.NoPrinterService: FaultWords(N_("Служба за штампу не ради"), KEPT, PRINTER),
    hardware.NoQueue: FaultWords(N_("Подешени штампач не постоји"), KEPT, PRINTER),
    hardware.PrinterRefused: FaultWords(N_("Штампач је одбио посао"), KEPT, PRINTER),
    hardware.PrinterAnswerMalformed: FaultWords(N_("Служба за штампу је одговорила неразумљиво"), KEPT, PRINTER),
    documents.MissingGlyph: FaultWords(
        N_("Име или адреса имају слово које обрасци немају"),
        KEPT,
        N_("Образац попуните руком: празан је под 7 на листи."),
    ),
    documents.TooLong: FaultWords(
        N_("Податак је дужи од стране обрасца"), KEPT, N_("Образац попуните руком: празан је под 7 на листи.")
    ),
    printing.FormNotSaved: FaultWords(
        N_("Образац није могао да се сачува на диску"), KEPT, N_("Ослободите место, па поново F7.")
    ),
    authority.NotSent: FaultWords(
        N_("Сертификационо тело није доступно; захтев није послат"),
        KEPT,
        N_("Проверите везу, па 1. Исти захтев се шаље."),
    ),
    authority.Unknown: FaultWords(
        N_("Захтев је послат, али одговор није стигао"), KEPT, N_("1 - исти захтев се шаље поново, никад нови.")
    ),
    authority.ProtocolAlarm: FaultWords(
        N_("Одговор сертификационог тела не одговара захтеву"), N_("Ништа од одговора није уписано у чип."), SUPPORT
    ),
    authority.AuthFailed: FaultWords(
        N_("Сертификационо тело не прихвата потпис регистрационог тела"),
        KEPT,
        N_("Одложите предмет и позовите подршку: сертификат регистрационог тела је истекао или није пријављен."),
    ),
    authority.ClockSkew: FaultWords(
        N_("Сат рачунара се разликује од сата сертификационог тела"),
        KEPT,
        N_("Подесите сат, па 1. Исти захтев се шаље."),
    ),
    authority.DuplicateOrder: FaultWords(N_("Тај захтев је већ искоришћен за нешто друго"), KEPT, SUPPORT),
    authority.AuthorityUnusable: FaultWords(
        N_("Сертификационо тело не може да потписује"), N_("Ништа није издато. Све забележено је сачувано."), SUPPORT
    ),
    authority.NotSupported: FaultWords(N_("Ово сертификационо тело не уме да спроведе ту промену"), KEPT, SUPPORT),
    permit.NotPermitted: FaultWords(
        N_("Издавање на овом рачунару није дозвољено: дозвола центра недостаје, истекла је или је потрошена"),
        N_("Ништа није издато. Све забележено је сачувано."),
        N_("Одложите предмет; дозволу даје центар (kiosk authority permit), па 1."),
    ),
    StatusPending: FaultWords(
        N_("Сертификационо тело је примило захтев, али га још није спровело"),
        KEPT,
        N_("Одложите предмет; наставља се истим захтевом."),
    ),
    enrolment.WaitsForBundle: FaultWords(
        N_("Захтев чека пакет за сертификационо тело, или одговор на њега"),
        KEPT,
        N_("Одложите предмет; наставља се када одговор стигне пакетом."),
    ),
    enrolment.StillPending: FaultWords(
        N_("Сертификационо тело још није одлучило"), KEPT, N_("Одложите предмет; наставља се истим захтевом.")
    ),
    enrolment.OrderRejected: FaultWords(N_("Сертификационо тело је одбило захтев"), KEPT, SUPPORT),
    enrolment.ProofFailed: FaultWords(
        N_("Оно што је прочитано из чипа не доказује сертификат"), N_("Стари кључеви су остали у чипу."), TRY_AGAIN
    ),
    archive.ArchiveLocked: FaultWords(
        N_("Архиву држи други програм"), ROLLED_BACK, N_("Сачекајте тренутак, па 1 - уписује се исто.")
    ),
    archive.DiskFull: FaultWords(
        N_("На диску нема места"), ROLLED_BACK, N_("Ослободите место, па 1 - уписује се исто.")
    ),
    archive.DiskFault: FaultWords(N_("Диск је одбио упис или читање"), ROLLED_BACK, SUPPORT),
    archive.WrongKey: FaultWords(N_("Кључ не отвара архиву"), ROLLED_BACK, SUPPORT),
    archive.ArchiveDamaged: FaultWords(
        N_("Архива је оштећена"), ROLLED_BACK, N_("Не поправљајте ручно: враћа се из копије.")
    ),
    archive.ArchiveTooNew: FaultWords(N_("Архиву је отворио новији програм"), ROLLED_BACK, SUPPORT),
    archive.ArchiveUnusable: FaultWords(N_("Диск не може да јемчи упис архиве"), ROLLED_BACK, SUPPORT),
    archive.KeyFileUnusable: FaultWords(N_("Датотека са кључем архиве није употребљива"), ROLLED_BACK, SUPPORT),
    archive.UnknownCase: FaultWords(N_("Тог предмета нема у архиви"), ROLLED_BACK, SUPPORT),
    archive.RecordConflict: FaultWords(N_("Промена се не слаже са архивом"), ROLLED_BACK, SUPPORT),
    archive.EvidenceIncomplete: FaultWords(
        N_("Предмету недостаје доказ који мора да постоји"),
        ROLLED_BACK,
        N_("Вратите се на корак, допуните, па завршите."),
    ),
    archive.DiskNearlyFull: FaultWords(
        N_("На диску је остало мало места"),
        N_("Започето може да се доврши; нов предмет се не отвара."),
        N_("Ослободите место, па 1."),
    ),
    archive.DiskUntrusted: FaultWords(
        N_("Диск није потврдио упис"),
        N_("Све што је раније потврђено је сачувано."),
        N_("Прекините рад и покрените програм поново."),
    ),
    archive.HeadForked: FaultWords(
        N_("Врх дневника противречи ономе што је центар видео"), KEPT, N_("Прекините рад и позовите центар.")
    ),
    archive.HeadBehind: FaultWords(
        N_("Архиви недостају редови које центар има"), KEPT, N_("Не издајте ништа; позовите центар.")
    ),
    archive.KeySlotRefused: FaultWords(N_("Ниједан кључ који имамо не отвара архиву"), ROLLED_BACK, SUPPORT),
    archive.BackupUnusable: FaultWords(N_("Копија архиве није употребљива"), ROLLED_BACK, SUPPORT),
    archive.MustBeKept: FaultWords(
        N_("Рок чувања још није истекао"), ROLLED_BACK, N_("Обрада предмета може да се ограничи.")
    ),
}

BASES: dict[type[Exception], FaultWords] = {
    hardware.CardError: FaultWords(N_("Рад са картом није успео"), KEPT, TRY_AGAIN),
    hardware.PinError: FaultWords(N_("Унос ПИН-а није успео"), NO_TRY, TRY_AGAIN),
    hardware.KeyServiceError: FaultWords(N_("Нема одговора на изазов карте"), NO_TRY, TRY_AGAIN),
    hardware.PrinterError: FaultWords(N_("Штампа није успела"), KEPT, PRINTER),
    hardware.HardwareError: FaultWords(N_("Уређај није одговорио како треба"), KEPT, TRY_AGAIN),
    documents.DocumentError: FaultWords(N_("Образац није направљен"), KEPT, PRINTER),
    authority.AuthorityError: FaultWords(N_("Рад са сертификационим телом није успео"), KEPT, TRY_AGAIN),
    enrolment.EnrolmentError: FaultWords(N_("Издавање није довршено"), KEPT, TRY_AGAIN),
    archive.ArchiveError: FaultWords(N_("Упис у архиву није успео"), ROLLED_BACK, TRY_AGAIN),
}


WRONG_CARD: dict[str, str] = {
    "apollo": N_("Ово је лична карта из 2008. године: она не носи сертификате"),
    "newer_generation": N_("Ово је лична карта новије врсте, коју овај програм још не чита"),
    "health_card": N_("Ово је здравствена картица, а не лична карта"),
    "vehicle_licence": N_("Ово је саобраћајна дозвола, а не лична карта"),
    "no_identity_data": N_("Ово је картица са кључевима, али није лична карта"),
    "no_document": N_("На карти нема података о документу"),
    "no_data_applet": N_("Ово није српска лична карта"),
    "no_pki_applet": N_("Ова лична карта нема место за сертификате"),
    "contactless": N_("Читач је бесконтактни; карта иде у читач са прорезом"),
    "protocol": N_("Карта и читач се не разумеју"),
    "mute": N_("Карта не одговара: није чип-карта или је окренута наопако"),
}
"""What the card is, by `WrongCard.reason`."""


def words_of(fault: Exception) -> FaultWords:
    """The words of a fault that happened; a wrong card is told by what it is. Raises `KeyError` as `words_for`."""
    words = words_for(type(fault))
    if isinstance(fault, hardware.WrongCard) and fault.reason in WRONG_CARD:
        return replace(words, cause=WRONG_CARD[fault.reason])
    if isinstance(fault, hardware.UnblockRefused) and fault.tries_left is not None:
        return _refused(words, fault.tries_left)
    if isinstance(fault, hardware.PinEntryFault) and str(fault) in PIN_DEVICE:
        cause, remedy = PIN_DEVICE[str(fault)]
        return replace(words, cause=cause, next=remedy)
    return words


def _refused(words: FaultWords, tries_left: int) -> FaultWords:
    """The tries of the card's admin key: without them nobody can unblock that card any more."""
    if tries_left == 0:
        return replace(words, cause=N_("Карта више не прима деблокаду: њен кључ је блокиран"), next=NEW_CARD)
    return replace(
        words,
        cause=N_("Карта је одбила одговор; деблокади остало покушаја: {count}"),
        next=N_("Не понављајте исто: проверите одакле је одговор. 1 - нови изазов."),
        values={"count": tries_left},
    )


def words_for(kind: type[Exception]) -> FaultWords:
    """The words of this fault, or of the nearest kind it belongs to. Raises `KeyError` for what is no fault."""
    for ancestor in kind.__mro__:
        if (words := WORDS.get(ancestor) or BASES.get(ancestor)) is not None:
            return words
    raise KeyError(kind.__name__)
