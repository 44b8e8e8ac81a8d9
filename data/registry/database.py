"""The door to the central database: one connection, whole transactions, errors by name."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from data.exchange_errors import MalformedFile, RegistryUnavailable

if TYPE_CHECKING:
    from psycopg import Connection, Cursor

T = TypeVar("T")
Work: TypeAlias = Callable[["Cursor[Any]"], T]
"""What is done in one transaction."""

TRIES = 8
AGAIN = frozenset({"40001", "40P01"})
"""Serialization failure and deadlock: nothing happened, the transaction is run again."""
PAUSE_S = 0.02


def _library() -> ModuleType:
    try:
        import psycopg
    except ImportError as error:
        raise RegistryUnavailable("psycopg is missing: pip install registration-kiosk[registry]") from error
    return psycopg


class Database:
    """The central database behind a connection string of libpq. For one thread; opened on first use, and after a break.

    Several hosts with `target_session_attrs=read-write` find the one that writes after a failover.
    """

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._connection: Connection[Any] | None = None

    def run(self, work: Work[T]) -> T:
        """Do `work` in one transaction and return when it is durable. Raises `RegistryUnavailable`.

        After that error nobody knows whether the transaction was committed: `work` must bear repeating.
        """
        psycopg = _library()
        for attempt in range(1, TRIES + 1):
            try:
                with self._errors(), self._opened().transaction(), self._opened().cursor() as cursor:
                    return work(cursor)
            except RegistryUnavailable as error:
                cause = error.__cause__
                if not isinstance(cause, psycopg.Error) or cause.sqlstate not in AGAIN or attempt == TRIES:
                    raise
                time.sleep(PAUSE_S * attempt)
        raise AssertionError

    def _opened(self) -> Connection[Any]:
        if self._connection is None or self._connection.closed:
            self._connection = _library().connect(self._dsn, autocommit=True)
            # What is acknowledged is on the disks of the primary and of the standby, whatever the server's default is.
            self._connection.execute("SET synchronous_commit = on")
        return self._connection

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except _library().DataError as error:
            # A value that the database does not take: the fault is the file's, and its transaction was rolled back.
            raise MalformedFile(f"a value that cannot be stored: {type(error).__name__}") from error
        except _library().Error as error:
            if self._connection is not None and self._connection.broken:
                self.close()
            raise RegistryUnavailable(f"{type(error).__name__}: {str(error).strip()}") from error

    def close(self) -> None:
        """Close the connection; it is opened again on the next use."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
