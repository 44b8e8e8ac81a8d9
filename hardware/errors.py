"""What can go wrong between the kiosk and its devices; errors carry what the next person needs, never a secret."""

from __future__ import annotations


class HardwareError(Exception):
    """Base of everything the hardware layer raises. `code` is shown on the screen and told to support."""

    code = "К-0100"


class NoService(HardwareError):
    """The PC/SC service is not running, or its library is missing."""

    code = "К-0101"


class NoReader(HardwareError):
    """The service runs, but no card reader is plugged in."""

    code = "К-0102"


class ReaderUnavailable(HardwareError):
    """The reader is there but does not work: no power, no driver, or unplugged under way."""

    code = "К-0103"


class NoCard(HardwareError):
    """The reader is empty."""

    code = "К-0104"


WRONG_CARDS = {
    "apollo": "an identity card of 2008, which carries no certificates",
    "newer_generation": "an identity card of a generation that this kiosk cannot read yet",
    "health_card": "a health insurance card",
    "vehicle_licence": "a vehicle licence",
    "no_identity_data": "a card with keys but without the data of an identity card",
    "no_document": "a card whose identity data has no document in it",
    "no_data_applet": "not a Serbian identity card",
    "no_pki_applet": "an identity card without a place for certificates",
    "contactless": "a card on a contactless reader; put it into the reader that has a slot",
    "protocol": "a card that speaks no protocol of this reader",
    "mute": "a card that does not answer, or is not a chip card, or lies the wrong way round",
}
"""Every `WrongCard.reason`, in words for a technician."""


class WrongCard(HardwareError):
    """The card is not an identity card that can carry certificates. `reason` is a key of `WRONG_CARDS`."""

    code = "К-0105"

    def __init__(self, reason: str) -> None:
        super().__init__(f"not a card for certificates: {WRONG_CARDS.get(reason, reason)}")
        self.reason = reason


class NoDriver(NoReader):
    """A card reader is plugged into USB, but the PC/SC service has no driver for it. `device` is its own name."""

    code = "К-0106"

    def __init__(self, device: str) -> None:
        super().__init__(f"no driver for {device}")
        self.device = device


class TrustListInvalid(HardwareError):
    """The list of trusted ministry certificates cannot be used. `where` names the file, `reason` what is wrong."""

    code = "К-0107"

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(f"trusted certificates, {where}: {reason}")
        self.where = where
        self.reason = reason


class CardError(HardwareError):
    """Base of what goes wrong with a card that was being worked with."""

    code = "К-0200"


class CardRemoved(CardError):
    """The card left the reader, or was reset by another program, during an operation."""

    code = "К-0214"


class CardSwapped(CardError):
    """The card in the reader is not the one the case began with."""

    code = "К-0215"


class CardHangs(CardError):
    """The card or its driver has not answered within `seconds`."""

    code = "К-0216"

    def __init__(self, seconds: float) -> None:
        super().__init__(f"no answer for {seconds:g} s")
        self.seconds = seconds


class CardBusy(CardError):
    """Another program holds the card."""

    code = "К-0217"


class CardFault(CardError):
    """The card answered a command with an unexpected status word (ISO 7816-4)."""

    code = "К-0218"

    def __init__(self, instruction: int, status: int) -> None:
        super().__init__(f"INS {instruction:02X} answered {status:04X}")
        self.instruction = instruction
        self.status = status


class MalformedCardData(CardError):
    """The card's files do not follow their format. `where` names the file or field, never its content."""

    code = "К-0219"

    def __init__(self, where: str) -> None:
        super().__init__(f"malformed card data: {where}")
        self.where = where


class TokenMismatch(CardError):
    """The key store belongs to another document than the data applet."""

    code = "К-0220"


class CardFull(CardError):
    """The chip has no room for another key pair or certificate."""

    code = "К-0221"


class NoSuchKey(CardError):
    """The chip holds no key pair with that identifier."""

    code = "К-0222"


class NotUnlocked(CardError):
    """The card wants the PIN first; its session has ended."""

    code = "К-0223"


class Unsupported(CardError):
    """This token cannot do that. `feature` names what."""

    code = "К-0224"

    def __init__(self, feature: str) -> None:
        super().__init__(f"not supported by this token: {feature}")
        self.feature = feature


class ModuleFault(CardError):
    """The PKCS#11 module failed. `reason` is the name of its return value."""

    code = "К-0225"

    def __init__(self, reason: str) -> None:
        super().__init__(f"PKCS#11 module: {reason}")
        self.reason = reason


class PinError(HardwareError):
    """Base of what can happen while the citizen enters a PIN."""

    code = "К-0300"


class WrongPin(PinError):
    """The card refused the PIN. `tries_left` is `None` where the token does not count aloud."""

    code = "К-0301"

    def __init__(self, tries_left: int | None) -> None:
        super().__init__("wrong PIN" if tries_left is None else f"wrong PIN, {tries_left} tries left")
        self.tries_left = tries_left


class PinBlocked(PinError):
    """No tries left: the unblock with PIN change comes first."""

    code = "К-0302"


class PinEntryCancelled(PinError):
    """The citizen or the clerk cancelled the entry; no try was spent."""

    code = "К-0303"


class PinEntryExpired(PinError):
    """Nobody typed for too long; no try was spent."""

    code = "К-0304"


class PinEntryFault(PinError):
    """The device the PIN is typed on has failed; no try was spent."""

    code = "К-0305"


class NoPinPad(PinEntryFault):
    """The PIN is to be typed on the reader's own keys, and this reader cannot; no try was spent. `reason` says why."""

    code = "К-0307"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NoPinDevice(PinError):
    """This is no training card, and the desk has nothing of the citizen's own to type a PIN on; no try was spent."""

    code = "К-0308"


class UnblockRefused(PinError):
    """The card refused the answer to its challenge. `tries_left` counts the admin key's tries, if told."""

    code = "К-0306"

    def __init__(self, tries_left: int | None) -> None:
        super().__init__("unblock refused")
        self.tries_left = tries_left


class HostLost(HardwareError):
    """The device host ended under way (a vendor module may have aborted it); it is started again."""

    code = "К-0400"


class KeyServiceError(HardwareError):
    """Base of what goes wrong with the service that answers a card's challenge; no try of the card was spent."""

    code = "К-0410"


class NoKeyService(KeyServiceError):
    """Nobody at this desk can answer for this card. `reason` is a sentence that says what to set."""

    code = "К-0411"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class HsmLocked(KeyServiceError):
    """The operator has not logged in to the HSM in this sitting, or its session has ended."""

    code = "К-0412"


class HsmPinWrong(KeyServiceError):
    """The HSM refused the operator's PIN; it does not tell how many tries are left."""

    code = "К-0413"


class HsmPinBlocked(KeyServiceError):
    """The HSM takes no more PINs from this operator."""

    code = "К-0414"


class NoAdminKey(KeyServiceError):
    """The HSM has no key, or more than one, with the label that belongs to this card."""

    code = "К-0415"

    def __init__(self, label: str) -> None:
        super().__init__(f"no single DES3 key labelled {label}")
        self.label = label


class HsmFault(KeyServiceError):
    """The HSM or its module cannot be used. `reason` says why, in the name of a return value or in words of ours."""

    code = "К-0416"

    def __init__(self, reason: str) -> None:
        super().__init__(f"HSM: {reason}")
        self.reason = reason


class HsmHangs(KeyServiceError):
    """The HSM or its module has not answered within `seconds`."""

    code = "К-0417"

    def __init__(self, seconds: float) -> None:
        super().__init__(f"the HSM gave no answer for {seconds:g} s")
        self.seconds = seconds


class PrinterError(HardwareError):
    """Base of what goes wrong on the way to paper."""

    code = "К-0700"


class NoPrinterService(PrinterError):
    """CUPS does not run, or does not answer on its socket."""

    code = "К-0701"

    def __init__(self, reason: str) -> None:
        super().__init__(f"no printing service: {reason}")


class NoQueue(PrinterError):
    """CUPS runs, but has no such queue."""

    code = "К-0702"

    def __init__(self, queue: str) -> None:
        super().__init__(f"no printer queue {queue}")
        self.queue = queue


class PrinterRefused(PrinterError):
    """CUPS did not take the request. `reason` is its own word for why."""

    code = "К-0703"

    def __init__(self, reason: str) -> None:
        super().__init__(f"the printing service refused: {reason}")
        self.reason = reason


class PrinterAnswerMalformed(PrinterError):
    """The answer is not IPP. `where` names the part."""

    code = "К-0704"

    def __init__(self, where: str) -> None:
        super().__init__(f"malformed answer from the printing service: {where}")
        self.where = where
