"""What can stop an enrolment besides card and authority."""

from __future__ import annotations


class EnrolmentError(Exception):
    """Base of what stops an enrolment; whatever was made so far is kept in the journal."""

    code = "К-0550"


class StillPending(EnrolmentError):
    """The authority has not decided yet; ask again after `check_after_s` seconds."""

    code = "К-0551"

    def __init__(self, check_after_s: int) -> None:
        super().__init__(f"pending, ask again in {check_after_s} s")
        self.check_after_s = check_after_s


class WaitsForBundle(StillPending):
    """The authority is asked by files: the request leaves with the next bundle, or the answer is not back yet."""

    code = "К-0554"

    def __init__(self) -> None:
        super().__init__(0)
        self.args = ("waits for a bundle to the authority and back",)


class OrderRejected(EnrolmentError):
    """The authority refuses the order. `text` is the authority's own word on it."""

    code = "К-0552"

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(f"rejected: {reason}")
        self.reason = reason
        self.text = text


class ProofFailed(EnrolmentError):
    """What the chip gave back does not prove the certificate; the old pair stays. `what` names the check."""

    code = "К-0553"

    def __init__(self, what: str) -> None:
        super().__init__(f"not proved: {what}")
        self.what = what
