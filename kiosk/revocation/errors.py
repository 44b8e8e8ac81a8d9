"""Why a revocation list is not taken; whatever was known before stays in use."""

from __future__ import annotations

from kiosk.ca.interface import AuthorityError


class ListRefused(AuthorityError):
    """Base of these. Nothing was replaced."""

    code = "К-0530"


class ListTorn(ListRefused):
    """The file is not a whole CRL: cut short, damaged, or something else altogether. Fetch it again."""

    code = "К-0531"


class ListForged(ListRefused):
    """The list is not signed by the authority it is expected from."""

    code = "К-0532"


class ListOlder(ListRefused):
    """The list is older than the one in use, which stays."""

    code = "К-0533"


class ListUnsupported(ListRefused):
    """The list says something that must be understood and is not (RFC 5280, 5.2 and 5.3), so none of it is used."""

    code = "К-0534"


class IndexDamaged(ListRefused):
    """The index on disk is not what was written; import the list again."""

    code = "К-0535"
