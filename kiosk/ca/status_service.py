"""The status side of an authority of our own: changes what a certificate's status is, and says so by CRL.

A change is one commit. Its list comes after it, with a number of its own; a cut between the two leaves the list due,
and the same change asked for again, or the daily run, brings it out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from cryptography import x509

from kiosk.ca.authority_key import AuthorityKey
from kiosk.ca.crl import VALID_FOR, revocation_list
from kiosk.ca.files import replacing
from kiosk.ca.interface import AuthorityUnusable, Done, Rejected, StatusChange
from kiosk.ca.register import IssuedRegister
from kiosk.ca.status import FinalStatus, changed

NO_SUCH_CERTIFICATE = Rejected(code="badCertId", text="Сертификат са тим серијским бројем није издат.")
IS_REVOKED = Rejected(code="certRevoked", text="Опозван сертификат не може да се суспендује ни поново активира.")


class StatusService:
    """Changes statuses in `register` and keeps the CRL at `published` up to date. `clock` gives the time in UTC."""

    def __init__(
        self, register: IssuedRegister, ca: AuthorityKey, clock: Callable[[], datetime], published: Path
    ) -> None:
        self._register = register
        self._ca = ca
        self._clock = clock
        self._published = published

    def change(self, change: StatusChange) -> Done | Rejected:
        """Make the change and publish the list that tells of it; asked again, it is as if asked once.

        Raises `AuthorityUnusable`; if it came from the list, the change stands and the list is still due.
        """
        now = self._clock()
        try:
            found = self._register.change_status(change.serial, lambda current: changed(current, change, now), now)
        except FinalStatus:
            return IS_REVOKED
        if found is None:
            return NO_SUCH_CERTIFICATE
        if self.is_due():
            self.publish()
        return Done()

    def is_due(self) -> bool:
        """Whether the list that is out does not tell all, or soon ends. Raises `AuthorityUnusable`."""
        number, next_update = self._published_list()
        return self._register.is_list_due(number) or next_update - self._clock() < VALID_FOR / 2

    def publish(self) -> bytes:
        """Sign the next CRL and put it in the place of the last one; DER. Raises `AuthorityUnusable`."""
        self._ca.check(now := self._clock())
        this_update = now.replace(microsecond=0)
        der = revocation_list(self._ca, self._register.issue_list(this_update, this_update + VALID_FOR))
        with self._named_errors(), replacing(self._published, 0o644) as file:
            file.write(der)
        return der

    def _published_list(self) -> tuple[int, datetime]:
        """Number and nextUpdate of the list that is out; 0 and now where there is none, or one that cannot be read."""
        with self._named_errors():
            try:
                crl = x509.load_der_x509_crl(self._published.read_bytes())
                number = crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number
            except (FileNotFoundError, ValueError, x509.ExtensionNotFound):
                return 0, self._clock()
        return number, crl.next_update_utc or self._clock()

    @contextmanager
    def _named_errors(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise AuthorityUnusable(f"{self._published.name}: {error.strerror}") from error
