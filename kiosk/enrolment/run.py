"""One run over the orders of a case: from key pairs to proved certificates, each act begun and finished in the journal.

States and retry rules: `kiosk/orders.py`. The old pair stays usable until the new one is read back and proved.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace

from cryptography import x509
from cryptography.x509.oid import NameOID

from hardware.errors import CardSwapped, MalformedCardData, NoSuchKey, Unsupported
from hardware.interface import Chip, KeyPair, KeyPurpose
from kiosk.ca.interface import CertificationAuthority, SubjectData
from kiosk.ca.subject import UnusableSubject, subject_name
from kiosk.enrolment.asking import Asking
from kiosk.enrolment.chip_key import certification_request, prove_possession
from kiosk.enrolment.confirming import Confirming
from kiosk.enrolment.errors import OrderRejected, ProofFailed, WaitsForBundle
from kiosk.enrolment.interface import Stage
from kiosk.enrolment.new_pairs import unknown_pairs
from kiosk.enrolment.patience import Patience
from kiosk.enrolment.status import StatusOffice
from kiosk.orders import Act, EnrolmentJournal, Order, OrderState

NONCE_BYTES = 32


class Run:
    """One run over the orders of one case, on one chip; `orders` tells how far they have come, authentication first."""

    def __init__(
        self,
        authority: CertificationAuthority,
        journal: EnrolmentJournal,
        chip: Chip,
        subject: SubjectData,
        orders: list[Order],
        patience: Patience,
    ) -> None:
        self._asking = Asking(authority, journal, subject, patience)
        self._confirming = Confirming(authority, journal, subject)
        self._status = StatusOffice(authority, journal)
        self._journal = journal
        self._chip = chip
        self._subject = subject
        self.orders = orders
        self.token = chip.token()

    def check_orders(self) -> None:
        """Refuse what can never go on: a case that was withdrawn, another card than the one it began with."""
        for ended in (OrderState.WITHDRAWN, OrderState.REVOKED):
            if any(order.state is ended for order in self.orders):
                raise OrderRejected(ended.value, "")
        if any(order.token_serial not in ("", self.token.serial) for order in self.orders):
            raise CardSwapped

    def stages(self) -> tuple[tuple[Stage, Callable[[Order], Order]], ...]:
        return (
            (Stage.KEYS, self._make_key),
            (Stage.REQUESTS, self._make_request),
            (Stage.CERTIFICATES, self._ask_authority),
            (Stage.WRITE, self._write),
            (Stage.READ_BACK, self._read_back),
            (Stage.TIDY, self._tidy),
        )

    def each(self, act: Callable[[Order], Order]) -> None:
        waiting: WaitsForBundle | None = None
        for index, order in enumerate(self.orders):
            try:
                self.orders[index] = act(order)
            except WaitsForBundle as pending:
                # The bundle leaves once, and takes both orders.
                waiting = waiting or pending
        if waiting is not None:
            raise waiting

    # --- the key pair -------------------------------------------------------------------------------------------------

    def _make_key(self, order: Order) -> Order:
        if order.state is not OrderState.READY:
            return order
        if order.token_serial:
            pair = self._left_behind(order)
        else:
            order = self._intend_key(order)
            pair = None
        if pair is None:
            pair = self._chip.generate_key_pair(KeyPurpose(order.profile.value))
        made = replace(order, state=OrderState.KEY_MADE, key_id=pair.key_id, public_key=pair.public_key)
        self._journal.finish(made, Act.GENERATE)
        return made

    def _intend_key(self, order: Order) -> Order:
        present = self._chip.key_pairs()
        purpose = KeyPurpose(order.profile.value)
        intended = replace(
            order,
            token_serial=self.token.serial,
            keys_before=tuple(pair.key_id.hex() for pair in present),
            replaces=tuple(pair.key_id.hex() for pair in present if pair.purpose is purpose),
        )
        self._journal.begin(intended, Act.GENERATE)
        return intended

    def _left_behind(self, order: Order) -> KeyPair | None:
        """The pair an interrupted GENERATE of this order made, if it did; one that cannot sign is removed."""
        found = None
        for pair in unknown_pairs(self._chip, order, self.orders):
            if found is None and self._signs(pair):
                found = pair
            else:
                self._chip.delete_key_pair(pair.key_id)
        return found

    def _signs(self, pair: KeyPair) -> bool:
        try:
            certification_request(self._chip, pair, x509.Name([]))
        except (ProofFailed, NoSuchKey, MalformedCardData):
            return False
        return True

    # --- the request and the authority --------------------------------------------------------------------------------

    def _make_request(self, order: Order) -> Order:
        if order.state is not OrderState.KEY_MADE:
            return order
        self._journal.begin(order, Act.REQUEST)
        pair = KeyPair(key_id=order.key_id, purpose=None, public_key=order.public_key)
        csr = certification_request(self._chip, pair, self._requested_name(order), order.email)
        requested = replace(order, state=OrderState.REQUESTED, csr=csr)
        self._journal.finish(requested, Act.REQUEST)
        return requested

    def _requested_name(self, order: Order) -> x509.Name:
        """The name the certificate shall have: an authority behind a network learns it from the request alone."""
        try:
            return subject_name(self._subject, order.profile)
        except UnusableSubject:
            # The authority is the one to refuse it, in words that the clerk is shown.
            return x509.Name([x509.NameAttribute(NameOID.SERIAL_NUMBER, f"PNORS-{self._subject.personal_number}")])

    def _ask_authority(self, order: Order) -> Order:
        return self._confirming.confirm(self._asking.certify(order))

    # --- the chip again -----------------------------------------------------------------------------------------------

    def _write(self, order: Order) -> Order:
        if order.state not in (OrderState.ISSUED, OrderState.CONFIRMED):
            return order
        self._journal.begin(order, Act.WRITE)
        self._chip.write_certificate(order.key_id, order.certificate)
        written = replace(order, state=OrderState.WRITTEN)
        self._journal.finish(written, Act.WRITE)
        return written

    def _read_back(self, order: Order) -> Order:
        if order.state is not OrderState.WRITTEN:
            return order
        self._journal.begin(order, Act.READ_BACK)
        if self._certificate_on_chip(order) != order.certificate:
            # Not on the chip as written: writing the same certificate again is rule 1 of what to do, so go back one.
            self._journal.finish(replace(order, state=self._confirming.done), Act.READ_BACK)
            raise ProofFailed("read_back")
        prove_possession(self._chip, order.key_id, order.certificate, os.urandom(NONCE_BYTES))
        proved = replace(order, state=OrderState.READ_BACK)
        self._journal.finish(proved, Act.READ_BACK)
        return proved

    def _certificate_on_chip(self, order: Order) -> bytes | None:
        try:
            return self._chip.read_certificate(order.key_id)
        except MalformedCardData:
            return None

    def _tidy(self, order: Order) -> Order:
        if order.state is not OrderState.READ_BACK:
            return order
        order = self._status.release(order)
        self._journal.begin(order, Act.TIDY)
        for key_id in order.replaces:
            self._remove(bytes.fromhex(key_id))
        closed = replace(order, state=OrderState.CLOSED)
        self._journal.finish(closed, Act.TIDY)
        return closed

    def _remove(self, key_id: bytes) -> None:
        self._chip.delete_certificate(key_id)
        try:
            self._chip.delete_key_pair(key_id)
        except Unsupported:
            # A token that cannot delete keys keeps an old key without a certificate; no program will offer it.
            return
