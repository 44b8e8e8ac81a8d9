"""Offices with a known fault: the proof must find each of them, or it proves nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from kiosk.enrolment.asking import Asking
from kiosk.enrolment.confirming import Confirming
from kiosk.orders import Act, Order
from tests.proofs.authority.cuts import Cut, Moment
from tests.proofs.authority.trial import Bench
from tests.proofs.tear.forked import in_fork

LAST_EVENT = 20


@dataclass(frozen=True)
class Mutant:
    """A fault, the house in which it shows, and the cuts among which it is looked for."""

    name: str
    house: str
    put_in: Callable[[], None]
    cuts: tuple[Cut, ...]

    def moment_that_finds_it(self, bench: Bench) -> str | None:
        """The first cut under which the proof falls short; `None` when it finds nothing. Works without a cut."""

        def search() -> str | None:
            self.put_in()
            if faults := bench.trial(Moment()):
                return f"not even a cut is needed: {faults}"
            moments = (Moment(cut, 1, kill) for cut in self.cuts for kill in (None, *range(1, LAST_EVENT)))
            return next((str(moment) for moment in moments if bench.trial(moment)), None)

        found: str | None = in_fork(search)
        return found


def send_before_persisting() -> None:
    """Sends first and stores the message afterwards."""
    send = Asking._send

    def _send(self: Asking, order: Order, question: object = None) -> Order:
        journal = self._journal
        kept: list[tuple[Order, Act]] = []

        class Late:
            def begin(self, order: Order, act: Act) -> None:
                kept.append((order, act))

            def finish(self, order: Order, act: Act) -> None:
                for begun in kept:
                    journal.begin(*begun)
                kept.clear()
                journal.finish(order, act)

            def orders(self, case_id: str) -> tuple[Order, ...]:
                return journal.orders(case_id)

        self._journal = Late()
        try:
            return send(self, order, question)  # type: ignore[arg-type]  # handed on as it came
        finally:
            self._journal = journal

    Asking._send = _send  # type: ignore[method-assign]


def new_transaction_on_retry() -> None:
    """Takes a new transaction for what was not answered."""

    def _resend(self: Asking, order: Order) -> Order:
        return self._prepare_and_send(replace(order, attempt=order.attempt + 1))

    def _settle(self: Asking, order: Order) -> Order:
        return _resend(self, order)

    Asking._settle = _settle  # type: ignore[method-assign]
    Asking._resend = _resend  # type: ignore[method-assign]


def confirms_nothing() -> None:
    """Takes a certificate for confirmed without a word to the authority."""

    def confirm(self: Confirming, order: Order) -> Order:
        confirmed = replace(order, state=self.done)
        self._journal.finish(confirmed, Act.CONFIRM)
        return confirmed

    Confirming.confirm = confirm  # type: ignore[method-assign]


MUTANTS = (
    Mutant("send-before-persisting", "cmp-repeats", send_before_persisting, (Cut.NONE,)),
    Mutant("new-transaction-on-retry", "cmp-once", new_transaction_on_retry, (Cut.ANSWER_LOST, Cut.ARRIVES_LATE)),
    Mutant("confirms-nothing", "cmp", confirms_nothing, (Cut.NONE,)),
)


def all_found(benches: dict[str, Bench]) -> int:
    """How many of `MUTANTS` were found; where, is printed."""
    found = 0
    for mutant in MUTANTS:
        moment = mutant.moment_that_finds_it(benches[mutant.house])
        print(f"authority/mutants/{mutant.name}: {moment or 'NOT FOUND'}", flush=True)
        found += moment is not None
    return found
