"""When an authority of our own may not issue."""

from __future__ import annotations

from kiosk.ca.errors import AuthorityUnusable


class NotPermitted(AuthorityUnusable):
    """Issuing on this machine is off, or the centre's permit is missing, over, used up or not its own.

    Nothing was entered or issued; the message says what to do.
    """

    code = "К-0520"
