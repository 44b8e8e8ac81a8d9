"""What can go wrong between an office and the centre; one bad file never stops the others."""

from __future__ import annotations

from data.errors import ArchiveError


class ExchangeError(ArchiveError):
    """Base of what goes wrong between office and centre. Nothing of the file was taken over."""

    code = "К-0650"


class TornFile(ExchangeError):
    """The copy is not complete or was damaged on the way; take it again."""

    code = "К-0651"


class UnreadableFile(ExchangeError):
    """The file is whole, but was not encrypted to this reader."""

    code = "К-0652"


class MalformedFile(ExchangeError):
    """The file is whole and opens, but says nothing that this version understands."""

    code = "К-0653"


class UnknownSigner(ExchangeError):
    """Signed with a key that is not registered for this office, or no longer."""

    code = "К-0654"


class BadSignature(ExchangeError):
    """The signature does not fit: the file was made up or altered."""

    code = "К-0655"


class Gap(ExchangeError):
    """Rows `first` to `last` of `epoch` have not arrived yet; the file waits for them."""

    code = "К-0656"

    def __init__(self, office: str, epoch: int, first: int, last: int) -> None:
        super().__init__(f"office {office}, epoch {epoch}: rows {first} to {last} are missing")
        self.office, self.epoch, self.first, self.last = office, epoch, first, last


class Equivocation(ExchangeError):
    """The office signed two histories: row `seq` of `epoch`, or what is before it, differs from what was accepted."""

    code = "К-0657"

    def __init__(self, office: str, epoch: int, seq: int) -> None:
        super().__init__(f"office {office}, epoch {epoch}: row {seq} differs from what was accepted")
        self.office, self.epoch, self.seq = office, epoch, seq


class CarrierFault(ExchangeError):
    """The folder, the stick or the connection failed; what was carried stays, and the rest may be sent again."""

    code = "К-0658"


class RegistryUnavailable(ExchangeError):
    """The central database does not answer, or its answer is not certain; the same call may be made again."""

    code = "К-0670"


class RegistryDamaged(ExchangeError):
    """The central database contradicts itself; it names office, epoch and row."""

    code = "К-0671"
