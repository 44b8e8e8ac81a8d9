"""What can go wrong with an authority, by what it means for the order: each error has one answer to it."""

from __future__ import annotations


class AuthorityError(Exception):
    """Base of what can go wrong with an authority. `code` is shown on the screen."""

    code = "К-0500"


class NotSent(AuthorityError):
    """Provably nothing left the machine, or nothing arrived; sending is safe."""

    code = "К-0501"


class Unknown(AuthorityError):
    """Bytes left the machine and no valid answer came; the same bytes are sent again, never a new request."""

    code = "К-0502"


class ProtocolAlarm(AuthorityError):
    """The answer is not what was asked for: bad signature, transaction, nonce, key, subject, profile or chain.

    Stop and report. The message begins with what differs.
    """

    code = "К-0503"


class DuplicateOrder(AuthorityError):
    """The order id, or the key, was already used for something else."""

    code = "К-0504"


class AuthorityUnusable(AuthorityError):
    """The authority's own key, certificate or register cannot be used; nothing was issued."""

    code = "К-0505"


class AuthFailed(AuthorityError):
    """The authority does not take us for its registration office, or our own certificate or key cannot be used.

    Nothing was issued for this message; an administrator must act.
    """

    code = "К-0506"


class ClockSkew(AuthorityError):
    """The authority says that our clock differs from its own by more than it allows; nothing was issued for it."""

    code = "К-0507"


class NotSupported(AuthorityError):
    """This authority cannot do that; its `capabilities` say so beforehand."""

    code = "К-0508"
