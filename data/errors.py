"""What can go wrong with the archive; no exception of SQLite leaves this room."""

from __future__ import annotations

from datetime import date


class ArchiveError(Exception):
    """Base of everything the archive raises. `code` is shown on the screen and told to support.

    Whatever was acknowledged before stays; the change under way was rolled back whole.
    """

    code = "К-0600"


class ArchiveLocked(ArchiveError):
    """Another program holds the archive for writing, longer than the bounded wait; the same call may be tried again."""

    code = "К-0601"


class DiskFull(ArchiveError):
    """The disk has no room for the change; once there is room the same call may be tried again."""

    code = "К-0602"


class DiskFault(ArchiveError):
    """The disk, or the file's permissions, refused a read or a write."""

    code = "К-0603"


class WrongKey(ArchiveError):
    """The key does not open the file (or the file's first page is damaged: the two look the same)."""

    code = "К-0604"


class ArchiveDamaged(ArchiveError):
    """A page or a stored value is not what was written; restore from a backup, do not repair by hand."""

    code = "К-0605"


class ArchiveTooNew(ArchiveError):
    """A newer version of the kiosk has changed the archive's tables; this version does not touch them."""

    code = "К-0606"


class ArchiveUnusable(ArchiveError):
    """The SQLite library or the file system cannot give the durability the archive rests on; nothing was written."""

    code = "К-0607"


class KeyFileUnusable(ArchiveError):
    """The key file is missing beside an existing archive, has a wrong length, or may be read by other users."""

    code = "К-0608"


class UnknownCase(ArchiveError):
    """The archive has no case with that number. `case_id` is the number asked for."""

    code = "К-0609"

    def __init__(self, case_id: str) -> None:
        super().__init__(f"no case {case_id}")
        self.case_id = case_id


class RecordConflict(ArchiveError):
    """The change contradicts the archive: a number taken, a case that has ended, a row that may not change."""

    code = "К-0610"


class BadCheckpoint(ArchiveError):
    """A checkpoint is malformed, of another office, or not signed by the key that should have signed it."""

    code = "К-0611"


class HeadForked(ArchiveError):
    """Two heads contradict each other: of the same rows one of them tells other content. Stop and call the centre."""

    code = "К-0612"


class HeadBehind(ArchiveError):
    """The archive ends before a head that was vouched for elsewhere. `missing` rows are known there and not here."""

    code = "К-0613"

    def __init__(self, missing: int) -> None:
        super().__init__(f"{missing} rows are missing here")
        self.missing = missing


class EvidenceIncomplete(ArchiveError):
    """The case lacks what must be recorded of every registration (ETSI EN 319 411-1, REG-6.4.5-04); it stays open.

    `missing` holds the letters of that list.
    """

    code = "К-0614"

    def __init__(self, case_id: str, missing: tuple[str, ...]) -> None:
        super().__init__(f"case {case_id} lacks {', '.join(missing)} of REG-6.4.5-04")
        self.missing = missing


class KeySlotRefused(ArchiveError):
    """No key slot opens: another card, pass phrase or recovery key than the archive was given; nothing was opened."""

    code = "К-0615"


class BackupUnusable(ArchiveError):
    """A backup cannot be made, opened or verified as it must be; the archive itself is untouched."""

    code = "К-0616"


class DiskNearlyFull(ArchiveError):
    """There is room to finish what was begun, and not for a new case; make room first."""

    code = "К-0617"


class DiskUntrusted(ArchiveError):
    """The disk did not confirm a write: stop work and start the program again.

    Whether the last change was kept is known after that; nothing acknowledged before is lost.
    """

    code = "К-0618"


class MustBeKept(ArchiveError):
    """The term of keeping has not run out, so that erasing would be against the law; restrict the case instead.

    `until` is the last day of the term; `None` when the archive has nothing of that citizen.
    """

    code = "К-0619"

    def __init__(self, until: date | None) -> None:
        super().__init__(f"must be kept until {until.isoformat()}" if until else "nothing to erase")
        self.until = until
